//! Ranges of times.

use crate::Timestamp;

/// The earliest and the latest of some times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateRange {
    /// The earliest.
    pub first: Timestamp,
    /// The latest.
    pub last: Timestamp,
}

impl DateRange {
    /// The range of some times; `None` if there are none.
    pub fn of(times: impl IntoIterator<Item = Timestamp>) -> Option<Self> {
        times.into_iter().map(|at| Self { first: at, last: at }).reduce(Self::and)
    }

    /// The smallest range that contains both. Commutative, associative and idempotent.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    /// Like [`DateRange::and`], for ranges that may be missing.
    #[must_use]
    pub fn either(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        one.into_iter().chain(other).reduce(Self::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_all_times_in_any_order() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let range = DateRange::of([at(5), at(-3), at(4)]);
        assert_eq!(range, Some(DateRange { first: at(-3), last: at(5) }));
        assert_eq!(DateRange::either(DateRange::of([at(4)]), DateRange::of([at(5), at(-3)])), range);
        assert_eq!((DateRange::either(range, None), DateRange::either(None, range)), (range, range));
        assert_eq!(DateRange::of([]), None);
    }
}
