//! The window: a job has at most so many slices in the queue, so that a large one never keeps the others waiting.

use rethread_backends::Standing;
use rethread_model::{Job, Sync, Task, TaskKind};

use crate::Worker;
use crate::trouble::{Trouble, patiently};

impl Worker {
    /// After a step of a job ended: lets the next slices in, or sends the job to its end.
    pub(crate) async fn go_on(&self, job: &Job, standing: Standing) -> Result<(), Trouble> {
        if standing.is_read() {
            return self.publish(job, TaskKind::Finish).await;
        }
        let jobs = &self.context.backends.jobs;
        let window = if job.sync.is_some() { Sync::WINDOW } else { self.config.window };
        let opened = patiently(|| jobs.open_slices(&job.account, job.id, window)).await?;
        for number in opened {
            self.publish(job, TaskKind::Slice { number }).await?;
        }
        Ok(())
    }

    /// Publishes a task of a job.
    pub(crate) async fn publish(&self, job: &Job, kind: TaskKind) -> Result<(), Trouble> {
        let task = Task::of(job, kind);
        Ok(patiently(|| self.context.backends.queue.publish_task(&task)).await?)
    }
}
