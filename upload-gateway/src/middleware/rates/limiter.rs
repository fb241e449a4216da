//! Counts of requests, with bounded memory.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use parking_lot::Mutex;

/// Maximum number of counts of one kind; a power of two.
pub(super) const SLOTS: u64 = 1 << 17;

/// Expired counts are removed once there are this many counts.
const SWEEP_FROM: usize = 10_000;

/// Minimum number of requests between two removals, since each scans all counts.
pub(super) const SWEEP_EVERY: u32 = 10_000;

/// Counts of one kind.
#[derive(Debug)]
pub(super) struct Limiter<C: Clock> {
    pub(super) counts: RateLimiter<u64, HashMapStateStore<u64>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    since_sweep: Mutex<u32>,
}

impl<C: Clock + Clone> Limiter<C> {
    pub(super) fn new(per_minute: u32, clock: C) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        let counts = RateLimiter::hashmap_with_clock(quota, clock.clone());
        Self { counts, clock, since_sweep: Mutex::new(0) }
    }

    /// Counts one more for `hash`, or returns how long to wait.
    pub(super) fn count(&self, hash: u64) -> Result<(), Duration> {
        self.sweep();
        self.counts.check_key(&(hash % SLOTS)).map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }

    fn sweep(&self) {
        let mut since_sweep = self.since_sweep.lock();
        *since_sweep += 1;
        if *since_sweep >= SWEEP_EVERY {
            *since_sweep = 0;
            if self.counts.len() >= SWEEP_FROM {
                self.counts.retain_recent();
                self.counts.shrink_to_fit();
            }
        }
    }
}
