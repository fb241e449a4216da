//! The job of an upload that begins.

use rethread_model::{Job, JobId, NewJob};
use rethread_runtime::trace_parent;

use crate::auth::Admin;
use crate::gateway::Gateway;
use crate::options::Wanted;
use crate::problem::Problem;

/// A job for a file of `announced_bytes`, if its sender said so. Not stored yet.
pub(crate) fn new_job(
    gateway: &Gateway,
    admin: &Admin,
    wanted: Wanted,
    announced_bytes: Option<u64>,
) -> Result<Job, Problem> {
    let now = gateway.clock.now();
    let new = NewJob {
        id: JobId::new(now, &random()?),
        account: admin.account.clone(),
        started_by: admin.name.clone(),
        file_name: wanted.file_name,
        options: wanted.options,
    };
    Ok(Job { announced_bytes, trace: trace_parent(), ..Job::new(new, now) })
}

/// Bytes that nobody can foretell.
pub(crate) fn random() -> Result<[u8; 10], Problem> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the system gives no random bytes");
        Problem::internal()
    })?;
    Ok(random)
}
