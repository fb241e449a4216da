//! The safety net: republishes what should be in the queue, and deletes what should not be stored.

mod duty;
mod exports;
mod ledgers;
mod republish;
mod unconfirmed;
mod uploads;

use std::sync::Arc;

use futures::future::join_all;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use self::duty::{Duty, repeat};
use self::exports::Exports;
use self::ledgers::Ledgers;
use self::republish::Republish;
use self::unconfirmed::Unconfirmed;
use self::uploads::Uploads;
use crate::worker::{EndedImport, Worker};

/// Performs every duty at the start and then at its interval, until the soft stop. Also drops the
/// ledgers of imports that end meanwhile, see [`ledgers::drop_ended`].
///
/// All of it is one future: the simulation replays a run only if nothing else decides what happens
/// first.
pub(crate) async fn run(
    worker: Arc<Worker>,
    ended: mpsc::UnboundedReceiver<EndedImport>,
    slots_ended: CancellationToken,
) -> anyhow::Result<()> {
    let one_ledger_at_a_time = Arc::default();
    let mut duties = duties(&worker, &one_ledger_at_a_time);
    let rounds = join_all(duties.iter_mut().map(|duty| repeat(&mut **duty, &worker)));
    let ended_imports = ledgers::drop_ended(&worker, &one_ledger_at_a_time, ended, slots_ended);
    tokio::join!(rounds, ended_imports);
    Ok(())
}

fn duties(worker: &Worker, one_ledger_at_a_time: &Arc<Mutex<()>>) -> Vec<Box<dyn Duty>> {
    vec![
        Box::new(Republish::new(worker)),
        Box::new(Unconfirmed),
        Box::new(Exports),
        Box::new(Uploads),
        Box::new(Ledgers::new(one_ledger_at_a_time)),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[tokio::test]
    async fn failures_of_each_duty_are_counted_separately() {
        let folder = tempfile::tempdir().unwrap();
        let (worker, _ended) = Worker::for_tests(folder.path()).await;
        let duties = duties(&worker, &Arc::default());
        let names: BTreeSet<_> = duties.iter().map(|duty| duty.name()).collect();
        assert_eq!(names.len(), duties.len(), "{names:?}");
    }
}
