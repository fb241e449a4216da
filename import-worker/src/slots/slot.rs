//! One slot: takes a task, runs it, takes the next.

use std::sync::Arc;
use std::time::Duration;

use rethread_model::Task;
use rethread_stores::Consumer;

use super::run_task::run_task;
use crate::reading::Reader;
use crate::worker::Worker;

/// The pause after the queue failed.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

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
            Ok(delivery) => run_task(&worker, &reader, delivery).await?,
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
    let lifecycle = &worker.context.lifecycle;
    lifecycle.pause(AFTER_TROUBLE).await;
    if lifecycle.soft().is_cancelled() {
        return None;
    }
    worker.context.backends.queue.tasks().await.ok()
}
