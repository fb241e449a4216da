//! Commits one batch.

use std::collections::{BTreeMap, HashMap};

use rethread_model::{AuthorRef, Comment, DateRange, Finding, Fingerprint, JobId, Scope, Signature, Tally, Thread};
use rethread_stores::rules::batch::{OriginRecords, Prepared, may_update, older_file};
use rethread_stores::rules::resolve_batch::{BatchPlan, Change, StoredRecord, resolve_batch};
use rethread_stores::rules::signature::{StoredSignature, address_and_name};
use rethread_stores::{Checkpoint, Error, ErrorKind, Target};
use rusqlite::{CachedStatement, Transaction};

use super::authors::StoredAuthor;
use super::import::Import;
use super::ledger::{self, Ledger};
use super::{authors, findings, ledgers, origins, rows, threads};
use crate::sqlite::DbResult;

/// Writes a batch and advances its checkpoint.
pub(super) fn commit(tx: &Transaction<'_>, target: &Target, batch: &Prepared) -> DbResult<Checkpoint> {
    let import = Import::open(tx, target)?;
    let (before, _) = import.checkpoint(tx, batch.step)?;
    if before.batches != batch.from || before.complete {
        let message = format!("{:?} of import {} was written by somebody else", batch.step, target.job);
        return Err(Error::new(ErrorKind::Conflict, message).into());
    }

    let mut tally = before.tally;
    for (origin, records) in &batch.origins {
        let scope = Scope { origin: origin.clone(), ..target.scope.clone() };
        write_origin(tx, target, &scope, &import, records, &mut tally)?;
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

/// Stores a finding, and counts it if it is new.
fn find(tx: &Transaction<'_>, import: &Import, finding: &Finding, tally: &mut Tally) -> DbResult<()> {
    if findings::add(tx, import.no, finding)? {
        tally.found(finding);
    }
    Ok(())
}

/// Writes the records of one origin in a batch.
fn write_origin(
    tx: &Transaction<'_>,
    target: &Target,
    scope: &Scope,
    import: &Import,
    records: &OriginRecords,
    tally: &mut Tally,
) -> DbResult<()> {
    let writes_to = if target.dry_run { None } else { Some(origins::find_or_add(tx, scope)?) };
    let origin_no = if target.dry_run { origins::find(tx, scope)? } else { writes_to };
    let newest = origin_no.map(|no| origins::newest_comment_at(tx, no)).transpose()?.flatten();
    let updates = may_update(target, newest);
    if !updates {
        find(tx, import, &older_file(), tally)?;
    }
    let ledger = Ledger::new(tx, ledgers::find_or_add(tx, import.no, &scope.origin)?);
    let stored = stored_records(tx, &ledger, origin_no, records)?;
    let BatchPlan { mut changes, findings, tally: counts } = resolve_batch(&records.comments, &stored.records, updates);
    for change in changes.values_mut().filter(|change| change.keeps_stored) {
        change.kept_at = change.stored.map(|row| rows::location(tx, row.no)).transpose()?;
    }
    *tally += &counts;
    for finding in &findings {
        find(tx, import, finding, tally)?;
    }

    let signatures = records.signatures();
    let (thread_nos, known_authors) = (HashMap::new(), HashMap::new());
    let mut writer = Writer {
        inserting: rows::inserting(tx)?,
        putting: ledger::putting(tx)?,
        tx,
        job: target.job,
        ledger,
        writes_to,
        updates,
        thread_nos,
        authors: known_authors,
        signatures,
    };
    tally.read.threads += writer.describe_threads(records)?;
    writer.describe_authors(records)?;
    for (source_id, change) in &changes {
        writer.write(source_id, change, stored.thread_nos.get(*source_id).copied())?;
    }
    match (writes_to, records.newest_comment_at(target)) {
        (Some(origin_no), Some(newest)) => origins::see_comment_at(tx, origin_no, newest),
        _ => Ok(()),
    }
}

/// What is stored under the ids of a batch.
#[derive(Default)]
struct Stored {
    records: BTreeMap<String, StoredRecord>,
    /// The numbers of the threads of the rows.
    thread_nos: HashMap<String, i64>,
}

fn stored_records(
    tx: &Transaction<'_>,
    ledger: &Ledger<'_>,
    origin_no: Option<i64>,
    records: &OriginRecords,
) -> DbResult<Stored> {
    let ids = records.source_ids();
    let mut stored = Stored::default();
    ledger.find_all(&ids, |source_id, entry| {
        stored.records.entry(source_id).or_default().entry = Some(entry.summary());
    })?;
    if let Some(origin_no) = origin_no {
        rows::find(tx, origin_no, &ids, |source_id, found| {
            stored.thread_nos.insert(source_id.clone(), found.thread_no);
            stored.records.entry(source_id).or_default().row = Some(found.row);
        })?;
    }
    Ok(stored)
}

/// Writes the changes of one origin.
struct Writer<'a> {
    tx: &'a Transaction<'a>,
    inserting: CachedStatement<'a>,
    putting: CachedStatement<'a>,
    job: JobId,
    ledger: Ledger<'a>,
    /// The origin, unless this is a dry run.
    writes_to: Option<i64>,
    /// See [`may_update`].
    updates: bool,
    thread_nos: HashMap<String, ThreadNos>,
    authors: HashMap<String, StoredAuthor>,
    /// See [`OriginRecords::signatures`].
    signatures: HashMap<&'a str, &'a Signature>,
}

/// The numbers of a thread.
#[derive(Clone, Copy)]
struct ThreadNos {
    in_ledger: i64,
    /// `None` in a dry run.
    stored: Option<i64>,
}

impl Writer<'_> {
    /// Returns the number of threads that the file had not described before.
    fn describe_threads(&mut self, records: &OriginRecords) -> DbResult<i64> {
        let mut new = 0;
        for (fingerprint, thread) in records.threads.values() {
            new += i64::from(self.describe_thread(*fingerprint, thread)?);
        }
        Ok(new)
    }

    fn describe_thread(&mut self, fingerprint: Fingerprint, thread: &Thread) -> DbResult<bool> {
        let described = self.ledger.describe_thread(thread, fingerprint)?;
        let stored = match self.writes_to {
            Some(origin_no) if described.is_latest => {
                Some(threads::describe(self.tx, origin_no, self.job, thread, fingerprint, self.updates)?)
            }
            Some(origin_no) => Some(threads::find_or_add(self.tx, origin_no, &thread.source_id)?),
            None => None,
        };
        self.thread_nos.insert(thread.source_id.clone(), ThreadNos { in_ledger: described.no, stored });
        Ok(described.is_new)
    }

    fn describe_authors(&mut self, records: &OriginRecords) -> DbResult<()> {
        let Some(origin_no) = self.writes_to else { return Ok(()) };
        for (key, described) in &records.authors {
            let usual = self.signatures.get(key.as_str()).copied();
            let author = authors::describe(self.tx, origin_no, self.job, described, usual, self.updates)?;
            self.authors.insert(key.clone(), author);
        }
        Ok(())
    }

    /// Writes the row and the ledger entry of a source id.
    fn write(&mut self, source_id: &str, change: &Change<'_>, on_thread: Option<i64>) -> DbResult<()> {
        let (Some((comment, fingerprint)), Some(accepted)) = (change.comment, change.entry.accepted) else {
            return self.ledger.put(&mut self.putting, source_id, change.entry.at, None);
        };
        let thread = self.thread_nos(change.thread().unwrap_or(&comment.thread))?;
        let comment_no = self.store(change, (comment, fingerprint), thread, on_thread)?;
        let taken = ledger::AcceptedComment {
            thread_no: thread.in_ledger,
            comment_no,
            status: accepted.status,
            outcome: accepted.outcome,
            prior: accepted.prior,
            parent: change.parent().map(str::to_owned),
            address_and_name: address_and_name(comment),
        };
        self.ledger.put(&mut self.putting, source_id, change.entry.at, Some(&taken))
    }

    /// Writes the row of a comment if it differs from what is stored, and returns its number.
    fn store(
        &mut self,
        change: &Change<'_>,
        (comment, fingerprint): (&Comment, Fingerprint),
        thread: ThreadNos,
        on_thread: Option<i64>,
    ) -> DbResult<Option<i64>> {
        let (Some(origin_no), Some(thread_no)) = (self.writes_to, thread.stored) else { return Ok(None) };
        if let Some(row) = change.stored.filter(|_| !change.writes_row()) {
            return Ok(Some(row.no));
        }
        let author = self.author(origin_no, &comment.author)?;
        let signature = StoredSignature::of(comment, author.as_ref().map(|author| &author.usual));
        let author_no = author.as_ref().map(|author| author.no);
        let row = rows::Row { origin_no, thread_no, author_no, signature, comment, fingerprint };
        let Some(stored) = change.stored else { return Ok(Some(rows::insert(self.tx, &mut self.inserting, &row)?)) };
        rows::update(self.tx, stored, &row)?;
        if let Some(left) = on_thread.filter(|left| *left != thread_no) {
            // The page that the comment leaves must be counted again.
            self.ledger.find_or_add_thread(&threads::source_id(self.tx, left)?)?;
        }
        Ok(Some(stored.no))
    }

    fn thread_nos(&mut self, source_id: &str) -> DbResult<ThreadNos> {
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

    fn author(&mut self, origin_no: i64, author: &AuthorRef) -> DbResult<Option<StoredAuthor>> {
        let AuthorRef::Known(key) = author else { return Ok(None) };
        if let Some(author) = self.authors.get(key) {
            return Ok(Some(author.clone()));
        }
        let author = authors::find_or_add(self.tx, origin_no, key, self.signatures.get(key.as_str()).copied())?;
        self.authors.insert(key.clone(), author.clone());
        Ok(Some(author))
    }
}
