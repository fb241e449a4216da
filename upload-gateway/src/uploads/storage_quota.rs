//! Limits how many bytes of an account's files are stored at the same time.

use http::StatusCode;
use rethread_model::{AccountId, Job, JobState, Phase, Reach};
use rethread_stores::JobFilter;

use crate::gateway::Gateway;
use crate::problem::Problem;

/// The states of jobs whose file may be stored.
const WITH_FILE: [JobState; 3] = [JobState::Queued, JobState::Running, JobState::Waiting];
const PAGE_JOBS: u32 = 200;

/// How many bytes an account may still add. Fails if `announced` bytes do not fit, or nothing
/// at all.
///
/// Uploads that begin at the same moment may each see the same quota.
pub(crate) async fn remaining_quota(
    gateway: &Gateway,
    account: &AccountId,
    announced: Option<u64>,
) -> Result<u64, Problem> {
    let most = gateway.max_stored_bytes_per_account;
    if announced.is_some_and(|bytes| bytes > most) {
        let detail =
            format!("the file is larger than the {most} bytes that an account may have stored at the same time");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, KIND, detail));
    }
    let mut quota = most;
    for state in WITH_FILE {
        let mut filter = JobFilter { state: Some(state), limit: PAGE_JOBS, ..JobFilter::default() };
        loop {
            let page = gateway.backends.jobs.list(&Reach::Account(account.clone()), &filter).await?;
            quota = page.jobs.iter().fold(quota, |quota, job| quota.saturating_sub(held(job)));
            if !page.has_more || quota == 0 {
                break;
            }
            filter.before = page.jobs.last().map(|job| job.id);
        }
    }
    if announced.unwrap_or(1) > quota { Err(full(most)) } else { Ok(quota) }
}

/// The error for a file that does not fit beside the others.
pub(crate) fn full(most: u64) -> Problem {
    let detail = format!(
        "the account has as many bytes of files on their way or waiting to be imported as it may ({most}); wait until an \
         import is done, or cancel one"
    );
    Problem::new(StatusCode::TOO_MANY_REQUESTS, KIND, detail).retry_after(60)
}

const KIND: &str = "too-much-stored";

/// What is stored for a job, or will be once its file is complete.
fn held(job: &Job) -> u64 {
    let stored = job.progress.bytes_stored;
    if job.phase == Phase::Uploading {
        return job.announced_bytes.map_or(stored, |announced| announced.max(stored));
    }
    stored
}
