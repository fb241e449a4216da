//! Signs of life of a task that takes long, so that the janitor does not give it to another worker as well.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use rethread_runtime::WorkerConfig;

/// Longest time between two signs of life.
const SLOWEST: Duration = Duration::from_secs(10);

/// How often a task that is being done says so: several times before it would be overdue.
pub(crate) fn interval(config: &WorkerConfig) -> Duration {
    (config.overdue_after / 4).min(SLOWEST)
}

/// Does `work`, and calls `beat` in intervals meanwhile. What a beat says cannot stop the work.
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
