//! Moves threads to another page: the only work of such a job.

use async_trait::async_trait;
use rethread_model::kinds::MoveChange;
use rethread_model::{Change, Job, JobError, JobSpec, Moving, Task, TaskKind};
use rethread_runtime::SPANS;
use tracing::Span;

use super::handler::TaskHandler;
use super::job_ending::JobEnding;
use crate::reading::Reader;
use crate::retry::retry;
use crate::task_error::{TaskError, fault};
use crate::worker::Worker;

/// Threads moved between two checks for cancellation.
const THREADS: u32 = 500;

/// See [`TaskKind::Move`].
pub(super) struct MovePages;

#[async_trait]
impl TaskHandler for MovePages {
    /// Moves the remaining threads and sends the job to its end. Repeated or concurrent calls move
    /// and count each thread once: the comment store records how far the job is.
    async fn run(&self, worker: &Worker, task: &Task, _reader: &Reader) -> Result<(), TaskError> {
        let job = worker.job(&task.account, task.job).await?;
        let Some(job) = job.filter(|job| !job.state.is_final()) else {
            return Ok(());
        };
        let JobSpec::Move(moving) = &job.spec else { return Ok(()) };
        if job.stopping || job.phase.task() != Some(TaskKind::Move) {
            return worker.publish(&job, TaskKind::Finish).await;
        }
        let Some(begun) = worker.start_attempt(&job, move_crashes).await? else {
            return Ok(());
        };
        let moved = move_all(worker, &begun, moving).await;
        if let Err(TaskError::Stopping | TaskError::Backend(_)) = moved {
            worker.apply(&begun, Change::AttemptReleased).await?;
        }
        moved?;
        worker.publish(&begun, TaskKind::Finish).await
    }

    fn span(&self, Task { account, job, .. }: &Task) -> Span {
        tracing::info_span!(target: SPANS, "move", otel.kind = "consumer", %account, %job)
    }

    fn activity(&self) -> &'static str {
        "move the pages"
    }
}

/// Leaves nothing behind.
impl JobEnding for MovePages {}

/// Moves step by step, until nothing is left or an admin cancels the job.
async fn move_all(worker: &Worker, begun: &Job, moving: &Moving) -> Result<(), TaskError> {
    let comments = &worker.context.backends.comments;
    loop {
        let step = retry(|| comments.move_threads(&begun.account, begun.id, moving, THREADS)).await?;
        // The change doubles as a heartbeat; it is rejected once an admin cancels the job.
        let change = if step.complete { MoveChange::Moved(step.tally) } else { MoveChange::Progressed(step.tally) };
        let is_refused = worker.apply(begun, change.into()).await?.is_none();
        if step.complete || is_refused {
            return Ok(());
        }
        if worker.context.lifecycle.soft().is_cancelled() {
            return Err(TaskError::Stopping);
        }
    }
}

fn move_crashes(crashes: u32) -> JobError {
    let message =
        format!("moving crashed {crashes} times; this is a fault of Rethread: send the operators the job's id");
    fault("move_crashes", message)
}
