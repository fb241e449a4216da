//! Waiting for a condition instead of for some time.

use std::time::{Duration, Instant};

/// Longest wait for anything in the tests; far above what it takes, so that only a real fault meets it.
const PATIENCE: Duration = Duration::from_mins(5);

/// Waits until `look` finds something.
pub async fn wait_for<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < until, "waited {PATIENCE:?} in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
