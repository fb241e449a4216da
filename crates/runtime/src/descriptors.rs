//! Open files and connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than a process here ever has.
const ENOUGH: u64 = 65_536;

/// Lets this process have as many open files and connections as the system lets it ask for: many systems begin with 1,024,
/// which is fewer than `gateway.max_connections` and what the stores need. What cannot be had is done without.
pub fn raise_descriptor_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(ENOUGH).min(ENOUGH);
    let Some(current) = current.filter(|current| *current < wanted) else { return };
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        tracing::warn!(%error, "this process keeps its limit of {current} open files and connections");
    }
}
