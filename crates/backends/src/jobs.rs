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
    /// Only this account's, within the reach.
    pub account: Option<AccountId>,
    /// Only those of this kind.
    pub kind: Option<JobKind>,
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only those older than this one (the last of the page before).
    pub before: Option<JobId>,
    /// At most so many; 1 to 200.
    pub limit: u32,
}

/// A page of jobs, newest first.
#[derive(Debug, Clone)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Whether there are older ones.
    pub has_more: bool,
}

/// What a worker needs to begin a slice.
#[derive(Debug, Clone)]
pub struct SliceStart {
    /// The slice.
    pub spec: SliceSpec,
    /// How many times it was begun since it last got further, this one included.
    pub attempts: u32,
    /// How long nothing had been heard of it before this beginning, in milliseconds: who works at it reports all the
    /// time, so that a short while means that another worker has it too, or has just died of it.
    pub idle_ms: u64,
    /// Whether there is nothing to do: it was read to its end, or given up.
    pub is_ended: bool,
    /// [`StepReport::bytes_read`] of the last report. The comment store was further at that moment: where it is behind by now,
    /// it was put back to an earlier state, and the slice is to be reopened.
    pub reported_bytes: u64,
}

/// How far a step is, in absolute numbers: reporting the same again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepReport {
    /// In which pass of the job the step is.
    pub pass: Pass,
    /// Bytes of the (decompressed) document read in this step.
    pub bytes_read: u64,
    /// The counts of this step.
    pub tally: Tally,
    /// Whether the step will report no more: it is complete, or was stopped.
    pub ended: bool,
    /// Whether it was read to its end (only with `ended`).
    pub complete: bool,
}

/// How a job stands, as a worker needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceProgress {
    /// Whether reading is to stop.
    pub stopping: bool,
    /// Slices that are in the queue or with a worker.
    pub open: u32,
    /// Slices that were not yet opened.
    pub pending: u32,
}

impl SliceProgress {
    /// Whether nothing more will be read: it is time for `Finish`.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.open == 0 && (self.pending == 0 || self.stopping)
    }
}

/// What should be in the queue and perhaps is not.
#[derive(Debug, Clone, Default)]
pub struct Overdue {
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Events.
    pub events: Vec<Event>,
}

/// How many jobs there are, for metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs by state and vendor (`None` until the vendor is known); pairs of which there is none are left out. All that
    /// are `queued`, `running` or `waiting`; those that have ended only where the store counts them at no cost: the
    /// embedded one does, Redis does not.
    pub jobs: Vec<(JobState, Option<Vendor>, u64)>,
    /// Since when the oldest job waits that a worker could take up and that none has.
    pub oldest_queued: Option<Timestamp>,
}

/// Stores jobs. Every change of a job raises its revision by one and wakes those who wait for it.
#[async_trait]
pub trait JobStore: Send + Sync + Debug {
    /// Stores a new job as it is.
    async fn create(&self, job: &Job) -> Result<()>;

    /// One job with its progress and counts; `None` when there is none within reach.
    async fn get(&self, reach: &Reach, id: JobId) -> Result<Option<Job>>;

    /// Jobs, newest first.
    async fn list(&self, reach: &Reach, filter: &JobFilter) -> Result<JobPage>;

    /// Replaces a job whose stored revision is still `job.revision`, and returns it with its new revision.
    /// Fails with [`ErrorKind::Conflict`] otherwise. A job that becomes `failed` has an event to deliver from the same
    /// moment on (see [`JobStore::overdue`]). One that begins its next pass ([`Job::pass`]) loses its slices and the reports
    /// of its steps at the same moment. See [`change`], which repeats this until it succeeds.
    async fn replace(&self, job: &Job) -> Result<Job>;

    /// Notes how many bytes of the upload have arrived. Does nothing once the job has left the phase `uploading`, nor
    /// when more were noted before.
    async fn receiving(&self, account: &AccountId, id: JobId, bytes: u64) -> Result<SliceProgress>;

    /// Stores the slices of a job, none of them opened yet. Slices that are there already stay as they are.
    async fn add_slices(&self, account: &AccountId, id: JobId, slices: &[SliceSpec]) -> Result<()>;

    /// Opens slices in order until `window` are open, and returns those that it opened. Opens none of a stopping job.
    async fn open_slices(&self, account: &AccountId, id: JobId, window: u32) -> Result<Vec<SliceNumber>>;

    /// Notes that a worker begins a slice.
    async fn begin_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<SliceStart>;

    /// Takes back a beginning: the worker gives the slice up through no fault of the slice (it is being drained).
    async fn release_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<()>;

    /// The slices of a job, by number.
    async fn slices(&self, account: &AccountId, id: JobId) -> Result<Vec<SliceSpec>>;

    /// Takes back what was reported of a slice, and its end: the comment store has only what `report` says, because it was put
    /// back to an earlier state. A slice that had ended is pending; whoever begins it reads on from there. Does nothing where the report is
    /// of another pass than the job's, or where the job is not being imported.
    ///
    /// Fails with [`ErrorKind::NotFound`] when there is no such slice.
    async fn reopen_slice(
        &self,
        account: &AccountId,
        id: JobId,
        number: SliceNumber,
        report: &StepReport,
    ) -> Result<SliceProgress>;

    /// Notes how far a step is; the job's progress and tally change by the difference to the last report of this step.
    /// Reports that are behind the stored one (fewer bytes and not ended, or after an ended one), that are of another pass
    /// than the job's, of a slice that the job does not have (a store that lost its last second may hear of one before it is
    /// added again), or that come while the job waits for an admin's word are passed over. A slice that got further begins
    /// to count its attempts anew.
    async fn report(&self, account: &AccountId, id: JobId, step: Step, report: &StepReport) -> Result<SliceProgress>;

    /// How a job stands.
    async fn slice_progress(&self, account: &AccountId, id: JobId) -> Result<SliceProgress>;

    /// Waits until the job's revision is above `after`, for `at_most` that long, and returns the job as it is then;
    /// `None` when there is none within reach.
    async fn wait(&self, reach: &Reach, id: JobId, after: Revision, at_most: Duration) -> Result<Option<Job>>;

    /// What has not moved after `before` and should have: `Plan` for queued and planning jobs whose upload is whole,
    /// `Export` for queued and exporting ones, `Move` for queued and moving ones, `Slice` for open slices, `Finish` for jobs of which everything is read, jobs that are finishing or stopping
    /// without an open slice (those that wait for an admin's word only when they are stopping), and uploads that stopped arriving; events that were not delivered. `Plan` for a job that is
    /// being imported means that the window is to be opened: nothing is open although slices are pending, because
    /// somebody died between the end of one and the opening of the next. Repeating any of them is harmless.
    ///
    /// What is told is noted, so that neither several janitors nor a long queue multiply the messages: after it was told
    /// `n` times without moving (being begun, reported or changed) it is told again only when
    /// `(now - before) * 2^(n - 1)`, at most 64 times `now - before`, have passed since. Of two callers at the same time one
    /// is told. Whoever gives a time that is still to come hears everything but what is held back (see
    /// [`JobStore::postpone`]).
    async fn overdue(&self, before: Timestamp) -> Result<Overdue>;

    /// Notes that a task could not be done because a server was in trouble: takes back its beginning (a slice's attempt
    /// does not count), and holds it back for `base * 2^(n - 1)`, at most `cap`. `n`, which is returned, says how many
    /// times in a row this happened to the task since it last got further: since a report of a slice said more than the
    /// one before; for `Plan` and `Finish`, which are counted together, since the job changed its state or phase, opened
    /// a slice, or had a step other than a slice report something new.
    ///
    /// [`JobStore::overdue`] tells a postponed task once its time has come, whatever `before` is, and not earlier, unless
    /// it moves before. A task that has ended stays as it is.
    async fn postpone(&self, task: &Task, base: Duration, cap: Duration) -> Result<u32>;

    /// The jobs, of all accounts, that have waited for an admin's word since `before` or longer and are not stopping.
    async fn unconfirmed(&self, before: Timestamp) -> Result<Vec<(AccountId, JobId)>>;

    /// The jobs, of all accounts, that a worker could take up and that none has, in the order in which they came to wait;
    /// those whose upload is on its way, and those that are stopping, are left out.
    async fn queued(&self) -> Result<Vec<JobId>>;

    /// How many jobs there are. Of all accounts; holds no names.
    async fn job_counts(&self) -> Result<JobCounts>;

    /// Whether an event was delivered through a channel.
    async fn is_delivered(&self, event: EventId, channel: &str) -> Result<bool>;

    /// Notes that an event was delivered through a channel.
    async fn mark_delivered(&self, event: EventId, channel: &str) -> Result<()>;

    /// Notes that an event was delivered through all channels and is not overdue any more.
    async fn event_done(&self, event: EventId) -> Result<()>;

    /// Whether the store works, for readiness and `doctor`.
    async fn check(&self) -> Result<()>;

    /// What an operator should know about how the store is set up, for `doctor`. With `apply`, mends what can be mended
    /// from here and says so. Fails when the store does not answer.
    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        // The embedded side has nothing to set up.
        let _ = apply;
        Ok(Vec::new())
    }
}

/// Stores a new job, and says so in the log.
pub async fn create_job(jobs: &dyn JobStore, job: &Job) -> Result<()> {
    jobs.create(job).await?;
    log_state(job);
    Ok(())
}

/// One line for each change of a job's state, written by whoever made it.
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

/// Applies a change to a job as it is now; a change of its state is one line in the log. Fails with [`ErrorKind::NotFound`] when there is no such job, and with the
/// state machine's refusal (the inner result) when the job does not take the change.
pub async fn change(
    jobs: &dyn JobStore,
    clock: &dyn Clock,
    account: &AccountId,
    id: JobId,
    change: Change,
) -> Result<std::result::Result<Job, IllegalChange>> {
    Box::pin(change_in(jobs, clock, account, id, None, change)).await
}

/// The same for whoever works on a job: one that has begun its next pass since then takes nothing any more that comes from
/// the work on the last.
pub async fn apply_in_pass(
    jobs: &dyn JobStore,
    clock: &dyn Clock,
    job: &Job,
    change: Change,
) -> Result<std::result::Result<Job, IllegalChange>> {
    Box::pin(change_in(jobs, clock, &job.account, job.id, Some(job.pass()), change)).await
}

/// Holds several jobs, so it is kept on the heap by those who call it.
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
