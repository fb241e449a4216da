//! The net under everything: publishes again what should be in the queue, deletes what should not be stored.

use std::sync::Arc;

use rethread_backends::{Area, Backends};
use rethread_model::{AccountId, Change, JobId, JobState, TaskKind, Timestamp};
use rethread_runtime::METRICS;

use crate::Worker;
use crate::trouble::{Chain, Trouble, patiently};

/// Looks around at the start and then in intervals, until the soft stop.
pub(crate) async fn run(worker: Arc<Worker>) -> anyhow::Result<()> {
    let soft = worker.context.lifecycle.soft();
    // A queue that lives in this process was lost with the last one, and with it everything that was in it.
    let mut before =
        if worker.context.backends.queue.survives_restart() { worker.overdue() } else { worker.started_at };
    loop {
        if let Err(trouble) = worker.look_around(before).await {
            tracing::warn!(error = %Chain(&trouble), "the janitor could not look everywhere, it tries again later");
        }
        tokio::select! {
            biased;
            () = soft.cancelled() => return Ok(()),
            () = tokio::time::sleep(worker.config.janitor_interval) => {}
        }
        before = worker.overdue();
    }
}

/// Publishes everything that has not moved since `before` and should have. Harmless at any time.
pub async fn recover(backends: &Backends, before: Timestamp) -> rethread_backends::Result<usize> {
    let overdue = patiently(|| backends.jobs.overdue(before)).await?;
    for task in &overdue.tasks {
        patiently(|| backends.queue.publish_task(task)).await?;
        METRICS.republished.add(&["task"], 1);
    }
    for event in &overdue.events {
        patiently(|| backends.queue.publish_event(event)).await?;
        METRICS.republished.add(&["event"], 1);
    }
    Ok(overdue.tasks.len() + overdue.events.len())
}

impl Worker {
    /// What has not moved since then is overdue.
    fn overdue(&self) -> Timestamp {
        self.context.clock.now().checked_sub(self.config.overdue_after).unwrap_or(Timestamp::MIN)
    }

    async fn look_around(&self, before: Timestamp) -> Result<(), Trouble> {
        let backends = &self.context.backends;
        let count = recover(backends, before).await?;
        if count > 0 {
            tracing::info!(count, "published again what had not moved");
        }
        for (account, job) in patiently(|| backends.blobs.jobs(Area::Exports)).await? {
            self.sweep_export(&account, job).await?;
        }
        for (account, job) in patiently(|| backends.blobs.jobs(Area::Uploads)).await? {
            if self.is_over(&account, job).await? {
                patiently(|| backends.blobs.delete_job(Area::Uploads, &account, job)).await?;
                METRICS.overdue_deletions.add(&[], 1);
                tracing::info!(%account, %job, "deleted what was left of an upload");
            }
        }
        for (account, job) in patiently(|| backends.comments.unforgotten()).await? {
            if self.is_forgettable(&account, job).await? {
                patiently(|| backends.comments.forget_import(&account, job)).await?;
            }
        }
        self.cancel_unconfirmed().await
    }

    /// Ends what was checked and not confirmed in time, and with it its upload.
    async fn cancel_unconfirmed(&self) -> Result<(), Trouble> {
        let now = self.context.clock.now();
        let since = now.checked_sub(self.config.confirm_within).unwrap_or(Timestamp::MIN);
        for (account, id) in patiently(|| self.context.backends.jobs.unconfirmed(since)).await? {
            let Some(job) = self.job(&account, id).await? else { continue };
            if let Some(cancelled) = self.apply(&job, Change::NotConfirmed).await? {
                self.publish(&cancelled, TaskKind::Finish).await?;
            }
        }
        Ok(())
    }

    /// Whether nothing will be written any more to an import, or to a check, that the comment store knows by this id.
    async fn is_forgettable(&self, account: &AccountId, import: JobId) -> Result<bool, Trouble> {
        let job = self.job(account, import.of_job()).await?;
        Ok(job.is_none_or(|job| {
            let is_past = import == job.id.of_check() && (job.state == JobState::Waiting || job.import_id() != import);
            is_past || job.state.is_final()
        }))
    }

    /// Whether nothing will be done for a job any more.
    async fn is_over(&self, account: &AccountId, id: JobId) -> Result<bool, Trouble> {
        let job = self.job(account, id).await?;
        Ok(job.is_none_or(|job| job.state.is_final()))
    }
}
