//! Jobs in a Redis server (`redis:`, `rediss:`).
//!
//! A job's hash contains its document and, in separate fields, its state, progress and counts.
//! Every transition is one Lua script (see `scripts`). All keys of a job share a hash tag. The
//! indices of jobs have other tags, so they are written in separate steps: before a job is created
//! or fails, and after it has ended. A process killed in between leaves a dangling entry, which
//! readers ignore and eventually remove.

mod answer;
mod changes;
mod diagnosis;
mod document;
mod events;
mod keys;
mod list;
mod overdue;
mod postponed;
mod queued;
mod redelivery_state;
mod scripts;
mod server;
mod steps;
mod store_url;
mod unfinished;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::ScriptInvocation;
use rethread_model::{
    AccountId, Clock, Event, EventId, Job, JobId, Reach, Revision, SliceNumber, SliceSpec, Step, Task, Timestamp,
};
use rethread_stores::rules::redelivery::Cutoff;
use rethread_stores::{
    Diagnosis, Error, ErrorKind, Health, JobCounts, JobFilter, JobLife, JobListing, JobPage, Overdue, Redelivery,
    Result, SliceProgress, SliceStart, SliceStore, StepReport,
};

use self::changes::Changes;
use self::keys::Keys;
use self::server::Server;
use self::store_url::StoreUrl;

/// Announcements kept in the stream. A reader that was away for longer checks all jobs anyway.
const CHANGES_KEPT: u32 = 10_000;

/// See [`rethread_stores::JobStore`].
#[derive(Debug)]
pub(crate) struct RedisJobs {
    server: Server,
    keys: Keys,
    clock: Arc<dyn Clock>,
    changes: Changes,
    finished_jobs: Option<Duration>,
}

impl RedisJobs {
    /// Parses the URL and checks that the server answers and accepts writes.
    pub(crate) async fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let url = StoreUrl::parse(url)?;
        let server = Server::new(&url)?;
        let keys = Keys::new(url.prefix);
        let changes = Changes::new(server.client().clone(), keys.changes());
        let store = Self { server, keys, clock, changes, finished_jobs: url.finished_jobs };
        match store.check().await {
            Ok(()) => Ok(store),
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                let message = format!(
                    "jobs cannot be kept in Redis at {}: see that it runs, is the master, and that user and password \
                     of the URL are right",
                    url.name
                );
                Err(Error::new(ErrorKind::Unavailable, message).because(error))
            }
            Err(error) => Err(error),
        }
    }

    /// The store's clock, in milliseconds since 1970.
    fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    async fn run(&self, doing: &str, invocation: &ScriptInvocation<'_>, account: &AccountId, id: JobId) -> Result<()> {
        self.server.script(doing, invocation).await?.expected(account, id).map(drop)
    }

    /// Wakes those waiting for a job, in all processes. The change is already made: if the
    /// announcement is lost, they see it a little later on their own.
    async fn announce_change(&self, id: JobId) {
        let mut command = redis::cmd("XADD");
        command
            .arg(self.keys.changes())
            .arg("MAXLEN")
            .arg("~")
            .arg(CHANGES_KEPT)
            .arg("*")
            .arg("job")
            .arg(id.to_string());
        if let Err(error) = self.server.command::<()>("cannot announce a change", &command).await {
            tracing::debug!(%error, job = %id, "a change was not announced");
        }
    }
}

#[async_trait]
impl JobLife for RedisJobs {
    async fn create(&self, job: &Job) -> Result<()> {
        self.announce_job(job).await?;
        let mut invocation = scripts::CREATE.prepare_invoke();
        invocation.key(&self.keys.all(job.id)[..]).arg(job.account.as_str()).arg(nonce()?);
        invocation.arg("revision").arg(job.revision);
        for (field, value) in document::fields(job)? {
            invocation.arg(field).arg(value);
        }
        self.run("cannot store a job", &invocation, &job.account, job.id).await
    }

    async fn get(&self, reach: &Reach, id: JobId) -> Result<Option<Job>> {
        let mut command = redis::cmd("HGETALL");
        command.arg(self.keys.job(id));
        let fields: HashMap<String, String> = self.server.command("cannot read a job", &command).await?;
        Ok(document::job(fields)?.filter(|job| reach.covers(&job.account)))
    }

    async fn replace(&self, job: &Job) -> Result<Job> {
        if let Some(event) = Event::of(job) {
            self.announce_event(&event, job).await?;
        }
        let kept = self.finished_jobs.map_or(0, |kept| u64::try_from(kept.as_millis()).unwrap_or(0));
        let mut invocation = scripts::REPLACE.prepare_invoke();
        invocation.key(&self.keys.all(job.id)[..]).arg(job.account.as_str()).arg(nonce()?);
        invocation.arg(job.revision).arg(kept);
        for (field, value) in document::fields(job)? {
            invocation.arg(field).arg(value);
        }
        self.run("cannot store a job", &invocation, &job.account, job.id).await?;
        self.announce_change(job.id).await;
        if job.state.is_final() {
            // If this fails, the janitor does it.
            let _ = self.forget_unfinished(&[job.id]).await;
        }
        Ok(Job { revision: job.revision + 1, ..job.clone() })
    }

    async fn receiving(&self, account: &AccountId, id: JobId, bytes: u64) -> Result<SliceProgress> {
        let now = self.clock.now();
        let mut invocation = scripts::RECEIVING.prepare_invoke();
        invocation.key(&self.keys.all(id)[..]).arg(account.as_str());
        invocation.arg(bytes).arg(now.as_millisecond()).arg(now.to_string());
        let answer = self.server.script("cannot note an upload", &invocation).await?;
        self.progress_and_wake(answer, account, id).await
    }

    async fn wait(&self, reach: &Reach, id: JobId, after: Revision, at_most: Duration) -> Result<Option<Job>> {
        self.changes.wait(id, after, at_most, || self.get(reach, id)).await
    }
}

#[async_trait]
impl SliceStore for RedisJobs {
    async fn add_slices(&self, account: &AccountId, id: JobId, slices: &[SliceSpec]) -> Result<()> {
        self.store_slices(account, id, slices).await
    }

    async fn open_slices(&self, account: &AccountId, id: JobId, window: u32) -> Result<Vec<SliceNumber>> {
        self.open_window(account, id, window).await
    }

    async fn begin_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<SliceStart> {
        self.begin(account, id, number).await
    }

    async fn release_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<()> {
        self.release(account, id, number).await
    }

    async fn slices(&self, account: &AccountId, id: JobId) -> Result<Vec<SliceSpec>> {
        self.all_slices(account, id).await
    }

    async fn reopen_slice(
        &self,
        account: &AccountId,
        id: JobId,
        number: SliceNumber,
        report: &StepReport,
    ) -> Result<SliceProgress> {
        self.reopen(account, id, number, report).await
    }

    async fn report(&self, account: &AccountId, id: JobId, step: Step, report: &StepReport) -> Result<SliceProgress> {
        self.store_report(account, id, step, report).await
    }

    async fn slice_progress(&self, account: &AccountId, id: JobId) -> Result<SliceProgress> {
        self.progress_of(account, id).await
    }
}

#[async_trait]
impl JobListing for RedisJobs {
    async fn list(&self, reach: &Reach, filter: &JobFilter) -> Result<JobPage> {
        self.page(reach, filter).await
    }

    async fn queued(&self) -> Result<Vec<JobId>> {
        self.in_queue().await
    }

    async fn unconfirmed(&self, before: Timestamp) -> Result<Vec<(AccountId, JobId)>> {
        self.waiting_since(before).await
    }

    async fn job_counts(&self) -> Result<JobCounts> {
        self.count().await
    }
}

#[async_trait]
impl Redelivery for RedisJobs {
    async fn overdue(&self, before: Timestamp) -> Result<Overdue> {
        let cutoff = Cutoff { before, now: self.clock.now() };
        Ok(Overdue { tasks: self.overdue_tasks(cutoff).await?, events: self.overdue_events(cutoff).await? })
    }

    async fn postpone(&self, task: &Task, base: Duration, cap: Duration) -> Result<u32> {
        self.hold_back(task, base, cap).await
    }

    async fn is_delivered(&self, event: EventId, channel: &str) -> Result<bool> {
        self.was_delivered(event, channel).await
    }

    async fn mark_delivered(&self, event: EventId, channel: &str) -> Result<()> {
        self.note_delivery(event, channel).await
    }

    async fn event_done(&self, event: EventId) -> Result<()> {
        self.end_event(event).await
    }
}

#[async_trait]
impl Health for RedisJobs {
    async fn check(&self) -> Result<()> {
        self.server.is_master().await
    }

    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        diagnosis::diagnose(&self.server, apply).await
    }
}

/// Identifies a call, so that it takes effect once although it may be sent several times.
fn nonce() -> Result<String> {
    match getrandom::u64() {
        Ok(random) => Ok(format!("{random:016x}")),
        Err(error) => Err(Error::new(ErrorKind::Internal, "the system gives no randomness").because(error.to_string())),
    }
}
