//! Drops the ledgers of imports that have ended. The time this takes grows with the size of the
//! file, so it runs outside the slots and delays no other work.

use std::sync::Arc;
use std::time::Duration;

use rethread_model::JobState;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Duty;
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::{EndedImport, Worker};

/// Drops the ledgers that the slots of this process report, and at intervals those that other
/// processes left behind. After the slots have ended, ledgers reported earlier are still dropped
/// until the hard stop: `rethread import` depends on that.
pub(crate) async fn run(
    worker: Arc<Worker>,
    mut ended: mpsc::UnboundedReceiver<EndedImport>,
    slots_ended: CancellationToken,
) -> anyhow::Result<()> {
    let hard = worker.context.lifecycle.hard();
    let drop_all = async {
        // The first round runs at once, for what an earlier process left.
        let mut pause = Duration::ZERO;
        loop {
            tokio::select! {
                biased;
                Some(import) = ended.recv() => worker.drop_ledger(&import).await,
                () = slots_ended.cancelled() => return,
                () = tokio::time::sleep(pause) => {
                    worker.drop_left_ledgers().await;
                    pause = worker.config.janitor_interval;
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = drop_all => {}
        () = hard.cancelled() => {}
    }
    Ok(())
}

impl Worker {
    async fn drop_ledger(&self, (account, import): &EndedImport) {
        let dropped = retry(|| self.context.backends.comments.forget_import(account, *import)).await;
        Duty::Ledgers.settle(dropped.map_err(TaskError::from));
    }

    /// Drops ledgers that were left behind because a process was killed or a server was down.
    async fn drop_left_ledgers(&self) {
        for import in Duty::Ledgers.list(retry(|| self.context.backends.comments.imports_to_clean_up()).await) {
            match self.is_forgettable(&import).await {
                Ok(true) => self.drop_ledger(&import).await,
                Ok(false) => {}
                Err(trouble) => Duty::Ledgers.settle(Err(trouble)),
            }
        }
    }

    /// Whether an import, or a check, will receive no more writes.
    async fn is_forgettable(&self, (account, import): &EndedImport) -> Result<bool, TaskError> {
        let job = self.job(account, import.of_job()).await?;
        Ok(job.is_none_or(|job| {
            // A check needs its ledger no more once it waits or the import has begun.
            let is_past =
                *import == job.id.of_check() && (job.state == JobState::Waiting || job.import_id() != *import);
            is_past || job.state.is_final()
        }))
    }
}
