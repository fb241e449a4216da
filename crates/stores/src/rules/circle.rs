//! Circular replies. Pure: parents are indices.

use std::collections::BTreeSet;

use rethread_model::Position;

/// A comment of a thread.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Its position in the file; `None` if only the store has it. Every circle contains a comment
    /// of the file, because stored comments form no circles.
    pub(super) at: Option<Position>,
    /// The comment it replies to.
    pub(super) parent: Option<usize>,
}

/// The comments that must lose their parent to break all circles: of each circle, the one that
/// comes first in the file. Takes time and memory proportional to the number of nodes, however deep
/// the thread is.
pub(super) fn cuts(nodes: &[Node]) -> BTreeSet<usize> {
    let mut cuts = BTreeSet::new();
    // 0 = not visited; otherwise the number of the climb that visited this node first.
    let mut passed_by = vec![0_usize; nodes.len()];
    for start in 0..nodes.len() {
        let climb = start + 1;
        let mut at = Some(start);
        while let Some(node) = at.filter(|node| passed_by[*node] == 0) {
            passed_by[node] = climb;
            at = nodes[node].parent;
        }
        // A climb that reaches its own path has found a circle; one that reaches another's path
        // ends where that one ended.
        if let Some(node) = at.filter(|node| passed_by[*node] == climb) {
            cuts.extend(first_in_file(nodes, node));
        }
    }
    cuts
}

fn first_in_file(nodes: &[Node], on_circle: usize) -> Option<usize> {
    let next = |node: &usize| nodes[*node].parent;
    let around = std::iter::successors(Some(on_circle), next).skip(1).take_while(|node| *node != on_circle);
    around.chain([on_circle]).filter_map(|node| nodes[node].at.map(|at| (at, node))).min().map(|(_, node)| node)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nodes(parents: &[Option<usize>]) -> Vec<Node> {
        let at = |index: usize| Some(Position { part: 0, offset: index as u64 });
        parents.iter().enumerate().map(|(index, parent)| Node { at: at(index), parent: *parent }).collect()
    }

    #[test]
    fn a_circle_is_cut_at_the_comment_that_comes_first() {
        assert_eq!(cuts(&nodes(&[None, Some(3), Some(1), Some(2), Some(1)])), [1].into());
        assert_eq!(cuts(&nodes(&[Some(0)])), [0].into(), "a comment that answers itself");
        assert_eq!(cuts(&nodes(&[Some(1), None, Some(0)])), [].into());
        assert_eq!(cuts(&nodes(&[Some(1), Some(0), Some(3), Some(2)])), [0, 2].into());
    }

    #[test]
    fn a_comment_that_only_the_store_has_is_not_cut() {
        let mut nodes = nodes(&[Some(1), Some(0)]);
        nodes[0].at = None;
        assert_eq!(cuts(&nodes), [1].into());
    }

    #[test]
    fn a_very_deep_thread_is_no_trouble() {
        let deep: Vec<_> = (0..1_000_000_usize).map(|index| index.checked_sub(1)).collect();
        assert!(cuts(&nodes(&deep)).is_empty());
        let circle: Vec<_> = (0..1_000_000_usize).map(|index| Some((index + 1) % 1_000_000)).collect();
        assert_eq!(cuts(&nodes(&circle)), [0].into());
    }

    proptest! {
        /// For any replies: after the cuts every comment has a path to the top, and no cut was
        /// unnecessary.
        #[test]
        fn nothing_but_circles_is_cut(parents in (1_usize..40).prop_flat_map(|count| {
            prop::collection::vec(prop::option::of(0..count), count)
        })) {
            let mut nodes = nodes(&parents);
            let cuts = cuts(&nodes);
            let leads_back = |nodes: &[Node], start: usize| {
                std::iter::successors(nodes[start].parent, |node| nodes[*node].parent)
                    .take(nodes.len())
                    .any(|node| node == start)
            };
            for cut in &cuts {
                prop_assert!(leads_back(&nodes, *cut));
            }
            for cut in &cuts {
                nodes[*cut].parent = None;
            }
            for start in 0..nodes.len() {
                prop_assert!(!leads_back(&nodes, start));
            }
        }
    }
}
