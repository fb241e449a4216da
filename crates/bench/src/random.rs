//! Randomness that is the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The purpose of a stream of random numbers. Streams of one seed are independent, so that the
/// facts of a thread, for example, can be drawn again from its number alone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Posts,
    Choice,
    Thread,
    Person,
    Hex,
    Authors,
    Shuffle,
}

/// A stream of random numbers. It reduces numbers to ranges itself: `rand` may do that differently
/// between versions, and the same seed must give the same bytes.
#[derive(Debug, Clone)]
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let key = seed ^ ((purpose as u64) << 56);
        let mut stream = ChaCha8Rng::seed_from_u64(key);
        stream.set_stream(number);
        Self(stream)
    }

    /// From 0 to `bound - 1`; 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// From `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// An index below `length`.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// True in `per_mille` of a thousand cases.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of the choices, which must not be empty.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.index(choices.len())]
    }

    /// From 0 to `bound - 1`, small numbers far more often: the few people who write most comments.
    pub(crate) fn skewed(&mut self, bound: u64) -> u64 {
        let first = self.below(bound.max(1));
        let second = self.below(first + 1);
        self.below(second + 1)
    }

    /// A string of `digits` hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.index(16)])).collect()
    }

    /// Shuffles the items.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_same_numbers_for_ever() {
        let mut random = Random::new(7, Purpose::Thread, 3);
        let drawn: Vec<u64> = (0..5).map(|_| random.below(1000)).collect();
        let mut again = Random::new(7, Purpose::Thread, 3);
        assert_eq!(drawn, (0..5).map(|_| again.below(1000)).collect::<Vec<_>>());
        let mut other = Random::new(7, Purpose::Thread, 4);
        assert_ne!(drawn, (0..5).map(|_| other.below(1000)).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut random = Random::new(1, Purpose::Posts, 0);
        assert!((0..1000).all(|_| random.below(3) < 3));
        assert!((0..1000).all(|_| (5..=6).contains(&random.between(5, 6))));
        assert!((0..1000).all(|_| random.skewed(9) < 9));
        assert_eq!(random.below(0), 0);
    }
}
