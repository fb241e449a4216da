//! Fails the jobs of tasks that the queue gave up on, so that the failure is reported.

use std::sync::Arc;
use std::time::Duration;

use rethread_model::Task;
use rethread_stores::{Consumer, Delivery};

use super::failure::try_fail;
use crate::task_error::{Chain, TaskError, fault};
use crate::tasks::handler;
use crate::worker::Worker;

/// The pause after a job could not be failed, or after the queue failed.
const AFTER_TROUBLE: Duration = Duration::from_secs(5);

/// Handles dead tasks until the soft stop. Each one goes to a single worker.
pub(crate) async fn run(worker: Arc<Worker>) -> anyhow::Result<()> {
    let soft = worker.context.lifecycle.soft();
    let mut dead = worker.context.backends.queue.dead_tasks().await?;
    while !soft.is_cancelled() {
        let done = tokio::select! {
            biased;
            () = soft.cancelled() => break,
            done = fail_next(&worker, &mut *dead) => done,
        };
        if let Err(trouble) = done {
            tracing::warn!(error = %Chain(&trouble), "a dead task could not be dealt with, it comes again");
            worker.context.lifecycle.pause(AFTER_TROUBLE).await;
        }
    }
    Ok(())
}

/// On any failure the task is returned to the queue and redelivered.
async fn fail_next(worker: &Worker, dead: &mut dyn Consumer<Task>) -> Result<(), TaskError> {
    let delivery: Delivery<Task> = dead.next().await?;
    let Task { account, job, kind, .. } = &delivery.payload;
    tracing::error!(%account, %job, ?kind, "a task was given back too often, its job is ended");
    fail_dead(worker, &delivery.payload).await?;
    Ok(delivery.ack().await?)
}

/// Fails the job of a dead task. A job that is already stopping is left alone: the janitor
/// republishes its tasks once they are overdue. Publishing them at once could kill workers in an
/// endless loop.
async fn fail_dead(worker: &Worker, task: &Task) -> Result<(), TaskError> {
    let message = "the work on the job was begun again and again and never came to an end; this is a fault of \
                   Rethread: send the operators the job's id";
    try_fail(worker, &*handler(task.kind), task, fault("task_dead", message)).await
}
