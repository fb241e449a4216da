//! What both databases share for moves of threads: where a thread goes, and the totals of a
//! preview.

mod outline;

use std::borrow::Cow;

use rethread_model::{MoveFilter, MoveMatcher, MoveRule, PageLocation, page_key};

pub use outline::Outline;

/// The maximum number of threads moved in one transaction.
pub const MAX_MOVED: u32 = 500;
/// The number of threads of an origin that one statement examines.
pub const EXAMINED_AT_ONCE: u16 = 5_000;
/// The maximum number of such statements in one transaction, if they find nothing to move.
pub const MAX_STATEMENTS: u32 = 4;

/// The move columns of a thread; empty where it is at its vendor's location.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// The key of the page it was moved to.
    pub url_id: Option<String>,
    /// The address it was given.
    pub url: Option<String>,
}

/// A thread and its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadLocation {
    /// The thread's row.
    pub no: i64,
    /// The row of its page, once it has one.
    pub page_no: Option<i64>,
    /// Where its vendor has it.
    pub vendors: PageLocation,
    /// Where moves put it.
    pub moved: Moved,
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
pub struct Relocation {
    /// The thread, where it is.
    pub thread: ThreadLocation,
    /// The new content of its columns.
    pub after: Moved,
}

impl Relocation {
    /// The key of its current page.
    #[must_use]
    pub fn from(&self) -> &str {
        self.thread.url_id()
    }

    /// The key of its destination.
    #[must_use]
    pub fn to(&self) -> &str {
        self.after.url_id.as_deref().unwrap_or(&self.thread.vendors.url_id)
    }
}

/// How far the threads were examined. For a rule: the origin and the last thread's source id. For
/// an undo: the last thread in the earlier job's record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The row of the origin.
    pub no: i64,
    /// The source id of the last thread.
    pub source_id: String,
}

/// The work of one transaction.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The threads that move.
    pub relocations: Vec<Relocation>,
    /// Threads that an undo leaves in place.
    pub kept: u64,
    /// Where to continue.
    pub cursor: Cursor,
    /// Whether there are no more threads.
    pub is_last: bool,
}

impl Chunk {
    /// Whether nothing happens to any thread.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.relocations.is_empty() && self.kept == 0
    }
}

/// Which threads are examined.
#[derive(Debug)]
pub enum Way {
    /// All threads of the account.
    Rule(Decider),
    /// The threads in the record of the move with this number.
    Undo(i64),
}

/// Applies a rule to the threads of a store.
#[derive(Debug)]
pub struct Decider {
    mover: MoveMatcher,
    /// How the store keeps a key: long ones may be shortened.
    stored: for<'a> fn(&'a str) -> Cow<'a, str>,
}

impl Decider {
    /// A decider for a rule; `stored` shortens a key as the store does.
    pub fn new(rule: &MoveRule, stored: for<'a> fn(&'a str) -> Cow<'a, str>) -> Self {
        Self { mover: rule.mover(), stored }
    }

    /// The key and host to search for, as the store keeps them.
    #[must_use]
    pub fn sought(&self) -> (Option<Cow<'_, str>>, Option<&str>) {
        match self.mover.sought() {
            MoveFilter::Key(key) => (Some((self.stored)(key)), None),
            MoveFilter::Host(host) => (None, Some(host)),
        }
    }

    /// The move of a thread that matches the rule.
    #[must_use]
    pub fn relocate(&self, thread: ThreadLocation) -> Option<Relocation> {
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
#[must_use]
pub fn back(thread: ThreadLocation, before: Moved, after: &Moved) -> Option<Relocation> {
    (thread.moved == *after).then_some(Relocation { thread, after: before })
}

#[cfg(test)]
mod tests;
