//! What is retried in place.

use std::future::Future;
use std::time::Duration;

use rethread_runtime::METRICS;
use rethread_stores::{Error, ErrorKind};

/// Retries while a backend is unavailable: six times within about ten seconds.
pub(crate) async fn retry<T, F>(mut operation: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pause = Duration::from_millis(150);
    for _ in 0..6 {
        match operation().await {
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                METRICS.retries.add(&["call"], 1);
                tracing::warn!(error = %error, pause_ms = pause.as_millis(), "a backend is unavailable, trying again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            done => return done,
        }
    }
    operation().await
}
