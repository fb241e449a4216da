//! Decides what becomes of the comments of a batch. Pure: from what is stored to what must be
//! written. Both databases call it; they only read and write.

use std::collections::BTreeMap;

use rethread_model::{
    Comment, Effect, Finding, Fingerprint, Located, Outcome, Position, Reason, Refused, Status, Tally,
};

use super::batch::Entry as Given;

/// What is stored under a source id.
#[derive(Debug, Clone, Copy, Default)]
pub struct StoredRecord {
    /// Its entry in the import's ledger.
    pub entry: Option<LedgerEntry>,
    /// Its row in the table of comments.
    pub row: Option<StoredRow>,
}

/// An entry of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Where it is in the file.
    pub at: Position,
    /// `None` for a refused comment.
    pub accepted: Option<Accepted>,
}

/// An accepted comment of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Its status in the file.
    pub status: Status,
    /// What became of it.
    pub outcome: Outcome,
    /// What was stored before this import.
    pub prior: Option<Fingerprint>,
}

/// A row in the table of comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredRow {
    /// Its number.
    pub no: i64,
    /// What the row was written from.
    pub fingerprint: Fingerprint,
    /// Whether it was deleted here: then its text stays removed, whatever the file contains.
    pub is_deleted_here: bool,
}

/// The location of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentLocation {
    /// The source id of its thread.
    pub thread: String,
    /// The source id of its parent.
    pub parent: Option<String>,
}

/// What to write for a source id.
#[derive(Debug)]
pub struct Change<'a> {
    /// The entry to store.
    pub entry: LedgerEntry,
    /// The position of the ledger entry that this one replaces.
    pub replaces: Option<Position>,
    /// The row as it was read.
    pub stored: Option<StoredRow>,
    /// The comment; `None` for a refused one.
    pub comment: Option<(&'a Comment, Fingerprint)>,
    /// Whether the row differs but is kept, because an older file updates nothing.
    pub keeps_stored: bool,
    /// The location of a row that is kept. Filled in by the database code that read the row.
    pub kept_at: Option<CommentLocation>,
}

impl Change<'_> {
    /// Whether the row must be written.
    #[must_use]
    pub fn writes_row(&self) -> bool {
        match (&self.comment, &self.stored) {
            (Some((_, fingerprint)), Some(stored)) => stored.fingerprint != *fingerprint && !self.keeps_stored,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// The source id of the comment's thread after this change.
    #[must_use]
    pub fn thread(&self) -> Option<&str> {
        let (comment, _) = self.comment?;
        Some(self.kept_at.as_ref().map_or(&comment.thread, |kept| &kept.thread))
    }

    /// The source id of the comment's parent after this change.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        let (comment, _) = self.comment?;
        self.kept_at.as_ref().map_or(comment.parent.as_deref(), |kept| kept.parent.as_deref())
    }

    const fn refused(at: Position) -> Self {
        let entry = LedgerEntry { at, accepted: None };
        Self { entry, replaces: None, stored: None, comment: None, keeps_stored: false, kept_at: None }
    }
}

/// The changes of a batch, for one origin.
#[derive(Debug, Default)]
pub struct BatchPlan<'a> {
    /// By source id.
    pub changes: BTreeMap<&'a str, Change<'a>>,
    /// The findings of the batch.
    pub findings: Vec<Finding>,
    /// The counts of the batch.
    pub tally: Tally,
}

/// Resolves comments in file order. Of several comments with one source id, the first one in the
/// file counts. If it is written after a later one, it replaces that one's entry, and the counts
/// are corrected. A refused comment counts as itself; its id is entered in the ledger unless an
/// accepted comment has it. Without `updates`, what was stored before this import is kept.
#[must_use]
pub fn resolve_batch<'a>(
    comments: &'a [Located<Given>],
    stored: &BTreeMap<String, StoredRecord>,
    updates: bool,
) -> BatchPlan<'a> {
    let mut plan = BatchPlan::default();
    for Located { value, at } in comments {
        match value {
            Given::Taken(fingerprint, comment) => {
                let stored = stored.get(&comment.source_id).copied().unwrap_or_default();
                plan.comment(*at, (comment, *fingerprint), stored, updates);
            }
            Given::Refused(refused) => {
                let has_entry = |id: &String| stored.get(id).is_some_and(|stored| stored.entry.is_some());
                let has_entry = refused.source_id.as_ref().is_some_and(has_entry);
                plan.refused(*at, refused, has_entry);
            }
        }
    }
    plan
}

impl<'a> BatchPlan<'a> {
    fn comment(
        &mut self,
        at: Position,
        (comment, fingerprint): (&'a Comment, Fingerprint),
        stored: StoredRecord,
        updates: bool,
    ) {
        self.count_read(comment.parent.is_some());
        let source_id = comment.source_id.as_str();
        // An earlier record of this batch takes precedence over what the ledger had.
        let pending = self.changes.get(source_id);
        let entry = pending.map(|change| change.entry).or(stored.entry);
        let replaces = match pending {
            Some(change) => change.replaces,
            None => stored.entry.map(|entry| entry.at),
        };
        let prior = match entry {
            // An earlier position in the file won already: this one is a duplicate.
            Some(LedgerEntry { accepted: Some(_), at: first_at }) if first_at <= at => {
                return self.duplicate(at, source_id);
            }
            // This one comes first in the file: undo the counts of the later one.
            Some(LedgerEntry { accepted: Some(later), at: later_at }) => {
                *self.tally.status.of(later.status) -= 1;
                *self.tally.outcome.of(later.outcome) -= 1;
                self.duplicate(later_at, source_id);
                later.prior
            }
            Some(LedgerEntry { accepted: None, .. }) | None => stored.row.map(|row| row.fingerprint),
        };
        let keeps_stored = !updates && prior.is_some_and(|prior| prior != fingerprint);
        let outcome = match prior {
            None => Outcome::Created,
            Some(prior) if prior == fingerprint || keeps_stored => Outcome::Unchanged,
            Some(_) => Outcome::Updated,
        };
        *self.tally.status.of(comment.status) += 1;
        *self.tally.outcome.of(outcome) += 1;
        let accepted = Some(Accepted { status: comment.status, outcome, prior });
        let change = Change {
            entry: LedgerEntry { at, accepted },
            replaces,
            stored: stored.row,
            comment: Some((comment, fingerprint)),
            keeps_stored,
            kept_at: None,
        };
        self.changes.insert(source_id, change);
    }

    fn refused(&mut self, at: Position, refused: &'a Refused, has_entry: bool) {
        self.count_read(refused.is_reply);
        self.count_left_out(refused.reason);
        self.findings.push(Finding { at, reason: refused.reason, source_id: refused.source_id.clone() });
        // The entry lets replies find that their parent was refused.
        if let Some(source_id) = refused.source_id.as_deref().filter(|_| !has_entry) {
            self.changes.entry(source_id).or_insert(Change::refused(at));
        }
    }

    fn duplicate(&mut self, at: Position, source_id: &str) {
        self.count_left_out(Reason::DuplicateId);
        self.findings.push(Finding { at, reason: Reason::DuplicateId, source_id: Some(source_id.to_owned()) });
    }

    fn count_read(&mut self, is_reply: bool) {
        self.tally.read.comments += 1;
        self.tally.read.replies += i64::from(is_reply);
    }

    fn count_left_out(&mut self, reason: Reason) {
        let outcome = match reason.effect() {
            Effect::Failed => Outcome::Failed,
            Effect::Skipped | Effect::Repaired => Outcome::Skipped,
        };
        *self.tally.outcome.of(outcome) += 1;
    }
}
