//! One slot: takes a task, runs it, takes the next.

use std::sync::Arc;
use std::time::Duration;

use rethread_model::{Change, Job, JobError, JobState, Task, TaskKind};
use rethread_runtime::{METRICS, WorkerConfig};
use rethread_stores::{BlobPrefix, Consumer, Delivery, Error, ErrorKind};
use tracing::Instrument as _;

use crate::Worker;
use crate::reader::Reader;
use crate::spans::span_of;
use crate::task_error::{Chain, TaskError, fault, retry};

/// Runs tasks until the soft stop. The current task then ends early, at its next safe point. A
/// consumer that fails is replaced. Fails when the disk of this machine stays so full that not even
/// the end of a job can be stored.
pub(crate) async fn run(worker: Arc<Worker>, number: usize) -> anyhow::Result<()> {
    let soft = worker.context.lifecycle.soft();
    let reader = Reader::start(&*worker.threads, number)?;
    let mut tasks = worker.context.backends.queue.tasks().await?;
    while !soft.is_cancelled() {
        let delivery = tokio::select! {
            biased;
            () = soft.cancelled() => break,
            delivery = tasks.next() => delivery,
        };
        match delivery {
            Ok(delivery) => {
                let span = span_of(&delivery.payload);
                do_task(&worker, &reader, delivery).instrument(span).await?;
            }
            Err(error) => {
                tracing::warn!(slot = number, error = %error, "the queue gave no task, connecting again");
                if let Some(again) = reconnect(&worker).await {
                    tasks = again;
                }
            }
        }
    }
    Ok(())
}

async fn reconnect(worker: &Worker) -> Option<Box<dyn Consumer<Task>>> {
    tokio::select! {
        biased;
        () = worker.context.lifecycle.soft().cancelled() => None,
        () = tokio::time::sleep(Duration::from_secs(1)) => worker.context.backends.queue.tasks().await.ok(),
    }
}

async fn do_task(worker: &Arc<Worker>, reader: &Reader, delivery: Delivery<Task>) -> Result<(), Error> {
    let Task { account, job, kind, .. } = delivery.payload.clone();
    let hard = worker.context.lifecycle.hard();
    let done = tokio::select! {
        biased;
        () = hard.cancelled() => Err(TaskError::Stopping),
        done = until_there_is_room(worker, reader, &delivery.payload) => done,
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
            end_for_lack_of_room(worker, &delivery.payload, error).await?;
        }
        Err(TaskError::LostUpload(error)) => {
            if let Err(trouble) = worker.try_fail(&delivery.payload, error).await {
                tracing::error!(%account, %job, error = %Chain(&trouble), "the job could not be ended, the janitor tries again");
            }
        }
        Err(TaskError::Backend(error)) if error.kind() != ErrorKind::Unavailable && kind != TaskKind::Finish => {
            tracing::error!(%account, %job, ?kind, error = %Chain(&error), "a backend failed, the job is ended");
            fail(worker, &delivery.payload, &error).await;
        }
        Err(TaskError::Backend(error)) => postpone(worker, &delivery.payload, &error).await,
    }
    if let Err(error) = delivery.ack().await {
        tracing::warn!(%account, %job, ?kind, error = %error, "a task that is done may come again");
    }
    Ok(())
}

async fn attempt(worker: &Worker, reader: &Reader, task: &Task) -> Result<(), TaskError> {
    let (account, job) = (&task.account, task.job);
    match task.kind {
        TaskKind::Plan => worker.plan(account, job, reader).await,
        TaskKind::Slice { number } => worker.slice(account, job, number, reader).await,
        TaskKind::Export => worker.export(account, job).await,
        TaskKind::Move => worker.move_pages(account, job).await,
        TaskKind::Finish => worker.finish(account, job, reader).await,
    }
}

/// Runs a task. While the disk of this machine is full, retries after `worker.retry_after`, up to
/// `worker.max_retries` times: no other task would fare better meanwhile, and postponing one takes
/// disk space too.
async fn until_there_is_room(worker: &Worker, reader: &Reader, task: &Task) -> Result<(), TaskError> {
    let Task { account, job, kind, .. } = task;
    let WorkerConfig { retry_after, max_retries, .. } = worker.config;
    for retry in 0..max_retries {
        match attempt(worker, reader, task).await {
            Err(TaskError::Backend(error)) if error.kind() == ErrorKind::StorageFull => {
                METRICS.retries.add(&["task"], 1);
                if retry == 0 {
                    tracing::error!(%account, %job, ?kind, "{error}. The job waits for that, and fails after a while");
                }
                // The file did not cause this attempt to fail. If that cannot be recorded either,
                // few attempts are counted.
                if let TaskKind::Slice { number } = *kind {
                    let _ = worker.context.backends.jobs.release_slice(account, *job, number).await;
                }
            }
            done => return done,
        }
        tokio::select! {
            biased;
            () = worker.context.lifecycle.soft().cancelled() => return Err(TaskError::Stopping),
            () = tokio::time::sleep(retry_after) => {}
        }
    }
    attempt(worker, reader, task).await
}

/// Fails the job of a task for which there is no disk space. Its upload, which would be deleted at
/// the end of the job, goes first: that frees space for recording the failure. Fails if even that
/// is not enough.
async fn end_for_lack_of_room(worker: &Worker, task: &Task, error: Error) -> Result<(), Error> {
    if task.kind == TaskKind::Finish {
        return Err(error);
    }
    worker.context.backends.blobs.delete_job(BlobPrefix::Uploads, &task.account, task.job).await?;
    match worker.try_fail(task, fault("storage_full", error.to_string())).await {
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
/// task becomes overdue like any lost one. `Finish` can only end by succeeding, so it is
/// retried indefinitely.
async fn postpone(worker: &Worker, task: &Task, error: &rethread_stores::Error) {
    let Task { account, job, kind, .. } = task;
    let WorkerConfig { retry_after, retry_at_most, max_retries, .. } = worker.config;
    let jobs = &worker.context.backends.jobs;
    match retry(|| jobs.postpone(task, retry_after, retry_at_most)).await {
        Ok(times) if times > max_retries && *kind != TaskKind::Finish => {
            tracing::error!(%account, %job, ?kind, times, error = %Chain(error), "trouble for too long, the job is ended");
            fail(worker, task, error).await;
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
async fn fail(worker: &Worker, task: &Task, error: &rethread_stores::Error) {
    let (account, job) = (&task.account, task.job);
    let doing = match task.kind {
        TaskKind::Export => "write the export",
        TaskKind::Move => "move the pages",
        TaskKind::Plan | TaskKind::Slice { .. } | TaskKind::Finish => "store the import",
    };
    let message = format!("Rethread could not {doing} ({error}); its operators were told, try again later");
    if let Err(error) = worker.try_fail(task, fault("storage", message)).await {
        tracing::error!(%account, %job, error = %Chain(&error), "the job could not be ended, the janitor tries again");
    }
}

impl Worker {
    /// Sends a job to its end because one of its tasks cannot be done. A job that is ending or has
    /// ended is left alone.
    pub(crate) async fn try_fail(&self, task: &Task, error: JobError) -> Result<(), TaskError> {
        let is_going_on = |job: &Job| !job.stopping && !job.state.is_final() && job.state != JobState::Waiting;
        let Some(job) = self.job(&task.account, task.job).await?.filter(is_going_on) else {
            return Ok(());
        };
        let Some(job) = self.apply(&job, Change::Fault(error)).await? else {
            return Ok(());
        };
        // The next attempt at a slice sees that the job is stopping, and ends.
        let next = match task.kind {
            TaskKind::Plan | TaskKind::Export | TaskKind::Move => TaskKind::Finish,
            TaskKind::Slice { .. } | TaskKind::Finish => task.kind,
        };
        self.publish(&job, next).await
    }
}
