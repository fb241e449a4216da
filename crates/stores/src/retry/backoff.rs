//! The policies: how long to pause between attempts, and when to give up.

use std::time::Duration;

use backon::ExponentialBuilder;
use tokio::time::Instant;

/// A retry policy. Pauses double from the first to the longest, each randomly shortened by up to
/// half.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    builder: ExponentialBuilder,
    budget: Budget,
}

impl Backoff {
    /// A call to any backend inside a task of the worker: six retries within about ten seconds.
    /// Without randomness, because a simulation replays workers exactly. The clients of the servers
    /// below it spread their own retries.
    #[must_use]
    pub fn task_call() -> Self {
        let builder = ExponentialBuilder::new().with_min_delay(Duration::from_millis(150)).with_max_times(6);
        Self { builder, budget: Budget::Unlimited }
    }

    /// A request to a blob store, which may restart or shed load: 45 seconds after the first
    /// failure.
    #[must_use]
    pub fn blob_request() -> Self {
        Self::growing(Duration::from_millis(200), Duration::from_secs(5)).within(Duration::from_secs(45))
    }

    /// A command to a job store, which answers within milliseconds. The caller sets the deadline.
    #[must_use]
    pub fn job_command() -> Self {
        Self::growing(Duration::from_millis(50), Duration::from_secs(1))
    }

    /// A transaction that conflicts with others: ten attempts within about three seconds.
    #[must_use]
    pub fn transaction() -> Self {
        let backoff = Self::growing(Duration::from_millis(30), Duration::from_millis(960));
        Self { builder: backoff.builder.with_max_times(9), ..backoff }
    }

    /// The first connection to a server, which may still be starting: about two attempts per
    /// second. The caller sets the deadline.
    #[must_use]
    pub fn first_connection() -> Self {
        Self::growing(Duration::from_millis(700), Duration::from_millis(700))
    }

    /// A consumer of a queue that lost its connection: no end.
    #[must_use]
    pub fn reconnect() -> Self {
        Self::growing(Duration::from_millis(200), Duration::from_secs(10))
    }

    /// A stream of changes in a job store that broke off: no end, and short pauses, because others
    /// wait for the changes.
    #[must_use]
    pub fn resume_changes() -> Self {
        Self::growing(Duration::from_millis(50), Duration::from_secs(2))
    }

    /// A job or a list of jobs that a person watches through another service: no end.
    #[must_use]
    pub fn resume_watch() -> Self {
        Self::growing(Duration::from_millis(200), Duration::from_secs(5))
    }

    /// An alert: five retries within 31 to 62 seconds. A receiver that refuses gets at least a
    /// second.
    #[must_use]
    pub fn alert() -> Self {
        let backoff = Self::growing(Duration::from_secs(2), Duration::from_secs(32));
        Self { builder: backoff.builder.with_max_times(5), ..backoff }
    }

    fn growing(first: Duration, longest: Duration) -> Self {
        // The library extends each pause by up to its length.
        let builder = ExponentialBuilder::new().with_min_delay(first / 2).with_max_delay(longest / 2);
        Self { builder: builder.without_max_times().with_jitter(), budget: Budget::Unlimited }
    }

    /// Gives up at this time after the first failure, rather than start a pause that would end
    /// later.
    #[must_use]
    pub fn within(self, budget: Duration) -> Self {
        Self { budget: Budget::AfterFirstFailure(budget), ..self }
    }

    /// Gives up at `deadline`, rather than start a pause that would end later.
    #[must_use]
    pub fn until(self, deadline: Instant) -> Self {
        Self { budget: Budget::Until(deadline), ..self }
    }

    /// The pauses alone, without the budget.
    #[must_use]
    pub fn builder(self) -> ExponentialBuilder {
        self.builder
    }

    pub(super) fn budget(self) -> Budget {
        self.budget
    }
}

/// The time after which no pause may end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Budget {
    Unlimited,
    AfterFirstFailure(Duration),
    Until(Instant),
}

impl Budget {
    /// Called after each failure; the first call starts the time.
    pub(super) fn allows(&mut self, pause: Duration) -> bool {
        let now = Instant::now();
        if let Self::AfterFirstFailure(budget) = *self {
            *self = Self::Until(now + budget);
        }
        match *self {
            Self::Until(deadline) => now + pause < deadline,
            Self::Unlimited | Self::AfterFirstFailure(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use backon::BackoffBuilder as _;

    use super::*;

    #[track_caller]
    fn assert_pauses(backoff: Backoff, longest_ms: &[u64]) {
        let pauses: Vec<Duration> = backoff.builder().build().take(longest_ms.len()).collect();
        assert_eq!(pauses.len(), longest_ms.len());
        for (pause, longest) in pauses.iter().zip(longest_ms) {
            let longest = Duration::from_millis(*longest);
            // The library computes with 32 bits.
            let (least, most) = (longest.mul_f64(0.499), longest.mul_f64(1.001));
            assert!((least..=most).contains(pause), "{pause:?} of {longest:?}");
        }
    }

    #[test]
    fn pauses_grow_up_to_a_limit() {
        assert_pauses(Backoff::reconnect(), &[200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
        assert_pauses(Backoff::blob_request(), &[200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        assert_pauses(Backoff::transaction(), &[30, 60, 120, 240, 480, 960, 960, 960, 960]);
        assert_pauses(Backoff::first_connection(), &[700, 700, 700]);
        assert_pauses(Backoff::alert(), &[2_000, 4_000, 8_000, 16_000, 32_000]);
    }

    #[test]
    fn bounded_policies_end() {
        assert_eq!(Backoff::task_call().builder().build().count(), 6);
        assert_eq!(Backoff::transaction().builder().build().count(), 9);
        assert_eq!(Backoff::alert().builder().build().count(), 5);
    }
}
