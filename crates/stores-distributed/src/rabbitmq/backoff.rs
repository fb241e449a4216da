//! How long to wait before trying again.

use std::time::Duration;

/// The upper bound of the first pause; half of it is the lower bound.
const FIRST: Duration = Duration::from_millis(200);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(10);

/// Exponential backoff: each pause is shortened by up to a half at random, so that clients that
/// were disconnected together do not reconnect together.
#[derive(Debug)]
pub(super) struct Pauses {
    next: Duration,
}

impl Pauses {
    pub(super) const fn new() -> Self {
        Self { next: FIRST }
    }

    /// The next pause, given a random number from 0 to 1.
    pub(super) fn next(&mut self, random: f64) -> Duration {
        let pause = self.next.mul_f64(1.0 - random.clamp(0.0, 1.0) / 2.0);
        self.next = (self.next * 2).min(LONGEST);
        pause
    }

    /// Back to the first pause after a success.
    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit_and_begin_anew() {
        let mut pauses = Pauses::new();
        let taken: Vec<u128> = (0..8).map(|_| pauses.next(0.0).as_millis()).collect();
        assert_eq!(taken, [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
        assert_eq!(pauses.next(1.0), Duration::from_secs(5));
        pauses.reset();
        assert_eq!(pauses.next(1.0), Duration::from_millis(100));
    }
}
