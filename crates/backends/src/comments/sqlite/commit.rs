//! One batch.

use std::collections::HashMap;

use rethread_model::{
    AuthorRef, Comment, DateRange, Effect, Finding, Fingerprint, Located, Outcome as Fate, Position, Reason, Refused,
    Scope, Signature, Tally, Thread,
};
use rusqlite::Transaction;

use super::super::signature::{StoredSignature, address_and_name};
use super::authors::StoredAuthor;
use super::batch::{Entry, OriginRecords, Prepared};
use super::import::Import;
use super::ledger::{self, Ledger};
use super::{authors, findings, ledgers, origins, rows, threads};
use crate::sqlite::Outcome;
use crate::{Checkpoint, Error, ErrorKind, Target};

/// Writes a batch and moves its checkpoint.
pub(super) fn commit(tx: &Transaction<'_>, target: &Target, batch: &Prepared) -> Outcome<Checkpoint> {
    let import = Import::open(tx, target)?;
    let (before, _) = import.checkpoint(tx, batch.step)?;
    if before.batches != batch.from || before.complete {
        let message = format!("{:?} of import {} was written by somebody else", batch.step, target.job);
        return Err(Error::new(ErrorKind::Conflict, message).into());
    }

    let mut tally = before.tally;
    for (origin, records) in &batch.origins {
        let scope = Scope { origin: origin.clone(), ..target.scope.clone() };
        let mut writer = Writer::new(tx, target, &scope, &import, records.signatures())?;
        writer.write(records)?;
        tally += &writer.tally;
    }
    for finding in &batch.findings {
        find(tx, &import, finding, &mut tally)?;
    }
    let mut frames = before.frames;
    frames += batch.frames;
    let after = Checkpoint {
        batches: before.batches + 1,
        position: Some(batch.position),
        complete: batch.complete,
        frames,
        tally,
        dates: DateRange::either(before.dates, batch.dates),
    };
    import.save(tx, batch.step, &after, None)?;
    Ok(after)
}

/// Notes a finding, and counts it unless it was noted before.
fn find(tx: &Transaction<'_>, import: &Import, finding: &Finding, tally: &mut Tally) -> Outcome<()> {
    if findings::add(tx, import.no, finding)? {
        tally.found(finding);
    }
    Ok(())
}

/// Writes what a batch brings of one origin.
struct Writer<'a> {
    tx: &'a Transaction<'a>,
    target: &'a Target,
    import: &'a Import,
    ledger: Ledger<'a>,
    /// The origin, where anything of it is stored.
    origin_no: Option<i64>,
    /// The origin, unless this is a dry run.
    writes_to: Option<i64>,
    thread_nos: HashMap<String, ThreadNos>,
    authors: HashMap<String, StoredAuthor>,
    /// See [`OriginRecords::signatures`].
    signatures: HashMap<&'a str, &'a Signature>,
    tally: Tally,
}

/// The numbers of a thread.
#[derive(Clone, Copy)]
struct ThreadNos {
    in_ledger: i64,
    /// `None` in a dry run.
    stored: Option<i64>,
}

impl<'a> Writer<'a> {
    fn new(
        tx: &'a Transaction<'a>,
        target: &'a Target,
        scope: &Scope,
        import: &'a Import,
        signatures: HashMap<&'a str, &'a Signature>,
    ) -> Outcome<Self> {
        let writes_to = if target.dry_run { None } else { Some(origins::find_or_add(tx, scope)?) };
        let origin_no = if target.dry_run { origins::find(tx, scope)? } else { writes_to };
        Ok(Self {
            tx,
            target,
            import,
            ledger: Ledger::new(tx, ledgers::find_or_add(tx, import.no, &scope.origin)?),
            origin_no,
            writes_to,
            thread_nos: HashMap::new(),
            authors: HashMap::new(),
            signatures,
            tally: Tally::default(),
        })
    }

    fn write(&mut self, records: &OriginRecords) -> Outcome<()> {
        for (fingerprint, thread) in records.threads.values() {
            self.thread(*fingerprint, thread)?;
        }
        if let Some(origin_no) = self.writes_to {
            for (key, described) in &records.authors {
                let usual = self.signatures.get(key.as_str()).copied();
                let author = authors::describe(self.tx, origin_no, self.target.job, described, usual)?;
                self.authors.insert(key.clone(), author);
            }
        }
        for Located { value, at } in &records.comments {
            match value {
                Entry::Taken(fingerprint, comment) => self.comment(*at, comment, *fingerprint)?,
                Entry::Refused(refused) => self.refused(*at, refused)?,
            }
        }
        Ok(())
    }

    fn thread(&mut self, fingerprint: Fingerprint, thread: &Thread) -> Outcome<()> {
        let described = self.ledger.describe_thread(thread, fingerprint)?;
        if described.is_new {
            self.tally.read.threads += 1;
        }
        let stored = match self.writes_to {
            Some(origin_no) if described.is_latest => {
                Some(threads::describe(self.tx, origin_no, self.target.job, thread, fingerprint)?)
            }
            Some(origin_no) => Some(threads::find_or_add(self.tx, origin_no, &thread.source_id)?),
            None => None,
        };
        self.thread_nos.insert(thread.source_id.clone(), ThreadNos { in_ledger: described.no, stored });
        Ok(())
    }

    /// Of comments with one id the first one in the file counts. Where it is written after a later one, it takes that
    /// one's place, and the counts are put right.
    fn comment(&mut self, at: Position, comment: &Comment, fingerprint: Fingerprint) -> Outcome<()> {
        self.count_read(comment.parent.is_some());
        let stored = rows::find(self.tx, self.origin_no, &comment.source_id)?;
        let prior = match self.ledger.find(&comment.source_id)? {
            Some(ledger::Entry { taken: Some(_), at: first_at, .. }) if first_at <= at => {
                return self.duplicate(at, &comment.source_id);
            }
            Some(ledger::Entry { taken: Some(later), at: later_at, .. }) => {
                *self.tally.status.of(later.status) -= 1;
                *self.tally.outcome.of(later.fate) -= 1;
                self.duplicate(later_at, &comment.source_id)?;
                later.prior
            }
            Some(ledger::Entry { taken: None, .. }) | None => stored.as_ref().map(|row| row.fingerprint),
        };
        let fate = match prior {
            None => Fate::Created,
            Some(prior) if prior == fingerprint => Fate::Unchanged,
            Some(_) => Fate::Updated,
        };
        *self.tally.status.of(comment.status) += 1;
        *self.tally.outcome.of(fate) += 1;
        let thread = self.thread_nos(&comment.thread)?;
        let comment_no = self.store(stored, thread, comment, fingerprint)?;
        let taken = ledger::Taken {
            thread_no: thread.in_ledger,
            comment_no,
            status: comment.status,
            fate,
            prior,
            parent: comment.parent.clone(),
            address_and_name: address_and_name(comment),
        };
        self.ledger.put(&comment.source_id, at, Some(&taken))
    }

    /// A comment that is not stored counts as itself. Its id stands in the ledger unless a comment to be stored has it.
    fn refused(&mut self, at: Position, refused: &Refused) -> Outcome<()> {
        self.count_read(refused.is_reply);
        self.count_left_out(refused.reason);
        self.find(&Finding { at, reason: refused.reason, source_id: refused.source_id.clone() })?;
        match &refused.source_id {
            Some(source_id) if self.ledger.find(source_id)?.is_none() => self.ledger.put(source_id, at, None),
            _ => Ok(()),
        }
    }

    fn duplicate(&mut self, at: Position, source_id: &str) -> Outcome<()> {
        self.count_left_out(Reason::DuplicateId);
        self.find(&Finding { at, reason: Reason::DuplicateId, source_id: Some(source_id.to_owned()) })
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

    fn find(&mut self, finding: &Finding) -> Outcome<()> {
        find(self.tx, self.import, finding, &mut self.tally)
    }

    /// Writes the row of a comment where it differs from what is stored.
    fn store(
        &mut self,
        stored: Option<rows::Found>,
        thread: ThreadNos,
        comment: &Comment,
        fingerprint: Fingerprint,
    ) -> Outcome<Option<i64>> {
        let (Some(origin_no), Some(thread_no)) = (self.writes_to, thread.stored) else { return Ok(None) };
        if let Some(row) = &stored
            && row.fingerprint == fingerprint
        {
            return Ok(Some(row.no));
        }
        let author = self.author(origin_no, &comment.author)?;
        let signature = StoredSignature::of(comment, author.as_ref().map(|author| &author.usual));
        let author_no = author.as_ref().map(|author| author.no);
        let row = rows::Row { origin_no, thread_no, author_no, signature, comment, fingerprint };
        match stored {
            None => Ok(Some(rows::insert(self.tx, &row)?)),
            Some(found) => {
                rows::update(self.tx, &found, &row)?;
                if found.thread_no != thread_no {
                    // Its page has one comment less.
                    self.ledger.find_or_add_thread(&threads::source_id(self.tx, found.thread_no)?)?;
                }
                Ok(Some(found.no))
            }
        }
    }

    fn thread_nos(&mut self, source_id: &str) -> Outcome<ThreadNos> {
        if let Some(nos) = self.thread_nos.get(source_id) {
            return Ok(*nos);
        }
        let in_ledger = self.ledger.find_or_add_thread(source_id)?;
        let stored = match self.writes_to {
            Some(origin_no) => Some(threads::find_or_add(self.tx, origin_no, source_id)?),
            None => None,
        };
        let nos = ThreadNos { in_ledger, stored };
        self.thread_nos.insert(source_id.to_owned(), nos);
        Ok(nos)
    }

    fn author(&mut self, origin_no: i64, author: &AuthorRef) -> Outcome<Option<StoredAuthor>> {
        let AuthorRef::Known(key) = author else { return Ok(None) };
        if let Some(author) = self.authors.get(key) {
            return Ok(Some(author.clone()));
        }
        let author = authors::find_or_add(self.tx, origin_no, key, self.signatures.get(key.as_str()).copied())?;
        self.authors.insert(key.clone(), author.clone());
        Ok(Some(author))
    }
}
