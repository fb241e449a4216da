//! When an overdue task or event is published again.
//!
//! A store reads the [`RedeliveryState`] of a task, asks [`Cutoff::publish`], and records the state
//! that it returns, unless another caller has changed the stored one in between.

use std::time::Duration;

use rethread_model::Timestamp;

/// The longest wait between two publications, in intervals of the caller.
const LONGEST_WAIT: i64 = 64;

/// What a call of [`Redelivery::overdue`](crate::Redelivery::overdue) is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutoff {
    /// What has not moved since then is overdue.
    pub before: Timestamp,
    /// The current time.
    pub now: Timestamp,
}

impl Cutoff {
    /// The state to record if the task or event must be published now, or `None` if it need not be.
    #[must_use]
    pub fn publish(self, state: RedeliveryState) -> Option<RedeliveryState> {
        state.is_due(self).then(|| state.published(self.now))
    }
}

/// What a store keeps about one task or event. Times are in milliseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RedeliveryState {
    /// When it last moved.
    pub moved_at: i64,
    /// How often it was published since then.
    pub publish_count: u32,
    /// When it was last published.
    pub published_at: Option<i64>,
    /// Not published before this time, and due from then on; `None` unless it was postponed since
    /// it last moved.
    pub not_before: Option<i64>,
}

impl RedeliveryState {
    fn is_due(&self, Cutoff { before, now }: Cutoff) -> bool {
        let (before, now) = (before.as_millisecond(), now.as_millisecond());
        if let Some(until) = self.not_before {
            return until <= now;
        }
        if self.moved_at > before {
            return false;
        }
        // A caller that passes a future time wants everything.
        let interval = now.saturating_sub(before).max(0);
        let waits = LONGEST_WAIT.min(1 << self.publish_count.saturating_sub(1).min(6));
        self.published_at.is_none_or(|at| now.saturating_sub(at) >= interval.saturating_mul(waits) || interval == 0)
    }

    fn published(self, now: Timestamp) -> Self {
        Self {
            publish_count: self.publish_count.saturating_add(1),
            published_at: Some(now.as_millisecond()),
            not_before: None,
            ..self
        }
    }
}

/// Until when a task is postponed for the `times`-th time in a row, in milliseconds since 1970. The
/// first wait is `base`; each further one is twice as long, up to `cap`.
#[must_use]
pub fn not_before(now: Timestamp, times: u32, base: Duration, cap: Duration) -> i64 {
    let wait = base.saturating_mul(1 << times.saturating_sub(1).min(30)).min(cap);
    now.as_millisecond().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// The seconds at which something is published to a caller that asks every second for what has
    /// not moved for `interval` seconds.
    fn publications(interval: i64, seconds: i64) -> Vec<i64> {
        let mut state = RedeliveryState::default();
        (0..seconds)
            .filter(|&second| {
                let published = Cutoff { before: at(second - interval), now: at(second) }.publish(state);
                state = published.unwrap_or(state);
                published.is_some()
            })
            .collect()
    }

    #[test]
    fn each_publication_doubles_the_wait_up_to_64_intervals() {
        assert_eq!(publications(10, 700), [10, 20, 40, 80, 160, 320, 640]);
        assert_eq!(publications(1, 400), [1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 320, 384]);
    }

    #[test]
    fn a_future_time_returns_everything_that_is_not_postponed() {
        let at = |before, second| Cutoff { before, now: at(second) };
        let published = RedeliveryState { publish_count: 9, published_at: Some(5_000), ..RedeliveryState::default() };
        assert!(at(Timestamp::MAX, 5).publish(published).is_some());
        let postponed = RedeliveryState { not_before: Some(7_000), ..published };
        assert_eq!(at(Timestamp::MAX, 6).publish(postponed), None);
        let after = at(Timestamp::MIN, 7).publish(postponed).expect("its time has come");
        assert_eq!((after.not_before, after.published_at), (None, Some(7_000)));
    }

    #[test]
    fn postponing_doubles_up_to_the_cap() {
        let wait = |times| not_before(at(0), times, Duration::from_secs(2), Duration::from_mins(1));
        assert_eq!([1, 2, 3, 5, 6, 99].map(wait), [2_000, 4_000, 8_000, 32_000, 60_000, 60_000]);
    }
}
