//! Ends a job, whatever its kind: sets its final state, publishes the outcome and cleans up.

use async_trait::async_trait;
use rethread_model::{Change, Event, Job, JobState, Task};
use rethread_runtime::{METRICS, SPANS};
use tracing::Span;

use super::ending_of;
use super::handler::TaskHandler;
use super::job_ending::Conclusion;
use crate::reading::Reader;
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// See [`rethread_model::TaskKind::Finish`].
pub(super) struct FinishJob;

#[async_trait]
impl TaskHandler for FinishJob {
    /// Ends a job that has nothing left to read. Does nothing while slices are being read: the last
    /// of them calls it again. Every step may be repeated, so a kill at any point costs only time.
    async fn run(&self, worker: &Worker, task: &Task, reader: &Reader) -> Result<(), TaskError> {
        let Some(job) = worker.job(&task.account, task.job).await? else {
            return Ok(());
        };
        let ending = ending_of(&job.spec);
        if job.state.is_final() {
            return ending.clean_up(worker, &job).await;
        }
        if job.state == JobState::Waiting && !job.stopping {
            return worker.forget(&job.account, job.import_id()).await;
        }
        match ending.conclude(worker, job, reader).await? {
            Some(conclusion) => end(worker, conclusion).await,
            None => Ok(()),
        }
    }

    fn span(&self, Task { account, job, .. }: &Task) -> Span {
        tracing::info_span!(target: SPANS, "finish", otel.kind = "consumer", %account, %job)
    }

    fn activity(&self) -> &'static str {
        "store the import"
    }

    /// A job can only end by this task's success.
    fn may_fail_job(&self) -> bool {
        false
    }
}

/// Sets the final state.
async fn end(worker: &Worker, Conclusion { job, summary, ending }: Conclusion) -> Result<(), TaskError> {
    let Some(ended) = worker.apply(&job, Change::Ended(summary, ending)).await? else {
        return Ok(());
    };
    let vendor = ended.facts.as_ref().map_or("none", |facts| facts.vendor.as_str());
    METRICS.jobs_ended.add(&[ended.state.as_str(), vendor], 1);
    publish_event(worker, &ended).await?;
    ending_of(&ended.spec).clean_up(worker, &ended).await
}

/// Publishes the event of a failed job. The job store keeps it as undelivered until the notifier
/// confirms it, so a failure here does not lose it.
async fn publish_event(worker: &Worker, job: &Job) -> Result<(), TaskError> {
    match Event::of(job) {
        Some(event) => Ok(retry(|| worker.context.backends.queue.publish_event(&event)).await?),
        None => Ok(()),
    }
}
