//! What becomes of the comments of a batch. Pure: from what was read to what is to be written.

use std::collections::BTreeMap;

use rethread_model::{
    Comment, Effect, Finding, Fingerprint, Located, Outcome as Fate, Position, Reason, Refused, Status, Tally,
};

use super::super::batch::Entry as Given;

/// What was read of an id.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Its entry in the ledger.
    pub(super) entry: Option<Entry>,
    /// Its row.
    pub(super) stored: Option<Stored>,
    /// The thread that the row is on.
    pub(super) thread: Option<String>,
}

/// An entry of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) at: Position,
    /// `None` for a refused comment.
    pub(super) taken: Option<Taken>,
}

/// A comment of the file that is stored, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) status: Status,
    pub(super) fate: Fate,
    /// What was stored before this import.
    pub(super) prior: Option<Fingerprint>,
}

/// A stored comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) no: i64,
    pub(super) fingerprint: Fingerprint,
    /// Somebody deleted it here: the text stays away whatever the file says.
    pub(super) is_deleted_here: bool,
}

/// What is to be written of an id.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) entry: Entry,
    /// Where the entry stood that this one replaces.
    pub(super) replaces: Option<Position>,
    /// What was stored when it was read.
    pub(super) stored: Option<Stored>,
    /// The comment; `None` for a refused one.
    pub(super) comment: Option<(&'a Comment, Fingerprint)>,
}

impl Change<'_> {
    /// Whether the stored row differs.
    pub(super) fn is_to_be_stored(&self) -> bool {
        match (&self.comment, &self.stored) {
            (Some((_, fingerprint)), Some(stored)) => stored.fingerprint != *fingerprint,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

/// What a batch comes to.
#[derive(Debug, Default)]
pub(super) struct Reckoning<'a> {
    pub(super) changes: BTreeMap<&'a str, Change<'a>>,
    pub(super) findings: Vec<Finding>,
    pub(super) tally: Tally,
}

/// Works through comments in file order. Of comments with one id the first one in the file counts. Where it is written
/// after a later one, it takes that one's place, and the counts are put right. A refused comment counts as itself; its id
/// stands in the ledger unless a comment to be stored has it.
pub(super) fn reckon<'a>(comments: &'a [Located<Given>], known: &BTreeMap<String, Known>) -> Reckoning<'a> {
    let mut reckoning = Reckoning::default();
    for Located { value, at } in comments {
        match value {
            Given::Taken(fingerprint, comment) => {
                let known = known.get(&comment.source_id).cloned().unwrap_or_default();
                reckoning.comment(*at, comment, *fingerprint, &known);
            }
            Given::Refused(refused) => {
                let is_known = |id: &String| known.get(id).is_some_and(|known| known.entry.is_some());
                let is_known = refused.source_id.as_ref().is_some_and(is_known);
                reckoning.refused(*at, refused, is_known);
            }
        }
    }
    reckoning
}

impl<'a> Reckoning<'a> {
    fn comment(&mut self, at: Position, comment: &'a Comment, fingerprint: Fingerprint, known: &Known) {
        self.count_read(comment.parent.is_some());
        let source_id = comment.source_id.as_str();
        let pending = self.changes.get(source_id);
        let entry = pending.map(|change| change.entry).or(known.entry);
        let replaces = match pending {
            Some(change) => change.replaces,
            None => known.entry.map(|entry| entry.at),
        };
        let prior = match entry {
            Some(Entry { taken: Some(_), at: first_at }) if first_at <= at => return self.duplicate(at, source_id),
            Some(Entry { taken: Some(later), at: later_at }) => {
                *self.tally.status.of(later.status) -= 1;
                *self.tally.outcome.of(later.fate) -= 1;
                self.duplicate(later_at, source_id);
                later.prior
            }
            Some(Entry { taken: None, .. }) | None => known.stored.map(|stored| stored.fingerprint),
        };
        let fate = match prior {
            None => Fate::Created,
            Some(prior) if prior == fingerprint => Fate::Unchanged,
            Some(_) => Fate::Updated,
        };
        *self.tally.status.of(comment.status) += 1;
        *self.tally.outcome.of(fate) += 1;
        let entry = Entry { at, taken: Some(Taken { status: comment.status, fate, prior }) };
        let change = Change { entry, replaces, stored: known.stored, comment: Some((comment, fingerprint)) };
        self.changes.insert(source_id, change);
    }

    fn refused(&mut self, at: Position, refused: &'a Refused, is_known: bool) {
        self.count_read(refused.is_reply);
        self.count_left_out(refused.reason);
        self.findings.push(Finding { at, reason: refused.reason, source_id: refused.source_id.clone() });
        if let Some(source_id) = refused.source_id.as_deref().filter(|_| !is_known) {
            let entry = Entry { at, taken: None };
            self.changes.entry(source_id).or_insert(Change { entry, replaces: None, stored: None, comment: None });
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
        let fate = match reason.effect() {
            Effect::Failed => Fate::Failed,
            Effect::Skipped | Effect::Repaired => Fate::Skipped,
        };
        *self.tally.outcome.of(fate) += 1;
    }
}
