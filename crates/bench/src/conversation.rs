//! Conversations that are currently active.
//!
//! Only recent threads get comments, plus a few that stay active; in each thread only the latest
//! comments are answered. So memory does not depend on the file's length. Threads and comments are
//! identified by their numbers.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::random::Random;

const RECENT_THREADS: usize = 48;
const EVERGREENS: usize = 12;
const ANSWERABLE: usize = 24;

/// A thread that gets comments.
pub(crate) struct Open {
    pub thread: u64,
    is_hot: bool,
    /// Whether its page has a comment; shared by the threads of a page.
    has_comments: Rc<Cell<bool>>,
    answerable: VecDeque<u64>,
}

impl Open {
    /// Records a comment that others may answer.
    pub(crate) fn remember(&mut self, comment: u64) {
        if self.answerable.len() == ANSWERABLE {
            self.answerable.pop_front();
        }
        self.answerable.push_back(comment);
    }

    /// A comment to answer, usually a recent one.
    pub(crate) fn earlier(&self, random: &mut Random) -> Option<u64> {
        let back = usize::try_from(random.skewed(self.answerable.len() as u64)).ok()?;
        self.answerable.iter().rev().nth(back).copied()
    }

    /// Records a comment, and returns whether it is the first on the thread's page.
    pub(crate) fn is_first_on_page(&self) -> bool {
        !self.has_comments.replace(true)
    }
}

/// The threads that get comments.
pub(crate) struct Conversations {
    recent: VecDeque<Open>,
    evergreens: Vec<Open>,
    opened: u64,
}

impl Conversations {
    pub(crate) const fn new() -> Self {
        Self { recent: VecDeque::new(), evergreens: Vec::new(), opened: 0 }
    }

    /// Adds a thread, on a separate page or on that of the thread before.
    pub(crate) fn open(&mut self, thread: u64, is_hot: bool, shares_page: bool) {
        let shared = self.recent.back().filter(|_| shares_page).map(|before| Rc::clone(&before.has_comments));
        let has_comments = shared.unwrap_or_default();
        if self.recent.len() == RECENT_THREADS {
            self.retire();
        }
        self.recent.push_back(Open { thread, is_hot, has_comments, answerable: VecDeque::new() });
        self.opened += 1;
    }

    fn retire(&mut self) {
        let Some(old) = self.recent.pop_front() else { return };
        if self.evergreens.len() < EVERGREENS && self.opened.is_multiple_of(7) {
            self.evergreens.push(old);
        }
    }

    /// The thread of the next comment: usually a recent one, usually a hot one. `None` before the
    /// first thread.
    pub(crate) fn choose(&mut self, random: &mut Random) -> Option<&mut Open> {
        if !self.evergreens.is_empty() && random.chance(100) {
            let index = random.index(self.evergreens.len());
            return self.evergreens.get_mut(index);
        }
        let mut index = self.recent_index(random);
        let is_lukewarm = self.recent.get(index).is_some_and(|thread| !thread.is_hot);
        if is_lukewarm && random.chance(700) {
            index = self.recent_index(random);
        }
        self.recent.get_mut(index)
    }

    fn recent_index(&self, random: &mut Random) -> usize {
        let back = usize::try_from(random.skewed(self.recent.len() as u64)).unwrap_or(0);
        self.recent.len().saturating_sub(back + 1)
    }

    /// The thread with this number, while it gets comments.
    pub(crate) fn of(&mut self, thread: u64) -> Option<&mut Open> {
        self.recent.iter_mut().rev().chain(&mut self.evergreens).find(|open| open.thread == thread)
    }

    /// A comment on a thread other than `thread`.
    pub(crate) fn elsewhere(&self, thread: u64, random: &mut Random) -> Option<u64> {
        self.recent.iter().filter(|open| open.thread != thread).find_map(|open| open.earlier(random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn what_is_remembered_does_not_grow() {
        let mut random = Random::new(1, Purpose::Choice, 0);
        let mut conversations = Conversations::new();
        for thread in 0..5000 {
            conversations.open(thread, thread % 9 == 0, false);
            for comment in 0..30 {
                conversations.choose(&mut random).unwrap().remember(thread * 100 + comment);
            }
        }
        assert_eq!(conversations.recent.len(), RECENT_THREADS);
        assert_eq!(conversations.evergreens.len(), EVERGREENS);
        assert!(conversations.recent.iter().all(|open| open.answerable.len() <= ANSWERABLE));
    }

    #[test]
    fn threads_of_one_page_share_its_first_comment() {
        let mut conversations = Conversations::new();
        conversations.open(0, false, false);
        conversations.open(1, false, true);
        conversations.open(2, false, false);
        let firsts: Vec<bool> = conversations.recent.iter().map(Open::is_first_on_page).collect();
        assert_eq!(firsts, [true, false, true]);
    }
}
