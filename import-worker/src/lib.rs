#![doc = include_str!("../README.md")]

mod export;
mod heartbeat;
mod import;
mod janitor;
mod process;
mod reading;
mod retry;
mod slots;
mod task_error;
mod tasks;
mod worker;

use std::sync::Arc;

use futures::future::try_join_all;
use rethread_runtime::{Context, WorkerConfig};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::worker::Worker;

pub use export::{ExportSink, Pack, write_export};
pub use process::{NAME, run_process};
pub use reading::{SystemThreads, Threads, Wait, Waiter, Work, WorkThread};

/// Works until the soft stop, then finishes the current batches and returns the remaining tasks to
/// the queue. Fails when the queue cannot be consumed at all.
///
/// Everything created before this call, rather than before the first poll of the future, counts as
/// left behind by an earlier process.
pub fn run(context: Context, config: WorkerConfig) -> impl Future<Output = anyhow::Result<()>> + Send {
    run_on(Arc::new(SystemThreads), context, config)
}

/// Like [`run`], on the given threads.
pub fn run_on(
    threads: Arc<dyn Threads>,
    context: Context,
    config: WorkerConfig,
) -> impl Future<Output = anyhow::Result<()>> + Send {
    let (ended_imports, ended) = mpsc::unbounded_channel();
    let worker = Arc::new(Worker { context, config, threads, ended_imports });
    async move {
        let slots = try_join_all((0..worker.config.slots).map(|number| slots::run(Arc::clone(&worker), number)));
        let slots_ended = CancellationToken::new();
        let slots = async {
            let ended = slots.await;
            slots_ended.cancel();
            ended
        };
        let janitor = janitor::run(Arc::clone(&worker), ended, slots_ended.clone());
        let dead_tasks = slots::fail_dead_tasks(Arc::clone(&worker));
        tokio::try_join!(slots, janitor, dead_tasks)?;
        Ok(())
    }
}
