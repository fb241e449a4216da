//! How operations on backends are retried: one loop, and every policy that it follows.
//!
//! Pauses are randomly shortened, so that clients that failed together do not come back together.
//! They are measured by tokio's clock, which a simulation can replace.

mod backoff;
mod endless;

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use backon::Retryable as _;

pub use self::backoff::Backoff;
pub use self::endless::Pauses;
use crate::{Error, ErrorKind};

/// An error after which the same operation may succeed.
pub trait Transient {
    /// Whether a retry may help.
    fn is_transient(&self) -> bool;
}

impl Transient for Error {
    fn is_transient(&self) -> bool {
        self.kind() == ErrorKind::Unavailable
    }
}

/// Runs a repeatable operation until it succeeds, fails permanently, or the policy ends, and
/// returns the last result. Logs one line per retry, for developers: the caller handles the error,
/// and logs it.
pub async fn retry<T, E, F>(backoff: Backoff, operation: impl FnMut() -> F) -> Result<T, E>
where
    E: Transient + Display,
    F: Future<Output = Result<T, E>>,
{
    let log = |error: &E, pause: Duration| {
        tracing::debug!(%error, pause_ms = pause.as_millis(), "an operation failed, trying again");
    };
    retry_and_notify(backoff, operation, log).await
}

/// Like [`retry`], but calls `notify` before each pause and logs nothing itself.
pub async fn retry_and_notify<T, E, F>(
    backoff: Backoff,
    operation: impl FnMut() -> F,
    notify: impl FnMut(&E, Duration),
) -> Result<T, E>
where
    E: Transient,
    F: Future<Output = Result<T, E>>,
{
    let mut budget = backoff.budget();
    operation
        .retry(backoff.builder())
        .when(E::is_transient)
        .adjust(move |_, pause| pause.filter(|pause| budget.allows(*pause)))
        .notify(notify)
        .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::Instant;

    use super::*;

    fn down() -> Error {
        Error::new(ErrorKind::Unavailable, "the server is down")
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_of_a_task_is_retried_six_times_within_ten_seconds() {
        let (began, attempts, notices) = (Instant::now(), Cell::new(0), Cell::new(0));
        let call = || async {
            attempts.set(attempts.get() + 1);
            Err::<(), _>(down())
        };
        let failed = retry_and_notify(Backoff::task_call(), call, |_, _| notices.set(notices.get() + 1)).await;
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!((attempts.get(), notices.get()), (7, 6));
        assert!((9..10).contains(&began.elapsed().as_secs()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_budget_begins_with_the_first_failure() {
        let began = Instant::now();
        let attempt = || async {
            tokio::time::sleep(Duration::from_mins(1)).await;
            if began.elapsed() > Duration::from_mins(2) { Ok(()) } else { Err(down()) }
        };
        retry(Backoff::blob_request().within(Duration::from_secs(5)), attempt).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_is_never_passed() {
        let deadline = Instant::now() + Duration::from_secs(10);
        retry(Backoff::job_command().until(deadline), || async { Err::<(), _>(down()) }).await.unwrap_err();
        let left = deadline - Instant::now();
        assert!(left > Duration::ZERO && left <= Duration::from_secs(1), "{left:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_transient_is_not_repeated() {
        let attempts = Cell::new(0);
        let refused = retry(Backoff::blob_request(), || async {
            attempts.set(attempts.get() + 1);
            Err::<(), _>(Error::new(ErrorKind::Configuration, "there is no such bucket"))
        });
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Configuration);
        assert_eq!(attempts.get(), 1);
    }
}
