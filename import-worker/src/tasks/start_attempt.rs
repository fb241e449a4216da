//! The start of a worker's attempt at a job.

use rethread_model::{Change, Job, JobError, TaskKind};

use crate::task_error::TaskError;
use crate::worker::Worker;

impl Worker {
    /// Records that this worker starts the single task of a job's phase, and returns the updated
    /// job. Returns `None` when the worker must not start: the job has moved on, or too many
    /// attempts killed their worker. In the latter case the job fails with the error that `crashes`
    /// makes of their number.
    pub(super) async fn start_attempt(
        &self,
        job: &Job,
        crashes: impl FnOnce(u32) -> JobError,
    ) -> Result<Option<Job>, TaskError> {
        let idle = self.context.clock.now().duration_since(job.updated_at).unsigned_abs();
        let Some(job) = self.apply(job, Change::AttemptStarted).await? else {
            return Ok(None);
        };
        if job.attempts <= self.config.max_attempts {
            return Ok(Some(job));
        }
        if idle < self.config.overdue_after {
            // Other workers may hold this task too, all of them waiting for a backend. The janitor
            // decides later.
            self.apply(&job, Change::AttemptReleased).await?;
            return Ok(None);
        }
        // No heartbeat for a while, so the earlier attempts killed their workers.
        self.apply(&job, Change::Fault(crashes(job.attempts - 1))).await?;
        self.publish(&job, TaskKind::Finish).await?;
        Ok(None)
    }
}
