//! The table of threads.

use rethread_model::{Fingerprint, JobId, Thread};
use rethread_stores::rules::description::ThreadDescription;
use rethread_stores::stored_value::{json_list, micros};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::sqlite::DbResult;

struct Found {
    no: i64,
    description: ThreadDescription,
}

fn find(tx: &Transaction<'_>, origin_no: i64, source_id: &str) -> DbResult<Option<Found>> {
    let mut statement =
        tx.prepare_cached("SELECT no, described_by, fingerprint FROM threads WHERE origin_no = ?1 AND source_id = ?2")?;
    let found = statement.query_row(params![origin_no, source_id], |row| {
        let fingerprint = row.get::<_, Option<[u8; 16]>>(2)?.map(Fingerprint);
        Ok(Found { no: row.get(0)?, description: ThreadDescription { described_by: row.get(1)?, fingerprint } })
    });
    Ok(found.optional()?)
}

/// The number of a stored thread and whether it was ever described.
pub(super) fn lookup(tx: &Transaction<'_>, origin_no: i64, source_id: &str) -> DbResult<Option<(i64, bool)>> {
    Ok(find(tx, origin_no, source_id)?.map(|found| (found.no, found.description.fingerprint.is_some())))
}

/// The vendor's id of a stored thread.
pub(super) fn source_id(tx: &Transaction<'_>, no: i64) -> DbResult<String> {
    Ok(tx.prepare_cached("SELECT source_id FROM threads WHERE no = ?1")?.query_row([no], |row| row.get(0))?)
}

/// The number of a thread. A new one is put on a page named after it until a description comes.
pub(super) fn find_or_add(tx: &Transaction<'_>, origin_no: i64, source_id: &str) -> DbResult<i64> {
    if let Some(found) = find(tx, origin_no, source_id)? {
        return Ok(found.no);
    }
    let mut statement =
        tx.prepare_cached("INSERT INTO threads (origin_no, source_id, url_id, closed) VALUES (?1, ?2, ?2, FALSE)")?;
    statement.execute(params![origin_no, source_id])?;
    Ok(tx.last_insert_rowid())
}

/// Writes the description that is the latest of an import's file so far, unless the stored one is
/// kept.
pub(super) fn describe(
    tx: &Transaction<'_>,
    origin_no: i64,
    job: JobId,
    thread: &Thread,
    fingerprint: Fingerprint,
    updates: bool,
) -> DbResult<i64> {
    let no = match find(tx, origin_no, &thread.source_id)? {
        Some(found) if found.description.is_kept(job, fingerprint, updates) => return Ok(found.no),
        Some(found) => found.no,
        None => find_or_add(tx, origin_no, &thread.source_id)?,
    };
    let mut statement = tx.prepare_cached(
        "UPDATE threads SET url_id = ?2, url = ?3, title = ?4, created_at = ?5, closed = ?6, reactions = ?7, \
         described_by = ?8, fingerprint = ?9 WHERE no = ?1",
    )?;
    statement.execute(params![
        no,
        thread.url_id,
        thread.url,
        thread.title,
        micros(thread.created_at),
        thread.closed,
        json_list(&thread.reactions)?,
        job.as_uuid().as_bytes(),
        fingerprint.0,
    ])?;
    Ok(no)
}
