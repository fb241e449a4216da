//! One task, from its delivery to its acknowledgement.

use rethread_model::Task;
use rethread_runtime::{METRICS, WorkerConfig, belongs_to, links_to};
use rethread_stores::{Delivery, Error, ErrorKind};
use tracing::{Instrument as _, Span};

use super::failure::{end_for_lack_of_room, fail, postpone, try_fail};
use crate::reading::Reader;
use crate::task_error::{Chain, TaskError};
use crate::tasks::{TaskHandler, handler};
use crate::worker::Worker;

/// Runs a task and settles its delivery. Fails when not even the end of the job can be stored.
pub(super) async fn run_task(worker: &Worker, reader: &Reader, delivery: Delivery<Task>) -> Result<(), Error> {
    let handler = handler(delivery.payload.kind);
    let span = span_of(&*handler, &delivery.payload);
    run_and_settle(worker, &*handler, reader, delivery).instrument(span).await
}

fn span_of(handler: &dyn TaskHandler, task: &Task) -> Span {
    let span = handler.span(task);
    if handler.has_own_trace() {
        links_to(&span, task.trace.as_ref());
    } else {
        belongs_to(&span, task.trace.as_ref());
    }
    span
}

async fn run_and_settle(
    worker: &Worker,
    handler: &dyn TaskHandler,
    reader: &Reader,
    delivery: Delivery<Task>,
) -> Result<(), Error> {
    let Task { account, job, kind, .. } = delivery.payload.clone();
    let hard = worker.context.lifecycle.hard();
    let done = tokio::select! {
        biased;
        () = hard.cancelled() => Err(TaskError::Stopping),
        done = until_there_is_room(worker, handler, reader, &delivery.payload) => done,
    };
    match done {
        Ok(()) => {}
        // Dropped without settling, so that the queue redelivers it at once. The slice's attempt
        // counter covers panics.
        Err(TaskError::Stopping) => return Ok(()),
        Err(TaskError::Panicked) => {
            tracing::error!(%account, %job, ?kind, "a task panicked, it is given back");
            return Ok(());
        }
        Err(TaskError::Backend(error)) if error.kind() == ErrorKind::StorageFull => {
            end_for_lack_of_room(worker, handler, &delivery.payload, error).await?;
        }
        Err(TaskError::LostUpload(error)) => {
            if let Err(trouble) = try_fail(worker, handler, &delivery.payload, error).await {
                tracing::error!(%account, %job, error = %Chain(&trouble), "the job could not be ended, the janitor tries again");
            }
        }
        Err(TaskError::Backend(error)) if error.kind() != ErrorKind::Unavailable && handler.may_fail_job() => {
            tracing::error!(%account, %job, ?kind, error = %Chain(&error), "a backend failed, the job is ended");
            fail(worker, handler, &delivery.payload, &error).await;
        }
        Err(TaskError::Backend(error)) => postpone(worker, handler, &delivery.payload, &error).await,
    }
    if let Err(error) = delivery.ack().await {
        tracing::warn!(%account, %job, ?kind, error = %error, "a task that is done may come again");
    }
    Ok(())
}

/// Runs a task. While the disk of this machine is full, retries after `worker.retry_after`, up to
/// `worker.max_retries` times: no other task would fare better meanwhile, and postponing one takes
/// disk space too.
async fn until_there_is_room(
    worker: &Worker,
    handler: &dyn TaskHandler,
    reader: &Reader,
    task: &Task,
) -> Result<(), TaskError> {
    let Task { account, job, kind, .. } = task;
    let WorkerConfig { retry_after, max_retries, .. } = worker.config;
    let lifecycle = &worker.context.lifecycle;
    for retry in 0..max_retries {
        match handler.run(worker, task, reader).await {
            Err(TaskError::Backend(error)) if error.kind() == ErrorKind::StorageFull => {
                METRICS.retries.add(&["task"], 1);
                if retry == 0 {
                    tracing::error!(%account, %job, ?kind, "{error}. The job waits for that, and fails after a while");
                }
                handler.release_attempt(worker, task).await;
            }
            done => return done,
        }
        lifecycle.pause(retry_after).await;
        if lifecycle.soft().is_cancelled() {
            return Err(TaskError::Stopping);
        }
    }
    handler.run(worker, task, reader).await
}
