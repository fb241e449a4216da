//! Counts what is written and lost.

use rethread_model::{ExportFormat, ExportTally, ExportedComment, ExportedPage, ExportedThread, Loss};

use super::hold::{Counted, Field, Held, holds};

/// The tally of one export. Counts on its own what the format never holds; writers count what it
/// holds in some cases.
#[derive(Debug)]
pub(super) struct Count {
    /// What the format never holds.
    never_held: Vec<Counted>,
    tally: ExportTally,
}

impl Count {
    pub(super) fn new(format: ExportFormat) -> Self {
        let lost = Field::ALL.iter().filter(|field| holds(format, **field) == Held::Lost);
        Self { never_held: lost.map(|field| field.counted()).collect(), tally: ExportTally::default() }
    }

    pub(super) fn tally(&self) -> &ExportTally {
        &self.tally
    }

    /// Counts a loss if there is one.
    pub(super) fn lose(&mut self, loss: Loss, is_lost: bool) {
        if is_lost {
            self.tally.lose(loss);
        }
    }

    /// Counts a page.
    pub(super) fn page(&mut self, page: &ExportedPage) {
        self.tally.pages += 1;
        for counted in &self.never_held {
            match counted {
                Counted::Page(loss, has) if has(page) => self.tally.lose(*loss),
                _ => {}
            }
        }
    }

    /// Counts a thread of this page.
    pub(super) fn thread(&mut self, page: &ExportedPage, thread: &ExportedThread) {
        self.tally.threads += 1;
        for counted in &self.never_held {
            match counted {
                Counted::Thread(loss, has) if has(page, thread) => self.tally.lose(*loss),
                _ => {}
            }
        }
    }

    /// Counts a comment.
    pub(super) fn comment(&mut self, comment: &ExportedComment) {
        self.tally.comments += 1;
        for counted in &self.never_held {
            match counted {
                Counted::Comment(loss, has) if has(comment) => self.tally.lose(*loss),
                _ => {}
            }
        }
    }
}
