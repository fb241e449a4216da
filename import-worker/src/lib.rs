#![doc = include_str!("../README.md")]

mod batches;
mod blob_reader;
mod dead_letters;
mod export;
mod finish;
mod heartbeat;
mod janitor;
mod ledgers;
mod lost_upload;
mod moves;
mod page_options;
mod plan;
mod process;
mod reader;
mod reconcile;
mod sent_fewer;
mod slice;
mod slot;
mod spans;
mod start_attempt;
mod sync;
mod task_error;
mod threads;
mod window;

use std::sync::Arc;

use futures::future::try_join_all;
use rethread_runtime::{Context, WorkerConfig};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use export::{ExportSink, Pack, write_export};
pub use janitor::recover;
pub use process::{NAME, run_process};
pub use threads::{SystemThreads, Threads, Wait, Waiter, Work, WorkThread};

/// What every task needs.
#[derive(Debug)]
struct Worker {
    context: Context,
    config: WorkerConfig,
    threads: Arc<dyn Threads>,
    /// Imports that have just ended and whose ledgers can be dropped.
    ended_imports: mpsc::UnboundedSender<ledgers::EndedImport>,
}

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
        let slots = try_join_all((0..worker.config.slots).map(|number| slot::run(Arc::clone(&worker), number)));
        let slots_ended = CancellationToken::new();
        let slots = async {
            let ended = slots.await;
            slots_ended.cancel();
            ended
        };
        let (janitor, dead_letters) = (janitor::run(Arc::clone(&worker)), dead_letters::run(Arc::clone(&worker)));
        let ledgers = ledgers::run(Arc::clone(&worker), ended, slots_ended.clone());
        tokio::try_join!(slots, janitor, dead_letters, ledgers)?;
        Ok(())
    }
}
