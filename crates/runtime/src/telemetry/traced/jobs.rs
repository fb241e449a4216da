//! See [`super`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rethread_model::{AccountId, EventId, Job, JobId, Reach, Revision, SliceNumber, SliceSpec, Step, Task, Timestamp};
use rethread_stores::{
    Diagnosis, Health, JobCounts, JobFilter, JobLife, JobListing, JobPage, JobStore, Overdue, Redelivery, Result,
    SliceProgress, SliceStart, SliceStore, StepReport,
};

use super::Call;

#[derive(Debug)]
pub(super) struct Traced {
    pub(super) inner: Arc<dyn JobStore>,
    pub(super) system: &'static str,
}

impl Traced {
    const fn call(&self, name: &'static str, job: JobId) -> Call {
        Call::of(name, self.system, job)
    }

    /// A call that concerns no particular job.
    const fn about_none(&self, name: &'static str) -> Call {
        Call { name, system: self.system, kind: "client", job: None }
    }
}

#[async_trait]
impl JobLife for Traced {
    async fn create(&self, job: &Job) -> Result<()> {
        self.call("jobs.create", job.id).run(self.inner.create(job)).await
    }

    async fn get(&self, reach: &Reach, id: JobId) -> Result<Option<Job>> {
        self.call("jobs.get", id).run(self.inner.get(reach, id)).await
    }

    async fn replace(&self, job: &Job) -> Result<Job> {
        self.call("jobs.replace", job.id).run(self.inner.replace(job)).await
    }

    async fn receiving(&self, account: &AccountId, id: JobId, bytes: u64) -> Result<SliceProgress> {
        // No span: called four times a second during an upload, these would swamp the
        // request's span.
        self.inner.receiving(account, id, bytes).await
    }

    async fn wait(&self, reach: &Reach, id: JobId, after: Revision, at_most: Duration) -> Result<Option<Job>> {
        // No span: the call does nothing but wait.
        self.inner.wait(reach, id, after, at_most).await
    }
}

#[async_trait]
impl SliceStore for Traced {
    async fn add_slices(&self, account: &AccountId, id: JobId, slices: &[SliceSpec]) -> Result<()> {
        self.call("jobs.add_slices", id).run(self.inner.add_slices(account, id, slices)).await
    }

    async fn open_slices(&self, account: &AccountId, id: JobId, window: u32) -> Result<Vec<SliceNumber>> {
        self.call("jobs.open_slices", id).run(self.inner.open_slices(account, id, window)).await
    }

    async fn begin_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<SliceStart> {
        self.call("jobs.begin_slice", id).run(self.inner.begin_slice(account, id, number)).await
    }

    async fn release_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<()> {
        self.call("jobs.release_slice", id).run(self.inner.release_slice(account, id, number)).await
    }

    async fn slices(&self, account: &AccountId, id: JobId) -> Result<Vec<SliceSpec>> {
        self.call("jobs.slices", id).run(self.inner.slices(account, id)).await
    }

    async fn reopen_slice(
        &self,
        account: &AccountId,
        id: JobId,
        number: SliceNumber,
        report: &StepReport,
    ) -> Result<SliceProgress> {
        self.call("jobs.reopen_slice", id).run(self.inner.reopen_slice(account, id, number, report)).await
    }

    async fn report(&self, account: &AccountId, id: JobId, step: Step, report: &StepReport) -> Result<SliceProgress> {
        self.call("jobs.report", id).run(self.inner.report(account, id, step, report)).await
    }

    async fn slice_progress(&self, account: &AccountId, id: JobId) -> Result<SliceProgress> {
        self.call("jobs.slice_progress", id).run(self.inner.slice_progress(account, id)).await
    }
}

#[async_trait]
impl JobListing for Traced {
    async fn list(&self, reach: &Reach, filter: &JobFilter) -> Result<JobPage> {
        self.about_none("jobs.list").run(self.inner.list(reach, filter)).await
    }

    async fn queued(&self) -> Result<Vec<JobId>> {
        // No span: called for the queue position of every waiting job that is displayed.
        self.inner.queued().await
    }

    async fn unconfirmed(&self, before: Timestamp) -> Result<Vec<(AccountId, JobId)>> {
        self.about_none("jobs.unconfirmed").run(self.inner.unconfirmed(before)).await
    }

    async fn job_counts(&self) -> Result<JobCounts> {
        self.inner.job_counts().await
    }
}

#[async_trait]
impl Redelivery for Traced {
    async fn overdue(&self, before: Timestamp) -> Result<Overdue> {
        self.about_none("jobs.overdue").run(self.inner.overdue(before)).await
    }

    async fn postpone(&self, task: &Task, base: Duration, cap: Duration) -> Result<u32> {
        self.call("jobs.postpone", task.job).run(self.inner.postpone(task, base, cap)).await
    }

    async fn is_delivered(&self, event: EventId, channel: &str) -> Result<bool> {
        self.about_none("jobs.is_delivered").run(self.inner.is_delivered(event, channel)).await
    }

    async fn mark_delivered(&self, event: EventId, channel: &str) -> Result<()> {
        self.about_none("jobs.mark_delivered").run(self.inner.mark_delivered(event, channel)).await
    }

    async fn event_done(&self, event: EventId) -> Result<()> {
        self.about_none("jobs.event_done").run(self.inner.event_done(event)).await
    }
}

#[async_trait]
impl Health for Traced {
    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        self.inner.diagnose(apply).await
    }
}
