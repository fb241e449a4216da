//! Virtual time.

use std::time::Duration;

use rethread_model::{Clock, Timestamp};
use tokio::time::Instant;

/// Shows the runtime's time, which stands still while anything can run and then jumps to the
/// next timer.
#[derive(Debug)]
pub(crate) struct VirtualClock {
    begun: Instant,
}

impl VirtualClock {
    /// Starts now, at a fixed date.
    pub(crate) fn start() -> Self {
        Self { begun: Instant::now() }
    }

    /// The time since the start of the run.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        // 2026-01-01T00:00:00Z
        let start_ms = 1_767_225_600_000_i64;
        let since_ms = i64::try_from(self.elapsed().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(start_ms.saturating_add(since_ms)).unwrap_or(Timestamp::MAX)
    }
}
