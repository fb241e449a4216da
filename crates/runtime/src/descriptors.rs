//! Open files and connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than a process here ever needs.
const ENOUGH: u64 = 65_536;

/// Raises this process's limit of open files and connections as far as the system allows. Many
/// systems start with 1,024, which is less than `gateway.max_connections` plus what the stores
/// need. A failure is ignored.
pub fn raise_descriptor_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(ENOUGH).min(ENOUGH);
    let Some(current) = current.filter(|current| *current < wanted) else { return };
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        tracing::warn!(%error, "this process keeps its limit of {current} open files and connections");
    }
}
