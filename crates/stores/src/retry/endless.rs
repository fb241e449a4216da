//! Pauses of loops that reconnect for as long as they run.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::Backoff;

/// The pauses of a loop that has no end. They grow with each failure and start over after a
/// success.
#[derive(Debug)]
pub struct Pauses {
    builder: ExponentialBuilder,
    rest: <ExponentialBuilder as BackoffBuilder>::Backoff,
    last: Duration,
}

impl Pauses {
    /// The pauses of a policy. If it has an end, its last pause is repeated.
    #[must_use]
    pub fn new(backoff: Backoff) -> Self {
        let builder = backoff.builder();
        Self { builder, rest: builder.build(), last: Duration::ZERO }
    }

    /// The next pause.
    pub fn next_pause(&mut self) -> Duration {
        self.last = self.rest.next().unwrap_or(self.last);
        self.last
    }

    /// Waits for the next pause.
    pub async fn pause(&mut self) {
        tokio::time::sleep(self.next_pause()).await;
    }

    /// Returns to the first pause, after a success.
    pub fn reset(&mut self) {
        self.rest = self.builder.build();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_start_over_after_a_success() {
        let mut pauses = Pauses::new(Backoff::reconnect());
        let taken: Vec<Duration> = (0..20).map(|_| pauses.next_pause()).collect();
        assert!(taken[0] <= Duration::from_millis(201) && taken[19] >= Duration::from_millis(4_999), "{taken:?}");
        pauses.reset();
        assert!(pauses.next_pause() <= Duration::from_millis(201));
    }
}
