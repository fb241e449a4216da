//! Waits for conditions instead of fixed times.

use std::time::{Duration, Instant};

/// Timeout for every wait in the tests; far above the normal duration, so that only a real fault
/// reaches it.
const PATIENCE: Duration = Duration::from_mins(5);

/// Polling intervals grow from the first to the last, so that polling does not slow down a long
/// operation.
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
