//! Numbers of comments.
//!
//! WordPress's importer processes the comments of a post by number, and finds a parent only if it
//! came before. So a parent's number must be lower than those of its answers. Kept numbers ascend
//! with time at every vendor that has numbers. A computed number starts with the day, at least a
//! day after its parent's; the other bits come from the id, so that numbers are unique. A parent
//! that comes after its answers (its time is missing or wrong) gets, when it is first named, a
//! number lower than all of theirs.

use std::collections::{HashMap, HashSet};

use rethread_model::{CommentId, ExportedComment, ExportedThread, Timestamp, Vendor};

use crate::number::{self, COMPUTED, KEPT_BELOW};

/// Bits of a computed number that come from the id; the day is above them.
const ID_BITS: u32 = 45;

/// One more than the last day: 358 years.
const DAYS: i64 = 1 << 17;

/// Day 0, in days before 1970: about the year 1800.
const DAYS_BEFORE_1970: i64 = 170 * 365;

/// The day of comments without a time, which stores yield last. Leaves room for nested answers to
/// them.
const UNKNOWN_DAY: i64 = DAYS - 4096;

/// The number of a comment, and of its parent: 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    pub own: u64,
    pub parent: u64,
    /// Whether the number is the vendor's.
    pub is_kept: bool,
}

/// Keeps the computed numbers of the current thread: a parent is always in the same thread.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// If the vendor's numbers are kept: the vendor, and the common prefix of the comments' ids.
    kept: Option<(Vendor, String)>,
    computed: HashMap<CommentId, u64>,
    /// Parents that were named before they arrived.
    named: HashSet<CommentId>,
}

impl Numbering {
    /// Begins a thread: `kept` if the vendor's numbers are kept.
    pub(super) fn begin(&mut self, kept: Option<&ExportedThread>) {
        self.kept = kept.map(|exported| (exported.vendor, format!("{}:", exported.thread.source_id)));
        self.computed = HashMap::new();
        self.named = HashSet::new();
    }

    /// The numbers of the thread's next comment.
    pub(super) fn of(&mut self, comment: &ExportedComment) -> Numbers {
        let parent = comment.parent.map(|id| self.parent(id, comment.parent_source_id.as_deref()));
        let kept = self.kept(&comment.source_id);
        let own = kept.unwrap_or_else(|| self.compute(comment, parent));
        Numbers { own, parent: parent.unwrap_or(0), is_kept: kept.is_some() }
    }

    fn parent(&mut self, id: CommentId, source_id: Option<&str>) -> u64 {
        let known = self.computed.get(&id).copied().or_else(|| self.kept(source_id?));
        known.unwrap_or_else(|| {
            self.named.insert(id);
            before_all(id)
        })
    }

    /// The vendor's number. Our reader builds WordPress's ids from the post's and the comment's.
    fn kept(&self, source_id: &str) -> Option<u64> {
        let (vendor, thread) = self.kept.as_ref()?;
        let id = if *vendor == Vendor::WordPress { source_id.strip_prefix(thread.as_str())? } else { source_id };
        number::kept(id, KEPT_BELOW)
    }

    fn compute(&mut self, comment: &ExportedComment, parent: Option<u64>) -> u64 {
        let after_parent = parent.filter(|parent| *parent >= COMPUTED).map_or(0, |parent| day_of(parent) + 1);
        let day = day(comment.created_at).max(after_parent).min(DAYS - 1);
        let number = if self.named.remove(&comment.id) { before_all(comment.id) } else { numbered(day, comment.id) };
        self.computed.insert(comment.id, number);
        number
    }
}

fn before_all(id: CommentId) -> u64 {
    KEPT_BELOW | (number::bits(id) % KEPT_BELOW)
}

fn numbered(day: i64, id: CommentId) -> u64 {
    COMPUTED | (u64::try_from(day).unwrap_or_default() << ID_BITS) | (number::bits(id) % (1 << ID_BITS))
}

fn day_of(number: u64) -> i64 {
    i64::try_from((number - COMPUTED) >> ID_BITS).unwrap_or_default()
}

fn day(time: Option<Timestamp>) -> i64 {
    let Some(time) = time else { return UNKNOWN_DAY };
    (time.as_second().div_euclid(24 * 60 * 60) + DAYS_BEFORE_1970).clamp(0, UNKNOWN_DAY - 1)
}

#[cfg(test)]
mod tests;
