//! Jobs in a `sqlite:` file.

mod events;
mod job_counts;
mod overdue;
mod postponed;
mod queued;
mod report;
mod rows;
mod slices;
mod waiting;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rethread_model::{
    AccountId, Clock, EventId, Job, JobId, Reach, Revision, SliceNumber, SliceSpec, Step, Task, Timestamp,
};
use rethread_stores::rules::redelivery::Cutoff;
use rethread_stores::{
    Health, JobCounts, JobFilter, JobLife, JobListing, JobPage, Overdue, Redelivery, Result, SliceProgress, SliceStart,
    SliceStore, StepReport, migrations,
};
use rusqlite::Transaction;

use self::postponed::Backoff;
use self::waiting::Changes;
use crate::sqlite::{Database, DbResult, Schema};

pub(crate) static SCHEMA: Schema = Schema {
    name: "jobs",
    application_id: 0x7274_6a62,
    migrations: migrations![
        "jobs/migrations": "0001_initial",
        "0002_redelivery",
        "0003_kinds",
        "0004_redelivery_names",
    ],
    writer_cache_kib: 2_048,
    reader_cache_kib: 1_024,
};

/// See [`rethread_stores::JobStore`].
#[derive(Debug)]
pub(crate) struct SqliteJobs {
    database: Database,
    clock: Arc<dyn Clock>,
    changes: Changes,
}

impl SqliteJobs {
    /// Opens or creates the file.
    pub(crate) async fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self { database: Database::open(path, &SCHEMA).await?, clock, changes: Changes::default() })
    }

    /// The jobs in this database.
    #[cfg(feature = "simulation")]
    pub(crate) fn over(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock, changes: Changes::default() }
    }

    /// Runs `work` on a job and wakes those waiting for it. `work` receives the time.
    async fn change<T, F>(&self, doing: &'static str, id: JobId, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>, Timestamp) -> DbResult<T> + Send + 'static,
    {
        let now = self.clock.now();
        let result = self.database.write(doing, move |tx| work(tx, now)).await?;
        self.changes.announce(id);
        Ok(result)
    }
}

#[async_trait]
impl JobLife for SqliteJobs {
    async fn create(&self, job: &Job) -> Result<()> {
        let job = job.clone();
        self.database.write("cannot store a job", move |tx| rows::insert(tx, &job)).await
    }

    async fn get(&self, reach: &Reach, id: JobId) -> Result<Option<Job>> {
        let reach = reach.clone();
        let found = self.database.read("cannot read a job", move |tx| rows::find(tx, id));
        Ok(found.await?.filter(|job| reach.covers(&job.account)))
    }

    async fn replace(&self, job: &Job) -> Result<Job> {
        let job = job.clone();
        self.change("cannot store a job", job.id, move |tx, _| rows::replace(tx, job)).await
    }

    async fn receiving(&self, account: &AccountId, id: JobId, bytes: u64) -> Result<SliceProgress> {
        let account = account.clone();
        self.change("cannot note an upload", id, move |tx, now| report::receiving(tx, &account, id, bytes, now)).await
    }

    async fn wait(&self, reach: &Reach, id: JobId, after: Revision, at_most: Duration) -> Result<Option<Job>> {
        self.changes.wait(id, after, at_most, || self.get(reach, id)).await
    }
}

#[async_trait]
impl SliceStore for SqliteJobs {
    async fn add_slices(&self, account: &AccountId, id: JobId, slices: &[SliceSpec]) -> Result<()> {
        let (account, slices, now) = (account.clone(), slices.to_vec(), self.clock.now());
        self.database.write("cannot store slices", move |tx| slices::add(tx, &account, id, &slices, now)).await
    }

    async fn open_slices(&self, account: &AccountId, id: JobId, window: u32) -> Result<Vec<SliceNumber>> {
        let (account, now) = (account.clone(), self.clock.now());
        self.database.write("cannot open slices", move |tx| slices::open(tx, &account, id, window, now)).await
    }

    async fn begin_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<SliceStart> {
        let (account, now) = (account.clone(), self.clock.now());
        self.database.write("cannot begin a slice", move |tx| slices::begin(tx, &account, id, number, now)).await
    }

    async fn release_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<()> {
        let account = account.clone();
        self.database.write("cannot release a slice", move |tx| slices::release(tx, &account, id, number)).await
    }

    async fn slices(&self, account: &AccountId, id: JobId) -> Result<Vec<SliceSpec>> {
        let account = account.clone();
        self.database.read("cannot read slices", move |tx| slices::all(tx, &account, id)).await
    }

    async fn reopen_slice(
        &self,
        account: &AccountId,
        id: JobId,
        number: SliceNumber,
        report: &StepReport,
    ) -> Result<SliceProgress> {
        let (account, report) = (account.clone(), report.clone());
        let reopened = self
            .change("cannot reopen a slice", id, move |tx, now| report::reopen(tx, &account, id, number, &report, now));
        reopened.await
    }

    async fn report(&self, account: &AccountId, id: JobId, step: Step, report: &StepReport) -> Result<SliceProgress> {
        let (account, report) = (account.clone(), report.clone());
        self.change("cannot store a report", id, move |tx, now| report::report(tx, &account, id, step, &report, now))
            .await
    }

    async fn slice_progress(&self, account: &AccountId, id: JobId) -> Result<SliceProgress> {
        let account = account.clone();
        let slice_progress = self.database.read("cannot read a job", move |tx| {
            let stored = rows::existing(tx, &account, id)?;
            slices::slice_progress(tx, &stored)
        });
        slice_progress.await
    }
}

#[async_trait]
impl JobListing for SqliteJobs {
    async fn list(&self, reach: &Reach, filter: &JobFilter) -> Result<JobPage> {
        let (reach, filter) = (reach.clone(), filter.clone());
        self.database.read("cannot list jobs", move |tx| rows::list(tx, &reach, &filter)).await
    }

    async fn queued(&self) -> Result<Vec<JobId>> {
        self.database.read("cannot list jobs", queued::queued).await
    }

    async fn unconfirmed(&self, before: Timestamp) -> Result<Vec<(AccountId, JobId)>> {
        self.database.read("cannot list jobs", move |tx| queued::unconfirmed(tx, before)).await
    }

    async fn job_counts(&self) -> Result<JobCounts> {
        self.database.read("cannot count jobs", job_counts::job_counts).await
    }
}

#[async_trait]
impl Redelivery for SqliteJobs {
    async fn overdue(&self, before: Timestamp) -> Result<Overdue> {
        let cutoff = Cutoff { before, now: self.clock.now() };
        self.database.write("cannot look for overdue tasks", move |tx| overdue::overdue(tx, cutoff)).await
    }

    async fn postpone(&self, task: &Task, base: Duration, cap: Duration) -> Result<u32> {
        let (task, backoff, now) = (task.clone(), Backoff { base, cap }, self.clock.now());
        self.database.write("cannot postpone a task", move |tx| postponed::postpone(tx, &task, backoff, now)).await
    }

    async fn is_delivered(&self, event: EventId, channel: &str) -> Result<bool> {
        let channel = channel.to_owned();
        self.database.read("cannot read a delivery", move |tx| events::is_delivered(tx, event, &channel)).await
    }

    async fn mark_delivered(&self, event: EventId, channel: &str) -> Result<()> {
        let (channel, now) = (channel.to_owned(), self.clock.now());
        self.database.write("cannot note a delivery", move |tx| events::mark_delivered(tx, event, &channel, now)).await
    }

    async fn event_done(&self, event: EventId) -> Result<()> {
        self.database.write("cannot note a delivery", move |tx| events::done(tx, event)).await
    }
}

#[async_trait]
impl Health for SqliteJobs {
    async fn check(&self) -> Result<()> {
        self.database.check().await
    }
}

#[cfg(test)]
mod tests;
