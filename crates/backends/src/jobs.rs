//! Jobs, their slices and their progress.

mod redelivery;
#[cfg(feature = "redis")]
pub(crate) mod redis;
pub(crate) mod sqlite;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use rethread_model::{
    AccountId, Change, Clock, Event, EventId, IllegalChange, Job, JobId, JobKind, JobState, Pass, Reach, Revision,
    SliceNumber, SliceSpec, Step, Tally, Task, Timestamp, Vendor,
};

use crate::{Diagnosis, Error, ErrorKind, Result};

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Only this account's jobs, within the reach.
    pub account: Option<AccountId>,
    /// Only those of this kind.
    pub kind: Option<JobKind>,
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only jobs older than this one (the last of the previous page).
    pub before: Option<JobId>,
    /// The page size, 1 to 200.
    pub limit: u32,
}

/// A page of jobs, newest first.
#[derive(Debug, Clone)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Whether there are older jobs.
    pub has_more: bool,
}

/// What a worker needs to start a slice.
#[derive(Debug, Clone)]
pub struct SliceStart {
    /// The slice.
    pub spec: SliceSpec,
    /// The number of attempts since the slice last made progress, this one included.
    pub attempts: u32,
    /// The time in milliseconds without news of the slice before this attempt. Active workers
    /// report all the time, so a short time means that another worker also holds the slice, or has
    /// just died on it.
    pub idle_ms: u64,
    /// Whether there is nothing to do: the slice was read to its end, or given up.
    pub is_ended: bool,
    /// [`StepReport::bytes_read`] of the last report. The comment store was at least this far at
    /// that moment. If it is behind this value now, it was restored to an earlier state, and the
    /// slice must be reopened.
    pub reported_bytes: u64,
}

/// The progress of a step, in absolute numbers: reporting the same again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepReport {
    /// The pass of the job that the step belongs to.
    pub pass: Pass,
    /// Bytes of the (decompressed) document read in this step.
    pub bytes_read: u64,
    /// The counts of this step.
    pub tally: Tally,
    /// Whether this is the step's last report: it is complete, or was stopped.
    pub ended: bool,
    /// Whether it was read to its end (only with `ended`).
    pub complete: bool,
}

/// The state of a job, as far as a worker needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceProgress {
    /// Whether reading must stop.
    pub stopping: bool,
    /// Slices in the queue or held by a worker.
    pub open: u32,
    /// Slices that were not opened yet.
    pub pending: u32,
}

impl SliceProgress {
    /// Whether nothing more will be read, so `Finish` is next.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.open == 0 && (self.pending == 0 || self.stopping)
    }
}

/// What should be in the queue but may be missing.
#[derive(Debug, Clone, Default)]
pub struct Overdue {
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Events.
    pub events: Vec<Event>,
}

/// The number of jobs, for metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs by state and vendor (`None` until the vendor is known); pairs without jobs are omitted.
    /// Includes all jobs that are `queued`, `running` or `waiting`. Ended jobs are included only
    /// where the store counts them at no cost: the embedded store does, Redis does not.
    pub jobs: Vec<(JobState, Option<Vendor>, u64)>,
    /// Since when the oldest job that no worker has started yet has been waiting.
    pub oldest_queued: Option<Timestamp>,
}

/// Stores jobs. Every change of a job increments its revision and wakes those waiting for it.
#[async_trait]
pub trait JobStore: Send + Sync + Debug {
    /// Stores a new job as it is.
    async fn create(&self, job: &Job) -> Result<()>;

    /// Returns one job with its progress and counts; `None` when there is none within reach.
    async fn get(&self, reach: &Reach, id: JobId) -> Result<Option<Job>>;

    /// Lists jobs, newest first.
    async fn list(&self, reach: &Reach, filter: &JobFilter) -> Result<JobPage>;

    /// Replaces a job if the stored revision is still `job.revision`, and returns it with its new
    /// revision. Fails with [`ErrorKind::Conflict`] otherwise. In the same transaction, a job that
    /// becomes `failed` gets an event to deliver (see [`JobStore::overdue`]), and a job that begins
    /// its next pass ([`Job::pass`]) loses its slices and the reports of its steps. See [`change`],
    /// which retries this until it succeeds.
    async fn replace(&self, job: &Job) -> Result<Job>;

    /// Records how many bytes of the upload have arrived. Does nothing once the job has left the
    /// phase `uploading`, or when a larger number is already stored.
    async fn receiving(&self, account: &AccountId, id: JobId, bytes: u64) -> Result<SliceProgress>;

    /// Stores the slices of a job, all unopened. Slices that exist already are left unchanged.
    async fn add_slices(&self, account: &AccountId, id: JobId, slices: &[SliceSpec]) -> Result<()>;

    /// Opens slices in order until `window` are open, and returns those that it opened. Opens none
    /// if the job is stopping.
    async fn open_slices(&self, account: &AccountId, id: JobId, window: u32) -> Result<Vec<SliceNumber>>;

    /// Records that a worker starts a slice.
    async fn begin_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<SliceStart>;

    /// Takes back the start of an attempt: the worker releases the slice for reasons unrelated to
    /// the slice (it is draining).
    async fn release_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<()>;

    /// The slices of a job, by number.
    async fn slices(&self, account: &AccountId, id: JobId) -> Result<Vec<SliceSpec>>;

    /// Takes back what was reported of a slice, and its end: the comment store has only what
    /// `report` says, because it was restored to an earlier state. A slice that had ended becomes
    /// pending, and the worker that starts it reads on from there. Does nothing when the report
    /// belongs to another pass than the job's, or when the job is not importing.
    ///
    /// Fails with [`ErrorKind::NotFound`] when there is no such slice.
    async fn reopen_slice(
        &self,
        account: &AccountId,
        id: JobId,
        number: SliceNumber,
        report: &StepReport,
    ) -> Result<SliceProgress>;

    /// Records how far a step is. The job's progress and tally change by the difference to the last
    /// report of this step.
    ///
    /// A report is ignored when:
    ///
    /// - it is behind the stored one (fewer bytes and not ended, or after an ended one);
    /// - it belongs to another pass than the job's;
    /// - the job does not have the slice (a store that lost its last second may receive a report
    ///   before the slice is added again);
    /// - the job is waiting for an admin's confirmation.
    ///
    /// A slice that made progress starts counting its attempts from zero.
    async fn report(&self, account: &AccountId, id: JobId, step: Step, report: &StepReport) -> Result<SliceProgress>;

    /// Returns the state of a job.
    async fn slice_progress(&self, account: &AccountId, id: JobId) -> Result<SliceProgress>;

    /// Waits until the job's revision is above `after`, for at most `at_most`, and returns the job
    /// as it is then; `None` when there is none within reach.
    async fn wait(&self, reach: &Reach, id: JobId, after: Revision, at_most: Duration) -> Result<Option<Job>>;

    /// Returns what has not moved since `before` and should have. Publishing any of it again is
    /// harmless. The tasks are:
    ///
    /// - `Plan` for queued and planning jobs whose upload is complete;
    /// - `Plan` for an importing job with pending but no open slices: a worker died between the end
    ///   of one slice and the opening of the next, so the window must be opened again;
    /// - `Export` for queued and exporting jobs, `Move` for queued and moving jobs;
    /// - `Slice` for open slices;
    /// - `Finish` for jobs that are read to the end, for jobs that are finishing or stopping
    ///   without an open slice (jobs that wait for an admin's confirmation only if they are
    ///   stopping), and for uploads that stopped arriving.
    ///
    /// The events are those that were not delivered.
    ///
    /// What is returned is recorded, so that neither several janitors nor a long queue multiply the
    /// messages. Something that was returned `n` times without moving (being started, reported or
    /// changed) is returned again only after `(now - before) * 2^(n - 1)`, at most 64 times `now -
    /// before`. Of two concurrent callers, one gets it. A future `before` returns everything that
    /// is not postponed (see [`JobStore::postpone`]).
    async fn overdue(&self, before: Timestamp) -> Result<Overdue>;

    /// Records that a task could not be done because a backend was unavailable. Takes back the
    /// start of the attempt (a slice's attempt does not count), and postpones the task for `base *
    /// 2^(n - 1)`, at most `cap`. Returns `n`, the number of consecutive times this happened since
    /// the task last made progress. A slice makes progress when a report says more than the one
    /// before. `Plan` and `Finish`, which are counted together, make progress when the job changes
    /// its state or phase, opens a slice, or a step other than a slice reports something new.
    ///
    /// [`JobStore::overdue`] returns a postponed task once its time has come, whatever `before` is,
    /// and not earlier, unless it moves before then. A task that has ended is left unchanged.
    async fn postpone(&self, task: &Task, base: Duration, cap: Duration) -> Result<u32>;

    /// The jobs, of all accounts, that have waited for an admin's confirmation since `before` or
    /// longer and are not stopping.
    async fn unconfirmed(&self, before: Timestamp) -> Result<Vec<(AccountId, JobId)>>;

    /// The jobs, of all accounts, that are waiting for a worker, in the order in which they started
    /// waiting. Jobs whose upload is still arriving and jobs that are stopping are left out.
    async fn queued(&self) -> Result<Vec<JobId>>;

    /// The number of jobs of all accounts; contains no names.
    async fn job_counts(&self) -> Result<JobCounts>;

    /// Whether an event was delivered through a channel.
    async fn is_delivered(&self, event: EventId, channel: &str) -> Result<bool>;

    /// Records that an event was delivered through a channel.
    async fn mark_delivered(&self, event: EventId, channel: &str) -> Result<()>;

    /// Records that an event was delivered through all channels and is no longer overdue.
    async fn event_done(&self, event: EventId) -> Result<()>;

    /// Checks that the store works, for readiness and `doctor`.
    async fn check(&self) -> Result<()>;

    /// Reports what an operator should know about the setup of the store, for `doctor`. With
    /// `apply`, fixes what can be fixed from here and reports it. Fails when the store does not
    /// answer.
    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        // The embedded backend has nothing to set up.
        let _ = apply;
        Ok(Vec::new())
    }
}

/// Stores a new job and logs it.
pub async fn create_job(jobs: &dyn JobStore, job: &Job) -> Result<()> {
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
    jobs: &dyn JobStore,
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
    jobs: &dyn JobStore,
    clock: &dyn Clock,
    job: &Job,
    change: Change,
) -> Result<std::result::Result<Job, IllegalChange>> {
    Box::pin(change_in(jobs, clock, &job.account, job.id, Some(job.pass()), change)).await
}

/// The future holds several jobs, so callers box it.
async fn change_in(
    jobs: &dyn JobStore,
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
