//! Heartbeats of long tasks, so that the janitor does not hand them to another worker.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use rethread_runtime::WorkerConfig;

/// The longest interval between two heartbeats.
const SLOWEST: Duration = Duration::from_secs(10);

/// The interval between heartbeats: short enough for several before the task is overdue.
pub(crate) fn interval(config: &WorkerConfig) -> Duration {
    (config.overdue_after / 4).min(SLOWEST)
}

/// Runs `work`, and calls `beat` at intervals meanwhile. A failed beat does not stop the work.
pub(crate) async fn beside<T, B>(interval: Duration, beat: impl FnMut() -> B, work: impl Future<Output = T>) -> T
where
    B: Future,
{
    tokio::select! {
        biased;
        done = work => done,
        never = forever(interval, beat) => match never {},
    }
}

async fn forever<B: Future>(interval: Duration, mut beat: impl FnMut() -> B) -> Infallible {
    loop {
        tokio::time::sleep(interval).await;
        beat().await;
    }
}
