//! The beginning of a job's work by this worker.

use rethread_model::{Change, Job, JobError, TaskKind};

use crate::Worker;
use crate::task_error::TaskError;

impl Worker {
    /// Notes that this worker begins the one task of a job's phase, and gives the job as it is then. `None` when it is not to:
    /// the job has moved on, or what was begun so often killed whoever began it, which fails the job with the error that
    /// `crashes` makes of how many times that was.
    pub(crate) async fn start_attempt(
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
            // Perhaps others have it, too, and all of them wait for a server. The janitor knows better later.
            self.apply(&job, Change::AttemptReleased).await?;
            return Ok(None);
        }
        self.apply(&job, Change::Fault(crashes(job.attempts - 1))).await?;
        self.publish(&job, TaskKind::Finish).await?;
        Ok(None)
    }
}
