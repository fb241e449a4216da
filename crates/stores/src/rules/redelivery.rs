//! When an overdue task or event must be published again: one rule for all stores.

use std::time::Duration;

use rethread_model::Timestamp;

/// The longest wait between two publications, in intervals of the caller.
const LONGEST_WAIT: i64 = 64;

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
    /// Whether it must be published now.
    pub fn is_due(&self, before: Timestamp, now: Timestamp) -> bool {
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

    /// The state after it was published.
    #[must_use]
    pub fn published(self, now: Timestamp) -> Self {
        Self {
            publish_count: self.publish_count.saturating_add(1),
            published_at: Some(now.as_millisecond()),
            not_before: None,
            ..self
        }
    }
}

/// Until when a task is postponed that was postponed `times` in a row, in milliseconds since 1970.
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
    fn tellings(interval: i64, seconds: i64) -> Vec<i64> {
        let mut state = RedeliveryState::default();
        (0..seconds)
            .filter(|&second| {
                let is_due = state.is_due(at(second - interval), at(second));
                if is_due {
                    state = state.published(at(second));
                }
                is_due
            })
            .collect()
    }

    #[test]
    fn each_telling_doubles_the_wait_up_to_64_intervals() {
        assert_eq!(tellings(10, 700), [10, 20, 40, 80, 160, 320, 640]);
        let late = tellings(1, 400);
        assert_eq!(late, [1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 320, 384]);
    }

    #[test]
    fn whoever_asks_for_everything_is_told_everything_but_what_is_held_back() {
        let published = RedeliveryState { publish_count: 9, published_at: Some(5_000), ..RedeliveryState::default() };
        assert!(published.is_due(Timestamp::MAX, at(5)));
        let held = RedeliveryState { not_before: Some(7_000), ..published };
        assert!(!held.is_due(Timestamp::MAX, at(6)));
        assert!(held.is_due(Timestamp::MIN, at(7)));
        assert_eq!(held.published(at(7)).not_before, None);
    }

    #[test]
    fn postponing_doubles_up_to_the_cap() {
        let wait = |times| not_before(at(0), times, Duration::from_secs(2), Duration::from_mins(1));
        assert_eq!([1, 2, 3, 5, 6, 99].map(wait), [2_000, 4_000, 8_000, 32_000, 60_000, 60_000]);
    }
}
