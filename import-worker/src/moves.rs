//! A move: assigns threads to another page.

use rethread_model::{AccountId, Change, Job, JobError, JobId, Moving, Order, TaskKind};

use crate::Worker;
use crate::task_error::{TaskError, fault, retry};

/// Threads moved between two checks for cancellation.
const THREADS: u32 = 500;

impl Worker {
    /// Moves the remaining threads and sends the job to its end. Repeated or concurrent calls move
    /// and count each thread once: the comment store records how far the job is.
    pub(crate) async fn move_pages(&self, account: &AccountId, id: JobId) -> Result<(), TaskError> {
        let Some(job) = self.job(account, id).await?.filter(|job| !job.state.is_final()) else {
            return Ok(());
        };
        let Order::Move(moving) = &job.order else { return Ok(()) };
        if job.stopping || job.phase.task() != Some(TaskKind::Move) {
            return self.publish(&job, TaskKind::Finish).await;
        }
        let Some(begun) = self.start_attempt(&job, move_crashes).await? else {
            return Ok(());
        };
        let moved = self.move_all(&begun, moving).await;
        if let Err(TaskError::Stopping | TaskError::Backend(_)) = moved {
            self.apply(&begun, Change::AttemptReleased).await?;
        }
        moved?;
        self.publish(&begun, TaskKind::Finish).await
    }

    /// Moves step by step, until nothing is left or an admin cancels the job.
    async fn move_all(&self, begun: &Job, moving: &Moving) -> Result<(), TaskError> {
        let comments = &self.context.backends.comments;
        loop {
            let step = retry(|| comments.move_threads(&begun.account, begun.id, moving, THREADS)).await?;
            // The change doubles as a heartbeat; it is rejected once an admin cancels the job.
            let change = if step.complete { Change::Moved(step.tally) } else { Change::MoveGoesOn(step.tally) };
            let is_refused = self.apply(begun, change).await?.is_none();
            if step.complete || is_refused {
                return Ok(());
            }
            if self.context.lifecycle.soft().is_cancelled() {
                return Err(TaskError::Stopping);
            }
        }
    }
}

fn move_crashes(crashes: u32) -> JobError {
    let message =
        format!("moving crashed {crashes} times; this is a fault of Rethread: send the operators the job's id");
    fault("move_crashes", message)
}
