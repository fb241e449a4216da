//! Deletes leftovers of uploads.

use async_trait::async_trait;
use rethread_model::{AccountId, JobId};
use rethread_runtime::METRICS;
use rethread_stores::BlobPrefix;

use super::duty::{Duty, Failures};
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// Deletes the uploads of jobs that have ended.
pub(super) struct Uploads;

#[async_trait]
impl Duty for Uploads {
    fn name(&self) -> &'static str {
        "uploads"
    }

    async fn round(&mut self, worker: &Worker, failures: Failures) {
        let blobs = &worker.context.backends.blobs;
        for (account, job) in failures.list(retry(|| blobs.jobs(BlobPrefix::Uploads)).await) {
            failures.note(sweep_upload(worker, &account, job).await);
        }
    }
}

async fn sweep_upload(worker: &Worker, account: &AccountId, id: JobId) -> Result<(), TaskError> {
    let job = worker.job(account, id).await?;
    let is_over = job.is_none_or(|job| job.state.is_final());
    if is_over {
        retry(|| worker.context.backends.blobs.delete_job(BlobPrefix::Uploads, account, id)).await?;
        METRICS.overdue_deletions.add(&[], 1);
        tracing::info!(%account, job = %id, "deleted what was left of an upload");
    }
    Ok(())
}
