//! The order in which to pass replies to a consumer that looks up each parent among the earlier
//! ones.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;

/// A comment and its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply<K> {
    /// The comment.
    pub key: K,
    /// Its parent. A parent that is not among the comments counts as none.
    pub parent: Option<K>,
    /// When it was written, in any unit; `None` is later than every time.
    pub time: Option<i64>,
}

/// The indexes of comments in the order in which to pass them on: each after its parent, and among
/// the candidates always the earliest, then the first given. Each index occurs once, even if
/// replies form a cycle. Takes a few dozen bytes per comment.
#[must_use]
pub fn parents_first<K: Copy + Eq + Hash>(comments: &[Reply<K>]) -> Vec<usize> {
    let places: HashMap<K, usize> = comments.iter().enumerate().map(|(place, comment)| (comment.key, place)).collect();
    let parent = |place: usize| comments[place].parent.and_then(|parent| places.get(&parent).copied());
    // Sorted by parent, so that the answers to one comment are adjacent.
    let mut answers: Vec<(usize, usize)> =
        (0..comments.len()).filter_map(|place| Some((parent(place)?, place))).collect();
    answers.sort_unstable();
    let rank = |place: usize| Reverse((comments[place].time.is_none(), comments[place].time, place));
    let mut next: BinaryHeap<_> = (0..comments.len()).filter(|place| parent(*place).is_none()).map(rank).collect();
    let mut order = Vec::with_capacity(comments.len());
    let mut is_placed = vec![false; comments.len()];
    let mut unplaced = 0;
    loop {
        while let Some(Reverse((_, _, place))) = next.pop() {
            if std::mem::replace(&mut is_placed[place], true) {
                continue;
            }
            order.push(place);
            let first = answers.partition_point(|(parent, _)| *parent < place);
            next.extend(
                answers[first..].iter().take_while(|(parent, _)| *parent == place).map(|(_, child)| rank(*child)),
            );
        }
        // The rest are cycles, which may begin anywhere.
        while is_placed.get(unplaced) == Some(&true) {
            unplaced += 1;
        }
        if unplaced == comments.len() {
            return order;
        }
        next.push(rank(unplaced));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 0 stands for no parent or no time.
    fn reply(key: u32, parent: u32, time: i64) -> Reply<u32> {
        Reply { key, parent: (parent != 0).then_some(parent), time: (time != 0).then_some(time) }
    }

    fn ordered(comments: &[Reply<u32>]) -> Vec<u32> {
        parents_first(comments).into_iter().map(|place| comments[place].key).collect()
    }

    #[test]
    fn parents_come_first_and_then_the_earliest() {
        let dated_before_its_parent = [reply(2, 1, 5), reply(3, 2, 7), reply(4, 0, 6), reply(1, 0, 10)];
        assert_eq!(ordered(&dated_before_its_parent), [4, 1, 2, 3]);
        let usual = [reply(1, 0, 1), reply(2, 1, 4), reply(3, 0, 2), reply(4, 3, 3)];
        assert_eq!(ordered(&usual), [1, 3, 4, 2]);
        let without_time = [reply(1, 0, 0), reply(2, 1, 1), reply(3, 0, 9), reply(4, 77, 9)];
        assert_eq!(ordered(&without_time), [3, 4, 1, 2]);
        assert_eq!(ordered(&[]), [0; 0]);
    }

    #[test]
    fn a_circle_is_handed_on_as_well() {
        assert_eq!(ordered(&[reply(1, 2, 1), reply(2, 1, 2), reply(3, 3, 4)]), [1, 2, 3]);
    }

    proptest! {
        #[test]
        fn each_comes_once_and_after_its_parent(
            comments in prop::collection::vec((prop::option::of(0_u32..40), prop::option::of(0_i64..10)), 0..40)
        ) {
            // A parent may come before or after its answer, but cycles are never formed.
            let comments: Vec<Reply<u32>> = (0_u32..)
                .zip(comments)
                .map(|(key, (parent, time))| Reply { key, parent: parent.filter(|parent| parent % 7 < key % 7), time })
                .collect();
            let order = ordered(&comments);
            let place = |key: u32| order.iter().position(|one| *one == key);
            prop_assert_eq!(order.len(), comments.len());
            for comment in &comments {
                let own = place(comment.key);
                prop_assert!(own.is_some());
                if let Some(parent) = comment.parent.and_then(place) {
                    prop_assert!(Some(parent) < own);
                }
            }
        }
    }
}
