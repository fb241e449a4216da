//! Generates the comments of files in chronological order (Disqus, Commento), and their damage.

use rethread_model::{Reason, Status};

use crate::conversation::Conversations;
use crate::facts::{Draw, Draws};
use crate::markup::{BAD_BYTE, CONTROL};
use crate::random::{Purpose, Random};
use crate::recipe::{Damage, Recipe};
use crate::truth::Counting;

/// The thread of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the thread with this number.
    Thread(u64),
    /// On a thread that is not in the file.
    Nowhere,
}

/// The parent of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// The comment with this number.
    Comment(u64),
    /// A comment that is not in the file.
    Nobody,
}

/// A comment before its text is generated.
#[derive(Debug, Clone)]
pub(crate) struct GeneratedComment {
    /// Its number, in chronological order.
    pub number: u64,
    /// The number from which its id is made: its own, unless it repeats an earlier comment's.
    pub id: u64,
    pub place: Place,
    pub answers: Option<Answers>,
    pub status: Status,
    pub author: Option<u64>,
    /// An invalid character to put into the text.
    pub flaw: Option<char>,
}

/// The threads of a file, identified by number.
pub(crate) trait Threads {
    /// The number of threads.
    fn count(&self) -> u64;
    /// Whether the thread gets comments.
    fn is_live(&self, thread: u64) -> bool;
    /// Whether it gets many.
    fn is_hot(&self, thread: u64) -> bool;
    /// Whether it is on the page of the thread before it.
    fn shares_page(&self, thread: u64) -> bool;
}

/// The differences between vendors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    pub guests_per_mille: u64,
    pub replies_per_mille: u64,
    /// Whether the file can mark comments as pending.
    pub has_pending: bool,
    /// Whether threads exist only through their comments, and so count from the first one.
    pub has_no_thread_list: bool,
}

/// Yields the comments of a file.
pub(crate) struct Talk<'a, T> {
    threads: &'a T,
    habits: Habits,
    comments: u64,
    next: u64,
    next_thread: u64,
    draws: Draws,
    random: Random,
    conversations: Conversations,
    second_of_circle: Option<GeneratedComment>,
    counting: Counting,
}

impl<'a, T: Threads> Talk<'a, T> {
    pub(crate) fn new(recipe: &Recipe, comments: u64, threads: &'a T, habits: Habits, counting: Counting) -> Self {
        Self {
            threads,
            habits,
            comments,
            next: 0,
            next_thread: 0,
            draws: Draws::new(recipe, comments, habits.guests_per_mille),
            random: Random::new(recipe.seed, Purpose::Choice, 0),
            conversations: Conversations::new(),
            second_of_circle: None,
            counting,
        }
    }

    /// The counts.
    pub(crate) fn into_counting(self) -> Counting {
        self.counting
    }

    /// Opens the threads that exist by now, spread evenly over the comments.
    fn open_threads(&mut self, number: u64) {
        let due = u128::from(number) * u128::from(self.threads.count()) / u128::from(self.comments.max(1));
        while u128::from(self.next_thread) <= due && self.next_thread < self.threads.count() {
            let thread = self.next_thread;
            if self.threads.is_live(thread) {
                self.conversations.open(thread, self.threads.is_hot(thread), self.threads.shares_page(thread));
            }
            self.next_thread += 1;
        }
    }

    fn utter(&mut self) -> Option<GeneratedComment> {
        let number = self.next;
        self.next += 1;
        self.open_threads(number);
        let draw = self.draws.next();
        let open = self.conversations.choose(&mut self.random)?;
        let thread = open.thread;
        let earlier = open.earlier(&mut self.random);
        let answered = earlier.filter(|_| self.random.chance(self.habits.replies_per_mille));
        let mut said = self.plain(number, thread, draw);
        said.answers = answered.map(Answers::Comment);
        match (draw.damage, earlier) {
            (Some(Damage::Duplicates), Some(original)) => {
                said.id = original;
                said.answers = None;
                self.counting.skipped(Reason::DuplicateId, false);
                return Some(said);
            }
            (Some(Damage::MissingThreads), _) => {
                said.place = Place::Nowhere;
                said.answers = None;
                self.counting.finding(Reason::ThreadNotInFile);
            }
            (Some(Damage::Orphans), _) => {
                said.answers = Some(Answers::Nobody);
                self.counting.finding(Reason::ParentNotInFile);
            }
            (Some(Damage::Cycles), _) => self.close_circle(&mut said, thread),
            (Some(Damage::Strays), _) => {
                if let Some(stranger) = self.conversations.elsewhere(thread, &mut self.random) {
                    said.answers = Some(Answers::Comment(stranger));
                    self.counting.finding(Reason::ParentElsewhere);
                }
            }
            (Some(Damage::ControlCharacters), _) => {
                said.flaw = Some(CONTROL);
                self.counting.finding(Reason::ControlCharacters);
            }
            (Some(Damage::BadUtf8), _) => {
                said.flaw = Some(BAD_BYTE);
                self.counting.finding(Reason::InvalidUtf8);
            }
            (Some(Damage::Duplicates) | None, _) => {}
        }
        self.count(&said);
        Some(said)
    }

    fn plain(&self, number: u64, thread: u64, draw: Draw) -> GeneratedComment {
        let is_pending = draw.status == Status::Pending && !self.habits.has_pending;
        GeneratedComment {
            number,
            id: number,
            place: Place::Thread(thread),
            answers: None,
            status: if is_pending { Status::Approved } else { draw.status },
            author: draw.author,
            flaw: None,
        }
    }

    /// Makes the comment answer itself, or the next comment, which answers it.
    fn close_circle(&mut self, said: &mut GeneratedComment, thread: u64) {
        self.counting.finding(Reason::ParentCycle);
        let is_pair = self.next < self.comments && self.random.chance(500);
        if !is_pair {
            said.answers = Some(Answers::Comment(said.number));
            return;
        }
        let draw = self.draws.next();
        let mut second = self.plain(self.next, thread, draw);
        second.status = Status::Approved;
        second.author = draw.remaining_author();
        second.answers = Some(Answers::Comment(said.number));
        said.answers = Some(Answers::Comment(second.number));
        self.next += 1;
        self.second_of_circle = Some(second);
    }

    fn count(&mut self, said: &GeneratedComment) {
        self.counting.imported(said.status, said.answers.is_some());
        let Place::Thread(thread) = said.place else {
            return self.counting.page();
        };
        let Some(open) = self.conversations.of(thread) else { return };
        if said.flaw.is_none() && !matches!(said.answers, Some(Answers::Nobody)) {
            open.remember(said.number);
        }
        if open.is_first_on_page() {
            self.counting.page();
            if self.habits.has_no_thread_list {
                self.counting.thread();
            }
        }
    }
}

impl<T: Threads> Iterator for Talk<'_, T> {
    type Item = GeneratedComment;

    fn next(&mut self) -> Option<GeneratedComment> {
        if let Some(second) = self.second_of_circle.take() {
            self.count(&second);
            return Some(second);
        }
        (self.next < self.comments).then(|| self.utter()).flatten()
    }
}
