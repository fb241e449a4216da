//! Retries beyond those of the SDK.
//!
//! The SDK retries a request a few times within some seconds and stops early when many fail. A
//! server that restarts or sheds load needs longer, and our client cannot resend the body of an
//! upload.

use std::time::Duration;

use rand::RngExt as _;
use rethread_stores::Result;
use tokio::time::{Instant, sleep};

use super::failure::Failure;

/// How long to keep retrying after the first failure.
const PATIENCE: Duration = Duration::from_secs(45);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Runs a repeatable operation until it succeeds or fails permanently, for less than a minute.
pub(super) async fn retry<T, F>(operation: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T, Failure>>,
{
    retry_for(PATIENCE, operation).await
}

/// The same, for `patience` after the first failure.
pub(super) async fn retry_for<T, F>(patience: Duration, mut operation: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut give_up_at = None;
    let mut pause = FIRST_PAUSE;
    loop {
        match operation().await {
            Ok(value) => return Ok(value),
            Err(failure) if failure.may_pass => {
                let give_up_at = *give_up_at.get_or_insert_with(|| Instant::now() + patience);
                let jittered = pause.mul_f64(rand::rng().random_range(0.5..1.0));
                if Instant::now() + jittered >= give_up_at {
                    return Err(failure.error);
                }
                let (error, pause_ms) = (&failure.error, jittered.as_millis());
                tracing::debug!(error = %error, pause_ms, "the blob store is unavailable, trying again");
                sleep(jittered).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(failure) => return Err(failure.error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rethread_stores::{Error, ErrorKind};

    fn down() -> Failure {
        Failure::transient("cannot read", "HTTP 503")
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_comes_back_is_waited_for_and_one_that_does_not_is_given_up() {
        let began = Instant::now();
        let after_20_s =
            retry(|| async { if began.elapsed() < Duration::from_secs(20) { Err(down()) } else { Ok(()) } });
        after_20_s.await.unwrap();
        let began = Instant::now();
        let never = retry(|| async { Err::<(), _>(down()) });
        assert_eq!(never.await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert!(began.elapsed() <= PATIENCE);
    }

    #[tokio::test]
    async fn what_does_not_pass_is_not_repeated() {
        let mut attempts = 0;
        let refused = retry(|| {
            attempts += 1;
            let error = Error::new(ErrorKind::Unavailable, "refused");
            async { Err::<(), _>(Failure { error, may_pass: false }) }
        });
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(attempts, 1);
    }
}
