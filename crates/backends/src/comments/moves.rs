//! What both databases share for moves: where a thread goes, and the totals of a preview.

mod outline;

use std::borrow::Cow;

use rethread_model::{MoveFilter, MoveMatcher, MoveRule, MoveTally, PageLocation, page_key};

pub(super) use outline::Outline;

/// The maximum number of threads moved in one transaction.
pub(super) const MOST: u32 = 500;
/// Threads of an origin that one statement examines.
pub(super) const LOOK: u16 = 5_000;
/// The maximum number of statements of a transaction that find nothing to move.
pub(super) const LOOKS: u32 = 4;

/// What a move would do at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MovePreview {
    /// The counts.
    pub tally: MoveTally,
    /// The first [`MovePreview::PAGES`] pages with comments that threads would leave, by key.
    pub pages: Vec<MovedPage>,
}

impl MovePreview {
    /// The maximum number of pages in [`MovePreview::pages`].
    pub const PAGES: usize = 20;
}

/// A page with comments whose threads would move to another page or get another address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedPage {
    /// Its key.
    pub from: String,
    /// The key of the destination; the same if only the address changes.
    pub to: String,
    /// Comments on the threads that move there.
    pub comments: u64,
    /// Whether they join existing threads: the destination page already exists.
    pub is_merged: bool,
}

/// The progress of a move job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoveStep {
    /// What the job has done so far, in all its steps.
    pub tally: MoveTally,
    /// Whether the job is complete.
    pub complete: bool,
}

/// The move columns of a thread; empty where it is at its vendor's location.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) url_id: Option<String>,
    pub(super) url: Option<String>,
}

/// A thread and its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ThreadLocation {
    pub(super) no: i64,
    pub(super) page_no: Option<i64>,
    pub(super) vendors: PageLocation,
    pub(super) moved: Moved,
}

impl ThreadLocation {
    fn url_id(&self) -> &str {
        self.moved.url_id.as_deref().unwrap_or(&self.vendors.url_id)
    }

    fn url(&self) -> Option<&str> {
        self.moved.url.as_deref().or(self.vendors.url.as_deref())
    }
}

/// A thread to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relocation {
    pub(super) thread: ThreadLocation,
    /// The new content of its columns.
    pub(super) after: Moved,
}

impl Relocation {
    /// The key of its current page.
    pub(super) fn from(&self) -> &str {
        self.thread.url_id()
    }

    /// The key of its destination.
    pub(super) fn to(&self) -> &str {
        self.after.url_id.as_deref().unwrap_or(&self.thread.vendors.url_id)
    }
}

/// How far the threads were examined. For a rule: the origin and the last thread's source id. For
/// an undo: the last thread in the earlier job's record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) no: i64,
    pub(super) source_id: String,
}

/// The work of one transaction.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) relocations: Vec<Relocation>,
    /// Threads that an undo leaves in place.
    pub(super) kept: u64,
    /// Where to continue.
    pub(super) cursor: Cursor,
    /// Whether there are no more threads.
    pub(super) is_last: bool,
}

impl Chunk {
    pub(super) fn is_idle(&self) -> bool {
        self.relocations.is_empty() && self.kept == 0
    }
}

/// Which threads are examined.
#[derive(Debug)]
pub(super) enum Way {
    /// All threads of the account.
    Rule(Decider),
    /// The threads in the record of the move with this number.
    Undo(i64),
}

/// Applies a rule to the threads of a store.
#[derive(Debug)]
pub(super) struct Decider {
    mover: MoveMatcher,
    /// How the store keeps a key: long ones may be shortened.
    stored: for<'a> fn(&'a str) -> Cow<'a, str>,
}

impl Decider {
    pub(super) fn new(rule: &MoveRule, stored: for<'a> fn(&'a str) -> Cow<'a, str>) -> Self {
        Self { mover: rule.mover(), stored }
    }

    /// The key and host to search for, as the store keeps them.
    pub(super) fn sought(&self) -> (Option<Cow<'_, str>>, Option<&str>) {
        match self.mover.sought() {
            MoveFilter::Key(key) => (Some((self.stored)(key)), None),
            MoveFilter::Host(host) => (None, Some(host)),
        }
    }

    /// The move of a thread that matches the rule.
    pub(super) fn relocate(&self, thread: ThreadLocation) -> Option<Relocation> {
        let url = thread.url();
        let there = self.mover.destination(&self.given_key(thread.url_id(), url), url)?;
        let key = (self.stored)(&there.url_id);
        let after = Moved {
            url_id: if key == thread.url_id() { thread.moved.url_id.clone() } else { Some(key.into_owned()) },
            url: if there.url.as_deref() == url { thread.moved.url.clone() } else { there.url },
        };
        (after != thread.moved).then_some(Relocation { thread, after })
    }

    /// A key as it was before the store shortened it.
    fn given_key<'a>(&'a self, url_id: &'a str, url: Option<&str>) -> Cow<'a, str> {
        let of_url = url.map(page_key).map(Cow::Owned);
        let of_rule = match self.mover.sought() {
            MoveFilter::Key(key) => Some(Cow::Borrowed(key)),
            MoveFilter::Host(_) => None,
        };
        let is_it = |given: &Cow<'_, str>| (self.stored)(given) == url_id;
        of_rule.into_iter().chain(of_url).find(is_it).unwrap_or(Cow::Borrowed(url_id))
    }
}

/// The move back of a thread that an earlier job moved; `None` if it is no longer where that job
/// put it.
pub(super) fn back(thread: ThreadLocation, before: Moved, after: &Moved) -> Option<Relocation> {
    (thread.moved == *after).then_some(Relocation { thread, after: before })
}

#[cfg(test)]
mod tests;
