//! Changes of a job, each logged in one line.

use rethread_model::{AccountId, Change, Clock, IllegalChange, Job, JobId, Pass, Reach};

use super::JobLife;
use crate::{Error, ErrorKind, Result};

/// Stores a new job and logs it.
pub async fn create_job(jobs: &dyn JobLife, job: &Job) -> Result<()> {
    jobs.create(job).await?;
    log_state(job);
    Ok(())
}

/// Logs one line for each change of a job's state, in the process that made the change.
fn log_state(job: &Job) {
    let (account, state) = (&job.account, job.state.as_str());
    let vendor = job.facts.as_ref().map(|facts| facts.vendor.as_str());
    if !job.state.is_final() {
        tracing::info!(%account, job = %job.id, state, vendor, "job is {state}");
        return;
    }
    let outcome = &job.tally.outcome;
    tracing::info!(
        %account,
        job = %job.id,
        state,
        vendor,
        error.code = job.error.as_ref().map(|error| error.code.as_str()),
        read = job.tally.read.comments,
        created = outcome.created,
        updated = outcome.updated,
        unchanged = outcome.unchanged,
        skipped = outcome.skipped,
        failed = outcome.failed,
        "job is {state}"
    );
}

/// Applies a change to a job as it is now, and logs a change of its state in one line. Fails with
/// [`ErrorKind::NotFound`] when there is no such job, and with the state machine's refusal (the
/// inner result) when the job does not accept the change.
pub async fn change(
    jobs: &dyn JobLife,
    clock: &dyn Clock,
    account: &AccountId,
    id: JobId,
    change: Change,
) -> Result<std::result::Result<Job, IllegalChange>> {
    Box::pin(change_in(jobs, clock, account, id, None, change)).await
}

/// The same for a worker of one pass: once the job has begun its next pass, changes from the last
/// pass are no longer accepted.
pub async fn apply_in_pass(
    jobs: &dyn JobLife,
    clock: &dyn Clock,
    job: &Job,
    change: Change,
) -> Result<std::result::Result<Job, IllegalChange>> {
    Box::pin(change_in(jobs, clock, &job.account, job.id, Some(job.pass()), change)).await
}

/// The future holds several jobs, so callers box it.
async fn change_in(
    jobs: &dyn JobLife,
    clock: &dyn Clock,
    account: &AccountId,
    id: JobId,
    pass: Option<Pass>,
    change: Change,
) -> Result<std::result::Result<Job, IllegalChange>> {
    let reach = Reach::Account(account.clone());
    loop {
        let Some(job) = jobs.get(&reach, id).await? else {
            return Err(Error::new(ErrorKind::NotFound, format!("there is no job {id} in account {account}")));
        };
        if pass.is_some_and(|pass| pass != job.pass()) {
            return Ok(Err(job.refusal(&change)));
        }
        let changed = match job.after(change.clone(), clock.now()) {
            Ok(changed) => changed,
            Err(illegal) => return Ok(Err(illegal)),
        };
        match jobs.replace(&changed).await {
            Ok(stored) => {
                if stored.state != job.state {
                    log_state(&stored);
                }
                return Ok(Ok(stored));
            }
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => return Err(error),
        }
    }
}
