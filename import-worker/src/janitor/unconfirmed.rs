//! Cancels checked imports that were not confirmed in time.

use async_trait::async_trait;
use rethread_model::{AccountId, Change, JobId, TaskKind, Timestamp};

use super::duty::{Duty, Failures};
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// Cancels checked imports after `worker.confirm_within`.
pub(super) struct Unconfirmed;

#[async_trait]
impl Duty for Unconfirmed {
    fn name(&self) -> &'static str {
        "unconfirmed"
    }

    async fn round(&mut self, worker: &Worker, failures: Failures) {
        let now = worker.context.clock.now();
        let since = now.checked_sub(worker.config.confirm_within).unwrap_or(Timestamp::MIN);
        let jobs = &worker.context.backends.jobs;
        for (account, job) in failures.list(retry(|| jobs.unconfirmed(since)).await) {
            failures.note(cancel(worker, &account, job).await);
        }
    }
}

/// Cancels the job, and sends it to its end, which deletes its upload.
async fn cancel(worker: &Worker, account: &AccountId, id: JobId) -> Result<(), TaskError> {
    let Some(job) = worker.job(account, id).await? else { return Ok(()) };
    match worker.apply(&job, Change::NotConfirmed).await? {
        Some(cancelled) => worker.publish(&cancelled, TaskKind::Finish).await,
        None => Ok(()),
    }
}
