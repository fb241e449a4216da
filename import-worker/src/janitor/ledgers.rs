//! Drops the ledgers of imports that have ended. The time this takes grows with the size of the
//! file, so it runs outside the slots and delays no other work.

use std::sync::Arc;

use async_trait::async_trait;
use rethread_model::JobState;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::duty::{Duty, Failures};
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::{EndedImport, Worker};

const NAME: &str = "ledgers";

/// Drops ledgers that were left behind because a process was killed or a server was down.
pub(super) struct Ledgers {
    one_at_a_time: Arc<Mutex<()>>,
}

impl Ledgers {
    /// Whoever drops a ledger holds the lock, so that a process drops one at a time.
    pub(super) fn new(one_at_a_time: &Arc<Mutex<()>>) -> Self {
        Self { one_at_a_time: Arc::clone(one_at_a_time) }
    }
}

#[async_trait]
impl Duty for Ledgers {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn round(&mut self, worker: &Worker, failures: Failures) {
        let comments = &worker.context.backends.comments;
        for import in failures.list(retry(|| comments.imports_to_clean_up()).await) {
            match is_forgettable(worker, &import).await {
                Ok(true) => failures.note(drop_ledger(worker, &self.one_at_a_time, &import).await),
                Ok(false) => {}
                Err(trouble) => failures.note(Err(trouble)),
            }
        }
    }
}

/// Drops the ledgers that the slots of this process report, without waiting for the duty's next
/// round. After the slots have ended, ledgers reported earlier are still dropped until the hard
/// stop: `rethread import` depends on that.
pub(super) async fn drop_ended(
    worker: &Worker,
    one_at_a_time: &Mutex<()>,
    mut ended: mpsc::UnboundedReceiver<EndedImport>,
    slots_ended: CancellationToken,
) {
    let failures = Failures::of(NAME);
    let drop_all = async {
        loop {
            tokio::select! {
                biased;
                Some(import) = ended.recv() => failures.note(drop_ledger(worker, one_at_a_time, &import).await),
                () = slots_ended.cancelled() => return,
            }
        }
    };
    tokio::select! {
        biased;
        () = drop_all => {}
        () = worker.context.lifecycle.hard().cancelled() => {}
    }
}

async fn drop_ledger(
    worker: &Worker,
    one_at_a_time: &Mutex<()>,
    (account, import): &EndedImport,
) -> Result<(), TaskError> {
    let _alone = one_at_a_time.lock().await;
    Ok(retry(|| worker.context.backends.comments.forget_import(account, *import)).await?)
}

/// Whether an import, or a check, will receive no more writes.
async fn is_forgettable(worker: &Worker, (account, import): &EndedImport) -> Result<bool, TaskError> {
    let job = worker.job(account, import.of_job()).await?;
    Ok(job.is_none_or(|job| {
        // A check needs its ledger no more once it waits or the import has begun.
        let is_past = *import == job.id.of_check() && (job.state == JobState::Waiting || job.import_id() != *import);
        is_past || job.state.is_final()
    }))
}
