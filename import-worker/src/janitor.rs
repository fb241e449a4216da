//! The safety net: republishes what should be in the queue, and deletes what should not be stored.

mod ledgers;

use std::sync::Arc;

use rethread_backends::{Backends, BlobPrefix};
use rethread_model::{AccountId, Change, JobId, TaskKind, Timestamp};
use rethread_runtime::METRICS;

use crate::retry::retry;
use crate::task_error::{Chain, TaskError};
use crate::worker::Worker;

pub(crate) use self::ledgers::run as drop_ledgers;

/// A duty of the janitor. Duties are independent: one that fails is logged, counted and retried in
/// the next round.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Duty {
    /// Republish what should be in the queue.
    Republish,
    /// Delete leftovers of exports, and files that have expired.
    Exports,
    /// Delete leftovers of uploads.
    Uploads,
    /// Drop leftover ledgers. Runs outside the janitor's round, which it would delay.
    Ledgers,
    /// Cancel checked imports that were not confirmed in time.
    Unconfirmed,
}

impl Duty {
    /// The name in logs and metrics.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Republish => "republish",
            Self::Exports => "exports",
            Self::Uploads => "uploads",
            Self::Ledgers => "ledgers",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// The jobs to process, one by one: a job that fails does not hold up the others. Empty when
    /// they cannot be listed.
    pub(crate) fn list<T>(self, jobs: rethread_backends::Result<Vec<T>>) -> Vec<T> {
        jobs.unwrap_or_else(|error| {
            self.settle(Err(error.into()));
            Vec::new()
        })
    }

    /// Records the result of the duty, or of a part of it.
    pub(crate) fn settle(self, done: Result<(), TaskError>) {
        if let Err(trouble) = done {
            let duty = self.as_str();
            METRICS.janitor_failures.add(&[duty], 1);
            tracing::warn!(duty, error = %Chain(&trouble), "the janitor could not do a duty, it tries again later");
        }
    }
}

/// Runs a round at the start and then at intervals, until the soft stop.
pub(crate) async fn run(worker: Arc<Worker>) -> anyhow::Result<()> {
    let soft = worker.context.lifecycle.soft();
    // An in-process queue died with the previous process, together with all its messages.
    let mut before =
        if worker.context.backends.queue.survives_restart() { worker.overdue() } else { worker.context.started_at };
    loop {
        worker.look_around(before).await;
        tokio::select! {
            biased;
            () = soft.cancelled() => return Ok(()),
            () = tokio::time::sleep(worker.config.janitor_interval) => {}
        }
        before = worker.overdue();
    }
}

/// Republishes everything that should have moved since `before` but has not. Safe at any time.
pub async fn recover(backends: &Backends, before: Timestamp) -> rethread_backends::Result<usize> {
    let overdue = retry(|| backends.jobs.overdue(before)).await?;
    for task in &overdue.tasks {
        retry(|| backends.queue.publish_task(task)).await?;
        METRICS.republished.add(&["task"], 1);
    }
    for event in &overdue.events {
        retry(|| backends.queue.publish_event(event)).await?;
        METRICS.republished.add(&["event"], 1);
    }
    Ok(overdue.tasks.len() + overdue.events.len())
}

impl Worker {
    /// Whatever has not moved since this time is overdue.
    fn overdue(&self) -> Timestamp {
        self.context.clock.now().checked_sub(self.config.overdue_after).unwrap_or(Timestamp::MIN)
    }

    async fn look_around(&self, before: Timestamp) {
        Duty::Republish.settle(self.republish(before).await);
        let now = self.context.clock.now();
        let unconfirmed_since = now.checked_sub(self.config.confirm_within).unwrap_or(Timestamp::MIN);
        let Backends { blobs, jobs, .. } = &self.context.backends;
        for (account, job) in Duty::Unconfirmed.list(retry(|| jobs.unconfirmed(unconfirmed_since)).await) {
            Duty::Unconfirmed.settle(self.cancel_unconfirmed(&account, job).await);
        }
        for (account, job) in Duty::Exports.list(retry(|| blobs.jobs(BlobPrefix::Exports)).await) {
            Duty::Exports.settle(self.sweep_export(&account, job).await);
        }
        for (account, job) in Duty::Uploads.list(retry(|| blobs.jobs(BlobPrefix::Uploads)).await) {
            Duty::Uploads.settle(self.sweep_upload(&account, job).await);
        }
    }

    async fn republish(&self, before: Timestamp) -> Result<(), TaskError> {
        let count = recover(&self.context.backends, before).await?;
        if count > 0 {
            tracing::info!(count, "published again what had not moved");
        }
        Ok(())
    }

    async fn sweep_upload(&self, account: &AccountId, job: JobId) -> Result<(), TaskError> {
        if self.is_over(account, job).await? {
            retry(|| self.context.backends.blobs.delete_job(BlobPrefix::Uploads, account, job)).await?;
            METRICS.overdue_deletions.add(&[], 1);
            tracing::info!(%account, %job, "deleted what was left of an upload");
        }
        Ok(())
    }

    /// Cancels a checked import that was not confirmed in time, and deletes its upload.
    async fn cancel_unconfirmed(&self, account: &AccountId, id: JobId) -> Result<(), TaskError> {
        let Some(job) = self.job(account, id).await? else { return Ok(()) };
        match self.apply(&job, Change::NotConfirmed).await? {
            Some(cancelled) => self.publish(&cancelled, TaskKind::Finish).await,
            None => Ok(()),
        }
    }

    /// Whether no more work will be done for a job.
    async fn is_over(&self, account: &AccountId, id: JobId) -> Result<bool, TaskError> {
        let job = self.job(account, id).await?;
        Ok(job.is_none_or(|job| job.state.is_final()))
    }
}
