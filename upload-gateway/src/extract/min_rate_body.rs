//! A request body with a minimum rate.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// The minimum rate of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MinRate {
    /// How far the body may fall behind.
    pub(crate) patience: Duration,
    /// The minimum rate in bytes per second.
    pub(crate) bytes_per_second: u64,
}

impl MinRate {
    /// The time that `bytes` pay for.
    fn worth(self, bytes: usize) -> Duration {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Duration::from_secs(1).saturating_mul(bytes) / u32::try_from(self.bytes_per_second).unwrap_or(u32::MAX).max(1)
    }
}

/// The body fell behind by more than the patience: it stalled, or arrived too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the body of the request came too slowly")]
pub(crate) struct TooSlow;

/// Counts only the time spent waiting for the client: neither a slow reader nor a slow store behind
/// it is the client's fault. Each byte pays for some of that time, but not in advance, so a client
/// that was fast before gets no extra patience.
pub(crate) struct MinRateBody {
    body: Body,
    pace: MinRate,
    /// Waiting time that no byte has paid for.
    behind: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl MinRateBody {
    pub(crate) const fn new(body: Body, pace: MinRate) -> Self {
        Self { body, pace, behind: Duration::ZERO, waiting: None }
    }
}

impl HttpBody for MinRateBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                if let Some((since, _)) = this.waiting.take() {
                    this.behind += since.elapsed();
                }
                let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
                this.behind = this.behind.saturating_sub(this.pace.worth(bytes.map_or(0, Bytes::len)));
                Poll::Ready(frame)
            }
            Poll::Pending => {
                let left = this.pace.patience.saturating_sub(this.behind);
                let (_, too_late) = this.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
                too_late.as_mut().poll(cx).map(|()| Some(Err(axum::Error::new(TooSlow))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt as _, stream};

    use super::*;

    const PACE: MinRate = MinRate { patience: Duration::from_mins(1), bytes_per_second: 1000 };

    /// Reads a body that delivers pieces of some size at some interval. Returns after how long it
    /// ended, and whether it succeeded.
    async fn read(pieces: usize, size: usize, interval: Duration) -> (Duration, bool) {
        let pieces = stream::iter(0..pieces).then(move |_| async move {
            sleep(interval).await;
            Ok::<_, std::io::Error>(vec![b'x'; size])
        });
        let begun = Instant::now();
        let mut body = Body::new(MinRateBody::new(Body::from_stream(pieces), PACE)).into_data_stream();
        while let Some(piece) = body.next().await {
            if piece.is_err() {
                return (begun.elapsed(), false);
            }
        }
        (begun.elapsed(), true)
    }

    #[tokio::test(start_paused = true)]
    async fn silence_and_drips_end_and_a_slow_line_does_not() {
        let (took, is_whole) = read(1, 1, Duration::from_hours(1)).await;
        assert!(!is_whole && took <= Duration::from_secs(61), "{took:?}");
        let (took, is_whole) = read(10_000, 1, Duration::from_secs(1)).await;
        assert!(!is_whole && took <= Duration::from_secs(62), "{took:?}");
        let (took, is_whole) = read(600, 1100, Duration::from_secs(1)).await;
        assert!(is_whole && took >= Duration::from_mins(10), "{took:?}");
        let (_, is_whole) = read(20, 60_000, Duration::from_secs(50)).await;
        assert!(is_whole, "pauses are no harm where enough comes in between");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_its_time_is_not_the_clients_fault() {
        let pieces = stream::iter((0..10).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 10])));
        let mut body = Body::new(MinRateBody::new(Body::from_stream(pieces), PACE)).into_data_stream();
        while let Some(piece) = body.next().await {
            piece.unwrap();
            sleep(Duration::from_secs(50)).await;
        }
    }
}
