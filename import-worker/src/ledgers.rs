//! Drops the ledgers of imports that have ended. It takes as long as the file was large, so no slot does it: nobody waits for
//! it, and work that somebody waits for never waits for it.

use std::sync::Arc;
use std::time::Duration;

use rethread_model::{AccountId, JobId, JobState};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::Worker;
use crate::janitor::Duty;
use crate::task_error::{TaskError, retry};

/// An import as the comment store knows it, which nothing will be written to any more.
pub(crate) type EndedImport = (AccountId, JobId);

/// Drops what the slots of this process say is to be dropped, and in intervals what others have left. When the slots have ended,
/// what they said before is dropped still, until the hard stop: what `rethread import` leaves behind is all of its use.
pub(crate) async fn run(
    worker: Arc<Worker>,
    mut ended: mpsc::UnboundedReceiver<EndedImport>,
    slots_ended: CancellationToken,
) -> anyhow::Result<()> {
    let hard = worker.context.lifecycle.hard();
    let drop_all = async {
        // At once: what an earlier process left.
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
    /// Ends an import in the comment store, and leaves the rest to [`run`].
    pub(crate) async fn forget(&self, account: &AccountId, import: JobId) -> Result<(), TaskError> {
        retry(|| self.context.backends.comments.end_import(account, import)).await?;
        // Nobody receives in a process that is about to end; the janitor finds it.
        let _ = self.ended_imports.send((account.clone(), import));
        Ok(())
    }

    async fn drop_ledger(&self, (account, import): &EndedImport) {
        let dropped = retry(|| self.context.backends.comments.forget_import(account, *import)).await;
        Duty::Ledgers.settle(dropped.map_err(TaskError::from));
    }

    /// Those that nobody dropped, because a process was killed or a server was away.
    async fn drop_left_ledgers(&self) {
        for import in Duty::Ledgers.list(retry(|| self.context.backends.comments.imports_to_clean_up()).await) {
            match self.is_forgettable(&import).await {
                Ok(true) => self.drop_ledger(&import).await,
                Ok(false) => {}
                Err(trouble) => Duty::Ledgers.settle(Err(trouble)),
            }
        }
    }

    /// Whether nothing will be written any more to an import, or to a check.
    async fn is_forgettable(&self, (account, import): &EndedImport) -> Result<bool, TaskError> {
        let job = self.job(account, import.of_job()).await?;
        Ok(job.is_none_or(|job| {
            let is_past =
                *import == job.id.of_check() && (job.state == JobState::Waiting || job.import_id() != *import);
            is_past || job.state.is_final()
        }))
    }
}
