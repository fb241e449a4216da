//! Imports one slice.

use std::time::Instant;

use async_trait::async_trait;
use rethread_model::{Change, Job, Phase, SliceNumber, SliceSpec, Task, TaskKind};
use rethread_runtime::{METRICS, SPANS};
use rethread_stores::ErrorKind;
use tracing::Span;

use super::handler::TaskHandler;
use crate::reading::Reader;
use crate::retry::retry;
use crate::task_error::{TaskError, fault};
use crate::worker::Worker;

/// See [`TaskKind::Slice`].
pub(super) struct ReadSlice {
    pub(super) number: SliceNumber,
}

#[async_trait]
impl TaskHandler for ReadSlice {
    /// Resumes the slice where it was last written, and writes it batch by batch.
    async fn run(&self, worker: &Worker, task: &Task, reader: &Reader) -> Result<(), TaskError> {
        let (account, id) = (&task.account, task.job);
        let number = self.number;
        let jobs = &worker.context.backends.jobs;
        let Some(job) = worker.job(account, id).await? else {
            return Ok(());
        };
        // Stale task: the job is not importing.
        let Some(facts) = job.facts.clone().filter(|_| job.phase == Phase::Importing) else {
            return Ok(());
        };
        let start = match retry(|| jobs.begin_slice(account, id, number)).await {
            // The job has just begun its next pass, which publishes its slices again.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            begun => begun?,
        };
        if start.is_ended {
            let slice_progress = retry(|| jobs.slice_progress(account, id)).await?;
            return worker.go_on(&job, slice_progress).await;
        }
        if start.attempts > worker.config.max_attempts && !job.stopping {
            if u128::from(start.idle_ms) < worker.config.overdue_after.as_millis() {
                // Other workers may hold this slice too, all of them waiting for a backend. The
                // janitor decides later.
                return Ok(retry(|| jobs.release_slice(account, id, number)).await?);
            }
            // No worker has reported for a while, so the earlier attempts were killed.
            give_up(worker, &job, &start.spec, start.attempts - 1).await?;
        }
        if start.attempts > 1 {
            METRICS.retries.add(&["task"], 1);
        }
        tracing::debug!(%account, job = %id, slice = %number, attempt = start.attempts, "slice begins");
        let begun = Instant::now();
        let slice_progress = match worker.write_slice(&job, &facts, (start.spec, start.reported_bytes), reader).await {
            Err(TaskError::LostUpload(error)) => {
                tracing::error!(%account, job = %id, slice = %number, error = %error.message, "the upload is lost");
                worker.apply(&job, Change::Fault(error)).await?;
                // The next attempt sees that the job is stopping, and ends.
                return worker.publish(&job, TaskKind::Slice { number }).await;
            }
            written => written?,
        };
        match slice_progress {
            Some(slice_progress) => {
                METRICS.slice_seconds.observe(&[facts.vendor.as_str()], begun.elapsed().as_secs_f64());
                tracing::debug!(%account, job = %id, slice = %number, "slice ended");
                worker.go_on(&job, slice_progress).await
            }
            None => Ok(()),
        }
    }

    fn span(&self, Task { account, job, .. }: &Task) -> Span {
        tracing::info_span!(target: SPANS, parent: None, "slice", otel.kind = "consumer", %account, %job,
            slice = self.number.0)
    }

    /// A large file has hundreds of slices, and a single trace of them all would be unusable.
    fn has_own_trace(&self) -> bool {
        true
    }

    fn activity(&self) -> &'static str {
        "store the import"
    }

    /// The next attempt at the slice sees that the job is stopping, and ends.
    fn task_after_failure(&self) -> TaskKind {
        TaskKind::Slice { number: self.number }
    }

    /// The file did not cause this attempt to fail. If that cannot be recorded either, few attempts
    /// are counted.
    async fn release_attempt(&self, worker: &Worker, Task { account, job, .. }: &Task) {
        let _ = worker.context.backends.jobs.release_slice(account, *job, self.number).await;
    }
}

/// Fails the job of a slice that killed its workers. The rows written so far stay.
async fn give_up(worker: &Worker, job: &Job, spec: &SliceSpec, crashes: u32) -> Result<(), TaskError> {
    let error = fault(
        "slice_crashes",
        format!(
            "reading bytes {} to {} of the file crashed {crashes} times; this is a fault of Rethread: \
             send the operators the job's id",
            spec.start, spec.end
        ),
    );
    // A rejected change means that the job is already finishing, for whatever reason
    // came first.
    worker.apply(job, Change::Fault(error)).await.map(drop)
}
