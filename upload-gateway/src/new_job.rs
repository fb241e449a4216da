//! Creation of jobs.

use rethread_model::{Job, JobId, NewJob, Order};
use rethread_runtime::trace_parent;

use crate::extract::{Admin, CreateImportRequest};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// An import of a file of `announced_bytes`, if the client announced the size. Not stored yet.
pub(crate) fn new_import(
    gateway: &Gateway,
    admin: &Admin,
    wanted: CreateImportRequest,
    announced_bytes: Option<u64>,
) -> Result<Job, Problem> {
    let job = new_job(gateway, admin, wanted.options.into())?;
    Ok(Job { announced_bytes, file_name: wanted.file_name, ..job })
}

/// A job for an admin's request. Not stored yet.
pub(crate) fn new_job(gateway: &Gateway, admin: &Admin, order: Order) -> Result<Job, Problem> {
    let now = gateway.clock.now();
    let new = NewJob {
        id: JobId::new(now, &random()?),
        account: admin.account.clone(),
        started_by: admin.name.clone(),
        file_name: None,
        order,
    };
    Ok(Job { trace: trace_parent(), ..Job::new(new, now) })
}

/// Unpredictable bytes.
pub(crate) fn random() -> Result<[u8; 10], Problem> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the system gives no random bytes");
        Problem::internal()
    })?;
    Ok(random)
}
