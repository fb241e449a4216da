//! What becomes of a task, and of its job, after the task failed.

use rethread_model::{Change, Job, JobError, JobState, Task};
use rethread_runtime::{METRICS, WorkerConfig};
use rethread_stores::{BlobPrefix, Error, ErrorKind};

use crate::retry::retry;
use crate::task_error::{Chain, TaskError, fault};
use crate::tasks::TaskHandler;
use crate::worker::Worker;

/// Fails the job of a task for which there is no disk space. Its upload, which would be deleted at
/// the end of the job, goes first: that frees space for recording the failure. Fails if even that
/// is not enough.
pub(super) async fn end_for_lack_of_room(
    worker: &Worker,
    handler: &dyn TaskHandler,
    task: &Task,
    error: Error,
) -> Result<(), Error> {
    if !handler.may_fail_job() {
        return Err(error);
    }
    worker.context.backends.blobs.delete_job(BlobPrefix::Uploads, &task.account, task.job).await?;
    match try_fail(worker, handler, task, fault("storage_full", error.to_string())).await {
        Err(TaskError::Backend(error)) if error.kind() == ErrorKind::StorageFull => Err(error),
        Err(error) => {
            tracing::error!(account = %task.account, job = %task.job, error = %Chain(&error), "a job could not be ended");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Leaves a task to the janitor, which republishes it after a while. The broker would redeliver
/// it at once, and soon treat it as poison. If the postponement cannot be recorded either, the
/// task becomes overdue like any lost one. A task that may not fail its job is postponed
/// indefinitely.
pub(super) async fn postpone(worker: &Worker, handler: &dyn TaskHandler, task: &Task, error: &Error) {
    let Task { account, job, kind, .. } = task;
    let WorkerConfig { retry_after, retry_at_most, max_retries, .. } = worker.config;
    let jobs = &worker.context.backends.jobs;
    match retry(|| jobs.postpone(task, retry_after, retry_at_most)).await {
        Ok(times) if times > max_retries && handler.may_fail_job() => {
            tracing::error!(%account, %job, ?kind, times, error = %Chain(error), "trouble for too long, the job is ended");
            fail(worker, handler, task, error).await;
        }
        Ok(times) => {
            METRICS.retries.add(&["task"], 1);
            tracing::warn!(%account, %job, ?kind, times, error = %Chain(error), "a task was put off");
        }
        Err(second) => {
            tracing::warn!(%account, %job, ?kind, error = %Chain(error), and = %Chain(&second), "a task comes again later");
        }
    }
}

/// Ends a job because a retry would not help. If that fails too, the janitor finds the job.
pub(super) async fn fail(worker: &Worker, handler: &dyn TaskHandler, task: &Task, error: &Error) {
    let (account, job, activity) = (&task.account, task.job, handler.activity());
    let message = format!("Rethread could not {activity} ({error}); its operators were told, try again later");
    if let Err(error) = try_fail(worker, handler, task, fault("storage", message)).await {
        tracing::error!(%account, %job, error = %Chain(&error), "the job could not be ended, the janitor tries again");
    }
}

/// Sends a job to its end because one of its tasks cannot be done. A job that is ending or has
/// ended is left alone.
pub(super) async fn try_fail(
    worker: &Worker,
    handler: &dyn TaskHandler,
    task: &Task,
    error: JobError,
) -> Result<(), TaskError> {
    let is_going_on = |job: &Job| !job.stopping && !job.state.is_final() && job.state != JobState::Waiting;
    let Some(job) = worker.job(&task.account, task.job).await?.filter(is_going_on) else {
        return Ok(());
    };
    let Some(job) = worker.apply(&job, Change::Fault(error)).await? else {
        return Ok(());
    };
    worker.publish(&job, handler.task_after_failure()).await
}
