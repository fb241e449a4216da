//! Waiting for a condition instead of for some time.

use std::time::{Duration, Instant};

/// Longest wait for anything in the tests; far above what it takes, so that only a real fault meets it.
const PATIENCE: Duration = Duration::from_mins(5);

/// Pauses between looks grow from the first to the last, so that looking at what takes long does not slow it down.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(150));

/// Waits until `look` finds something.
pub async fn wait_for<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let until = Instant::now() + PATIENCE;
    let mut pause = PAUSES.0;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < until, "waited {PATIENCE:?} in vain for {what}");
        tokio::time::sleep(pause).await;
        pause = (pause * 5 / 4).min(PAUSES.1);
    }
}
