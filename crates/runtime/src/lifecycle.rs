//! Startup and shutdown.

use std::future::Future;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long a future may take to end on its own after a hard stop, before it is dropped.
const AFTER_HARD_STOP: Duration = Duration::from_secs(2);

/// Signals the parts of a process when to stop.
///
/// *Soft*: accept no new work, finish current work at the next safe point, return the rest to the
/// queue. *Hard*: drop everything now; another process redoes whatever was not committed.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
}

impl Lifecycle {
    /// A running process.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests a soft stop.
    pub fn stop(&self) {
        self.soft.cancel();
    }

    /// Requests a hard stop, which implies a soft one.
    pub fn abort(&self) {
        self.soft.cancel();
        self.hard.cancel();
    }

    /// Cancelled when the process should stop softly.
    #[must_use]
    pub const fn soft(&self) -> &CancellationToken {
        &self.soft
    }

    /// Cancelled when the process should stop at once.
    #[must_use]
    pub const fn hard(&self) -> &CancellationToken {
        &self.hard
    }

    /// Waits for `length`, but no longer than until the soft stop.
    pub async fn pause(&self, length: Duration) {
        tokio::select! {
            biased;
            () = self.soft.cancelled() => {}
            () = tokio::time::sleep(length) => {}
        }
    }

    /// A lifecycle for a part of the process. It stops when this one does, and can be
    /// stopped separately.
    #[must_use]
    pub fn part(&self) -> Self {
        Self { soft: self.soft.child_token(), hard: self.hard.child_token() }
    }
}

/// Runs `future` to its end, or until the system asks the process to stop. The first SIGINT or
/// SIGTERM requests a soft stop; the second one, or the end of `grace` after the first, requests a
/// hard one. A soft stop requested elsewhere starts the grace period too. Fails when the future
/// does not end even after the hard stop; it is then dropped.
pub async fn run_until_signal<T>(
    lifecycle: &Lifecycle,
    grace: Duration,
    future: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut asked_to_stop = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    tokio::pin!(future);
    tokio::select! {
        ended = &mut future => return ended,
        () = lifecycle.soft().cancelled() => {}
        () = asked_to_stop() => tracing::info!("stopping; a second signal stops at once"),
    }
    lifecycle.stop();
    tokio::select! {
        ended = &mut future => return ended,
        () = lifecycle.hard().cancelled() => {}
        () = asked_to_stop() => tracing::warn!("stopping at once"),
        () = tokio::time::sleep(grace) => tracing::warn!(grace = ?grace, "the time for stopping is over; stopping at once"),
    }
    lifecycle.abort();
    match tokio::time::timeout(AFTER_HARD_STOP, future).await {
        Ok(ended) => ended,
        Err(_) => bail!("work that did not stop when asked to was dropped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_ends_by_itself_is_left_alone() {
        let lifecycle = Lifecycle::new();
        let answer = run_until_signal(&lifecycle, Duration::from_secs(1), async { Ok(42) }).await.unwrap();
        assert_eq!(answer, 42);
        assert!(!lifecycle.soft().is_cancelled());
    }

    #[tokio::test]
    async fn a_soft_stop_lets_work_end() {
        let lifecycle = Lifecycle::new();
        let work = async {
            lifecycle.stop();
            lifecycle.soft().cancelled().await;
            Ok("tidied up")
        };
        assert_eq!(run_until_signal(&lifecycle, Duration::from_mins(1), work).await.unwrap(), "tidied up");
        assert!(!lifecycle.hard().is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn the_grace_has_an_end() {
        let lifecycle = Lifecycle::new();
        let work = async {
            lifecycle.stop();
            lifecycle.hard().cancelled().await;
            Ok("dropped everything")
        };
        assert_eq!(run_until_signal(&lifecycle, Duration::from_mins(1), work).await.unwrap(), "dropped everything");
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_stops_is_dropped() {
        let lifecycle = Lifecycle::new();
        lifecycle.stop();
        let stubborn = std::future::pending::<anyhow::Result<()>>();
        let error = run_until_signal(&lifecycle, Duration::from_mins(1), stubborn).await.unwrap_err();
        assert!(error.to_string().contains("did not stop"), "{error}");
        assert!(lifecycle.hard().is_cancelled());
    }

    #[test]
    fn a_part_stops_alone_and_with_the_whole() {
        let whole = Lifecycle::new();
        let part = whole.part();
        let other = whole.part();
        part.stop();
        assert!(!whole.soft().is_cancelled());
        whole.abort();
        assert!(other.soft().is_cancelled() && other.hard().is_cancelled());
    }
}
