//! Looks up uploads.

use http::StatusCode;
use rethread_model::{AccountId, Job, JobId, JobState, Phase, Reach};

use crate::gateway::Gateway;
use crate::problem::Problem;

/// The job of a resumable upload. Files uploaded in a single request do not count.
pub(super) async fn find(gateway: &Gateway, account: &AccountId, id: JobId) -> Result<Job, Problem> {
    let found = gateway.backends.jobs.get(&Reach::Account(account.clone()), id).await?;
    found.filter(|job| job.resumable.is_some()).ok_or_else(|| Problem::not_found("upload"))
}

/// The file's size.
pub(super) fn length(job: &Job) -> u64 {
    job.announced_bytes.unwrap_or(0)
}

/// Rejects an upload that accepts no more data.
pub(super) fn check_open(job: &Job) -> Result<(), Problem> {
    if job.is_received() {
        return Err(Problem::conflict("the file is whole already; its job has the same id"));
    }
    if job.state == JobState::Queued && job.phase == Phase::Uploading && !job.stopping {
        return Ok(());
    }
    let detail = "the upload was cancelled, expired before it was resumed, or could not be stored; start over";
    Err(Problem::new(StatusCode::GONE, "upload-gone", detail))
}
