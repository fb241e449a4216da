//! Commits one batch.
//!
//! The transaction reads what is stored under the batch's ids, computes the changes, and writes
//! them on condition that what was read is unchanged; otherwise it is retried. Workers write slices
//! of one file, and files of one origin, concurrently. They conflict in the ledger (comments with
//! one id in one file), in comment rows (two files), and in rows of threads and authors. To avoid
//! deadlocks, each table is written in one pass and in order of its keys, always after the same
//! other tables, and only rows that change are locked. The origins of a batch are written one after
//! the other, in order.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{AuthorRef, DateRange, Finding, Scope, Tally, Timestamp};
use rethread_stores::rules::batch::{OriginRecords, Prepared, may_update, older_file};
use rethread_stores::rules::resolve_batch::{BatchPlan, Change, resolve_batch};
use rethread_stores::rules::signature::StoredSignature;
use rethread_stores::{Checkpoint, Error, ErrorKind, Target};

use super::authors::Authors;
use super::import::Import;
use super::ledger::{self, Stored};
use super::ledger_threads::{self, LedgerThread, LedgerThreads};
use super::ledgers::LedgerOf;
use super::threads::Mentioned;
use super::{findings, ledgers, origins, rows, threads};
use crate::postgres::{DbResult, Failure, Transaction};

/// Writes a batch and advances its checkpoint.
pub(super) async fn commit(tx: &Transaction, target: &Target, batch: &Prepared) -> DbResult<Checkpoint> {
    let import = Import::open(tx, target).await?;
    let (before, _) = import.checkpoint(tx, batch.step).await?;
    if before.batches != batch.from || before.complete {
        let message = format!("{:?} of import {} was written by somebody else", batch.step, target.job);
        return Err(Error::new(ErrorKind::Conflict, message).into());
    }
    let mut written = Written::default();
    for (origin, records) in &batch.origins {
        let scope = Scope { origin: origin.clone(), ..target.scope.clone() };
        let ledger = ledgers::open(tx, import.no, &scope).await?;
        write_origin(tx, target, &Destination { scope, ledger }, records, &mut written).await?;
    }
    let Written { mut tally, mut found, authors, newest } = written;
    found.extend(batch.findings.iter().cloned());
    findings::add(tx, import.no, &found, &mut tally).await?;
    for authors in authors {
        authors.describe(tx).await?;
    }

    let mut frames = before.frames;
    frames += batch.frames;
    let mut sum = before.tally;
    sum += &tally;
    let after = Checkpoint {
        batches: before.batches + 1,
        position: Some(batch.position),
        complete: batch.complete,
        frames,
        tally: sum,
        dates: DateRange::either(before.dates, batch.dates),
    };
    import.save(tx, batch.step, &after, None).await?;
    for (origin_no, newest) in newest {
        origins::see_comment_at(tx, origin_no, newest).await?;
    }
    Ok(after)
}

/// The results of the origins of a batch.
#[derive(Default)]
struct Written<'a> {
    tally: Tally,
    found: Vec<Finding>,
    /// Authors whose descriptions are still to be written.
    authors: Vec<Authors<'a>>,
    /// By origin number, in order, so that two transactions never deadlock.
    newest: BTreeMap<i64, Timestamp>,
}

/// Where the records of an origin are written.
struct Destination {
    scope: Scope,
    ledger: LedgerOf,
}

/// Writes the batch's records of one origin, except for what is written last.
async fn write_origin<'a>(
    tx: &Transaction,
    target: &Target,
    to: &Destination,
    records: &'a OriginRecords,
    written: &mut Written<'a>,
) -> DbResult<()> {
    let ledger = to.ledger;
    let ids: Vec<&str> = records.source_ids().into_iter().collect();
    let newest = match ledger.origin_no {
        Some(no) => origins::newest_comment_at(tx, no).await?,
        None => None,
    };
    let updates = may_update(target, newest);
    written.found.extend((!updates).then(older_file));
    let stored =
        if ids.is_empty() { Stored::default() } else { ledger::stored(tx, ledger.no, ledger.origin_no, &ids).await? };
    let BatchPlan { mut changes, findings, tally } = resolve_batch(&records.comments, &stored.records, updates);
    for (source_id, change) in changes.iter_mut().filter(|(_, change)| change.keeps_stored) {
        change.kept_at = stored.locations.get(*source_id).cloned();
    }
    written.found.extend(findings);
    written.tally += &tally;

    let in_ledger = note_threads(tx, ledger.no, records, &changes, &stored).await?;
    written.tally.read.threads += in_ledger.new;
    let mut numbers = BTreeMap::new();
    let names_anything = !in_ledger.by_source_id.is_empty() || !records.authors.is_empty();
    if names_anything && !target.dry_run {
        let origin_no = match ledger.origin_no {
            Some(no) => no,
            None => origins::add(tx, &to.scope).await?,
        };
        let threads = store_threads(tx, origin_no, (target, updates), records, &in_ledger).await?;
        let known_authors = store_authors(tx, origin_no, (target, updates), records, &changes).await?;
        numbers = store_comments(tx, origin_no, &changes, &threads, &known_authors).await?;
        written.authors.push(known_authors);
        written.newest.extend(records.newest_comment_at(target).map(|newest| (origin_no, newest)));
    }
    let entries = entries(&changes, &in_ledger, &numbers, target.dry_run)?;
    ledger::put(tx, ledger.no, &entries).await
}

/// Adds to the ledger the threads that are described, have comments in this batch, or lose some.
async fn note_threads(
    tx: &Transaction,
    ledger_no: i64,
    records: &OriginRecords,
    changes: &BTreeMap<&str, Change<'_>>,
    stored: &Stored,
) -> DbResult<LedgerThreads> {
    let mut all: BTreeMap<&str, _> = changes.values().filter_map(Change::thread).map(|thread| (thread, None)).collect();
    let rewritten = changes.iter().filter(|(_, change)| change.writes_row());
    let left = rewritten.filter_map(|(source_id, _)| stored.locations.get(*source_id));
    all.extend(left.map(|location| (location.thread.as_str(), None)));
    all.extend(records.threads.iter().map(|(id, (print, thread))| (id.as_str(), Some((print.0.as_slice(), thread)))));
    if all.is_empty() {
        return Ok(LedgerThreads { by_source_id: BTreeMap::new(), new: 0 });
    }
    ledger_threads::put(tx, ledger_no, &all).await
}

async fn store_threads(
    tx: &Transaction,
    origin_no: i64,
    (target, updates): (&Target, bool),
    records: &OriginRecords,
    in_ledger: &LedgerThreads,
) -> DbResult<BTreeMap<String, i64>> {
    let mentioned = |(source_id, thread)| {
        let (source_id, thread): (&'_ String, &'_ LedgerThread) = (source_id, thread);
        let described = records.threads.get(source_id).filter(|_| thread.is_latest);
        Mentioned { source_id, description: described.map(|(fingerprint, thread)| (*fingerprint, thread)) }
    };
    let all: Vec<Mentioned<'_>> = in_ledger.by_source_id.iter().map(mentioned).collect();
    if all.is_empty() {
        return Ok(BTreeMap::new());
    }
    threads::put(tx, origin_no, target.job, &all, updates).await
}

/// Stores the authors that are described, and those of written comments.
async fn store_authors<'a>(
    tx: &Transaction,
    origin_no: i64,
    (target, updates): (&Target, bool),
    records: &'a OriginRecords,
    changes: &BTreeMap<&str, Change<'a>>,
) -> DbResult<Authors<'a>> {
    let of_comments = changes.values().filter(|change| change.writes_row()).filter_map(|change| author(change));
    let keys: BTreeSet<&'a str> = records.authors.keys().map(String::as_str).chain(of_comments).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    Authors::put(tx, origin_no, (target.job, updates), &keys, &records.authors, &records.signatures()).await
}

fn author<'a>(change: &Change<'a>) -> Option<&'a str> {
    match change.comment {
        Some((comment, _)) => match &comment.author {
            AuthorRef::Known(key) => Some(key),
            AuthorRef::Guest | AuthorRef::Nobody => None,
        },
        None => None,
    }
}

/// Writes the rows that differ from what is stored, and returns the numbers of all accepted
/// comments.
async fn store_comments(
    tx: &Transaction,
    origin_no: i64,
    changes: &BTreeMap<&str, Change<'_>>,
    threads: &BTreeMap<String, i64>,
    authors: &Authors<'_>,
) -> DbResult<BTreeMap<String, i64>> {
    let mut written = Vec::new();
    let mut numbers = BTreeMap::new();
    for (source_id, change) in changes {
        let Some((comment, fingerprint)) = &change.comment else { continue };
        if let Some(stored) = change.stored.filter(|_| !change.writes_row()) {
            numbers.insert((*source_id).to_owned(), stored.no);
            continue;
        }
        let thread_no = *threads.get(&comment.thread).ok_or(Failure::Raced)?;
        let author = author(change).and_then(|key| authors.stored.get(key));
        let signature = StoredSignature::of(comment, author.map(|author| &author.usual));
        let author_no = author.map(|author| author.no);
        written.push(rows::Row { change, comment, fingerprint: &fingerprint.0, thread_no, author_no, signature });
    }
    numbers.extend(rows::put(tx, origin_no, &written).await?);
    Ok(numbers)
}

fn entries<'a>(
    changes: &'a BTreeMap<&'a str, Change<'a>>,
    threads: &LedgerThreads,
    numbers: &BTreeMap<String, i64>,
    dry_run: bool,
) -> DbResult<Vec<ledger::Row<'a>>> {
    let entry = |(source_id, change): (&&'a str, &'a Change<'a>)| {
        let thread_no = match change.thread() {
            Some(thread) => Some(threads.by_source_id.get(thread).ok_or(Failure::Raced)?.no),
            None => None,
        };
        let comment_no = numbers.get(*source_id).copied().filter(|_| !dry_run);
        Ok(ledger::Row { source_id, change, thread_no, comment_no })
    };
    changes.iter().map(entry).collect()
}
