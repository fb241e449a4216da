//! What is retried in place.

use std::future::Future;

use rethread_runtime::METRICS;
use rethread_stores::Error;
use rethread_stores::retry::{Backoff, retry_and_notify};

/// Retries while a backend is unavailable, for about ten seconds, and counts the retries.
pub(crate) async fn retry<T, F>(operation: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    retry_and_notify(Backoff::task_call(), operation, |error, pause| {
        METRICS.retries.add(&["call"], 1);
        tracing::warn!(error = %error, pause_ms = pause.as_millis(), "a backend is unavailable, trying again");
    })
    .await
}
