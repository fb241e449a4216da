//! Counts what is written and lost.

use rethread_model::{ExportFormat, ExportTally, ExportedAuthor, ExportedComment, ExportedPage, ExportedThread, Loss};

use super::hold::{Field, Held, holds};

/// The tally of one export. Counts on its own what the format never holds; writers count what it
/// holds in some cases.
#[derive(Debug)]
pub(super) struct Count {
    format: ExportFormat,
    tally: ExportTally,
}

impl Count {
    pub(super) fn new(format: ExportFormat) -> Self {
        Self { format, tally: ExportTally::default() }
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
        self.field(Field::PageTitle, page.title.is_some());
    }

    /// Counts a thread of this page.
    pub(super) fn thread(&mut self, page: &ExportedPage, exported: &ExportedThread) {
        self.tally.threads += 1;
        let thread = &exported.thread;
        let is_elsewhere = thread.url_id != page.url_id || thread.url != page.url || thread.title != page.title;
        self.field(Field::VendorPage, is_elsewhere);
        self.field(Field::ThreadCreatedAt, thread.created_at.is_some());
        self.field(Field::ThreadClosed, thread.closed);
        self.field(Field::Reactions, !thread.reactions.is_empty());
    }

    /// Counts a comment.
    pub(super) fn comment(&mut self, comment: &ExportedComment) {
        self.tally.comments += 1;
        self.field(Field::MissingParent, comment.parent.is_none() && comment.parent_source_id.is_some());
        self.field(Field::EditedAt, comment.edited_at.is_some());
        self.field(Field::Votes, has_votes(comment));
        self.field(Field::Score, comment.score.is_some_and(|score| score != 0));
        self.field(Field::Pinned, comment.pinned);
        self.field(Field::Ip, comment.ip.is_some());
        match &comment.author {
            ExportedAuthor::Known { link, avatar, moderator, .. } => {
                self.field(Field::AuthorLink, link.is_some());
                self.field(Field::Avatar, avatar.is_some());
                self.field(Field::Moderator, *moderator == Some(true));
            }
            ExportedAuthor::Guest { link, avatar, .. } => {
                self.field(Field::AuthorLink, link.is_some());
                self.field(Field::Avatar, avatar.is_some());
            }
            ExportedAuthor::Nobody => {}
        }
    }

    /// Counts a field that has a value and that the format never holds.
    fn field(&mut self, field: Field, is_there: bool) {
        if let (Held::Lost, Some(loss), true) = (holds(self.format, field), field.loss(), is_there) {
            self.tally.lose(loss);
        }
    }
}

/// Whether there are votes for or against it.
pub(super) fn has_votes(comment: &ExportedComment) -> bool {
    [comment.votes_up, comment.votes_down].into_iter().flatten().any(|votes| votes != 0)
}
