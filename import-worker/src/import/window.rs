//! The window: only a limited number of a job's slices is in the queue at a time, so a large job
//! never keeps others waiting.

use rethread_model::{Job, SiteSync, TaskKind};
use rethread_stores::SliceProgress;

use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

impl Worker {
    /// Continues a job after one of its steps ended: publishes the next slices, or sends the job to
    /// its end.
    pub(crate) async fn go_on(&self, job: &Job, slice_progress: SliceProgress) -> Result<(), TaskError> {
        if slice_progress.is_read() {
            return self.publish(job, TaskKind::Finish).await;
        }
        let jobs = &self.context.backends.jobs;
        let window = if job.sync.is_some() { SiteSync::WINDOW } else { self.config.window };
        let opened = retry(|| jobs.open_slices(&job.account, job.id, window)).await?;
        for number in opened {
            self.publish(job, TaskKind::Slice { number }).await?;
        }
        Ok(())
    }
}
