//! Retries beyond those of the SDK.
//!
//! The SDK retries a request a few times within some seconds and stops early when many fail. A
//! server that restarts or sheds load needs longer, and our client cannot resend the body of an
//! upload.

use rethread_stores::Result;
use rethread_stores::retry::{self, Backoff};

use super::failure::Failure;

/// Runs a repeatable operation until it succeeds or fails permanently, for less than a minute.
pub(super) async fn retry<T, F>(operation: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T, Failure>>,
{
    Ok(retry::retry(Backoff::blob_request(), operation).await?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rethread_stores::{Error, ErrorKind};
    use tokio::time::Instant;

    use super::*;

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
        assert!(began.elapsed() <= Duration::from_secs(45));
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
