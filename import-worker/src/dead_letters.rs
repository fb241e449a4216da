//! Fails the jobs of tasks that the queue gave up on, so that somebody hears of them.

use std::sync::Arc;
use std::time::Duration;

use rethread_backends::{Consumer, Delivery};
use rethread_model::Task;

use crate::Worker;
use crate::task_error::{Chain, TaskError, fault};

/// A pause after a job could not be failed, or the queue gave nothing.
const AFTER_TROUBLE: Duration = Duration::from_secs(5);

/// Takes dead tasks until the soft stop. One of all workers has each.
pub(crate) async fn run(worker: Arc<Worker>) -> anyhow::Result<()> {
    let soft = worker.context.lifecycle.soft();
    let mut dead = worker.context.backends.queue.dead_tasks().await?;
    while !soft.is_cancelled() {
        let done = tokio::select! {
            biased;
            () = soft.cancelled() => break,
            done = bury_next(&worker, &mut *dead) => done,
        };
        if let Err(trouble) = done {
            tracing::warn!(error = %Chain(&trouble), "a dead task could not be dealt with, it comes again");
            tokio::select! {
                biased;
                () = soft.cancelled() => break,
                () = tokio::time::sleep(AFTER_TROUBLE) => {}
            }
        }
    }
    Ok(())
}

/// Where anything fails, the task is given back and comes again.
async fn bury_next(worker: &Worker, dead: &mut dyn Consumer<Task>) -> Result<(), TaskError> {
    let delivery: Delivery<Task> = dead.next().await?;
    let Task { account, job, kind, .. } = &delivery.payload;
    tracing::error!(%account, %job, ?kind, "a task was given back too often, its job is ended");
    worker.bury(&delivery.payload).await?;
    Ok(delivery.ack().await?)
}

impl Worker {
    /// Fails the job of a dead task. A job that is stopping already is left alone: what should be in the queue for it the
    /// janitor publishes when it is overdue, and not at once, which could kill workers without an end.
    async fn bury(&self, task: &Task) -> Result<(), TaskError> {
        let message = "the work on the job was begun again and again and never came to an end; this is a fault of \
                       Rethread: send the operators the job's id";
        self.try_fail(task, fault("task_dead", message)).await
    }
}
