//! Slices: `pending` until they are opened, `open` while in the queue or held by a worker, then
//! `complete` or `given_up`.

use rethread_model::{AccountId, JobId, SliceNumber, SliceSpec, Timestamp};
use rethread_stores::stored_value::{json, millis, of_json, unsigned};
use rethread_stores::{Error, ErrorKind, SliceProgress, SliceStart};
use rusqlite::{OptionalExtension, Transaction, params};

use super::rows::{Stored, existing, got_further};
use crate::sqlite::{DbResult, text};

pub(super) fn add(
    tx: &Transaction<'_>,
    account: &AccountId,
    id: JobId,
    slices: &[SliceSpec],
    now: Timestamp,
) -> DbResult<()> {
    let stored = existing(tx, account, id)?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO slices (job_no, number, state, attempts, updated_at, spec) \
         VALUES (?1, ?2, 'pending', 0, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for slice in slices {
        statement.execute(params![stored.no, slice.number.0, millis(now), json(slice)?])?;
    }
    Ok(())
}

/// Deletes the slices of a job and the reports of its steps.
pub(super) fn forget(tx: &Transaction<'_>, job_no: i64) -> DbResult<()> {
    tx.prepare_cached("DELETE FROM slices WHERE job_no = ?1")?.execute([job_no])?;
    tx.prepare_cached("DELETE FROM reports WHERE job_no = ?1")?.execute([job_no])?;
    Ok(())
}

pub(super) fn open(
    tx: &Transaction<'_>,
    account: &AccountId,
    id: JobId,
    window: u32,
    now: Timestamp,
) -> DbResult<Vec<SliceNumber>> {
    let stored = existing(tx, account, id)?;
    let slice_progress = slice_progress(tx, &stored)?;
    if slice_progress.stopping || stored.job.state.is_final() {
        return Ok(Vec::new());
    }
    let mut statement = tx.prepare_cached(
        "UPDATE slices SET state = 'open', updated_at = ?2, publish_count = 0, published_at = NULL WHERE job_no = ?1 AND number IN (\
           SELECT number FROM slices WHERE job_no = ?1 AND state = 'pending' ORDER BY number LIMIT ?3) \
         RETURNING number",
    )?;
    let room = window.saturating_sub(slice_progress.open);
    let opened = statement.query_map(params![stored.no, millis(now), room], |row| Ok(SliceNumber(row.get(0)?)))?;
    let mut opened: Vec<SliceNumber> = opened.collect::<Result<_, _>>()?;
    opened.sort_unstable();
    if !opened.is_empty() {
        got_further(tx, stored.no)?;
    }
    Ok(opened)
}

pub(super) fn begin(
    tx: &Transaction<'_>,
    account: &AccountId,
    id: JobId,
    number: SliceNumber,
    now: Timestamp,
) -> DbResult<SliceStart> {
    let stored = existing(tx, account, id)?;
    let moved_at: Option<i64> = tx
        .prepare_cached("SELECT updated_at FROM slices WHERE job_no = ?1 AND number = ?2")?
        .query_row(params![stored.no, number.0], |row| row.get(0))
        .optional()?;
    let idle_ms = moved_at.map_or(0, |moved_at| (millis(now) - moved_at).max(0).unsigned_abs());
    tx.prepare_cached(
        "UPDATE slices SET state = 'open', attempts = attempts + 1, updated_at = ?3, \
         publish_count = 0, published_at = NULL, not_before = NULL \
         WHERE job_no = ?1 AND number = ?2 AND state IN ('pending', 'open')",
    )?
    .execute(params![stored.no, number.0, millis(now)])?;
    let mut statement = tx.prepare_cached(
        "SELECT spec, attempts, state IN ('complete', 'given_up'), coalesce(bytes_read, 0) FROM slices \
         LEFT JOIN reports ON reports.job_no = slices.job_no AND step = number \
         WHERE slices.job_no = ?1 AND number = ?2",
    )?;
    let found: Option<(String, u32, bool, i64)> = statement
        .query_row(params![stored.no, number.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    match found {
        Some((spec, attempts, is_ended, reported)) => {
            let reported_bytes = unsigned(reported)?;
            Ok(SliceStart { spec: of_json("slice", &spec)?, attempts, idle_ms, is_ended, reported_bytes })
        }
        None => Err(Error::new(ErrorKind::NotFound, format!("job {id} has no slice {number}")).into()),
    }
}

pub(super) fn all(tx: &Transaction<'_>, account: &AccountId, id: JobId) -> DbResult<Vec<SliceSpec>> {
    let stored = existing(tx, account, id)?;
    let mut statement = tx.prepare_cached("SELECT spec FROM slices WHERE job_no = ?1 ORDER BY number")?;
    let mut rows = statement.query([stored.no])?;
    let mut slices = Vec::new();
    while let Some(row) = rows.next()? {
        slices.push(of_json("slice", text(row, 0)?)?);
    }
    Ok(slices)
}

/// Reopens a slice, and returns whether it was complete.
pub(super) fn reopen(tx: &Transaction<'_>, stored: &Stored, number: SliceNumber, now: Timestamp) -> DbResult<bool> {
    let state: Option<String> = tx
        .prepare_cached("SELECT state FROM slices WHERE job_no = ?1 AND number = ?2")?
        .query_row(params![stored.no, number.0], |row| row.get(0))
        .optional()?;
    let Some(state) = state else {
        return Err(Error::new(ErrorKind::NotFound, format!("job {} has no slice {number}", stored.job.id)).into());
    };
    // A worker that holds it has started it once.
    let attempts = u32::from(state == "open");
    tx.prepare_cached(
        "UPDATE slices SET state = CASE state WHEN 'open' THEN 'open' ELSE 'pending' END, attempts = ?4, \
         postponed = 0, updated_at = ?3, publish_count = 0, published_at = NULL, not_before = NULL WHERE job_no = ?1 AND number = ?2",
    )?
    .execute(params![stored.no, number.0, millis(now), attempts])?;
    Ok(state == "complete")
}

pub(super) fn release(tx: &Transaction<'_>, account: &AccountId, id: JobId, number: SliceNumber) -> DbResult<()> {
    let stored = existing(tx, account, id)?;
    tx.prepare_cached(
        "UPDATE slices SET attempts = max(attempts - 1, 0) WHERE job_no = ?1 AND number = ?2 AND state = 'open'",
    )?
    .execute(params![stored.no, number.0])?;
    Ok(())
}

/// Whether the job has a slice with this number.
pub(super) fn is_there(tx: &Transaction<'_>, job_no: i64, number: SliceNumber) -> DbResult<bool> {
    let mut statement = tx.prepare_cached("SELECT 1 FROM slices WHERE job_no = ?1 AND number = ?2")?;
    Ok(statement.exists(params![job_no, number.0])?)
}

/// Ends a slice; `false` when it had ended before, or does not exist.
pub(super) fn end(tx: &Transaction<'_>, job_no: i64, number: SliceNumber, complete: bool) -> DbResult<bool> {
    let state = if complete { "complete" } else { "given_up" };
    let mut statement = tx.prepare_cached(
        "UPDATE slices SET state = ?3 WHERE job_no = ?1 AND number = ?2 AND state IN ('pending', 'open')",
    )?;
    Ok(statement.execute(params![job_no, number.0, state])? > 0)
}

/// Records that a slice is being worked on and, when it made progress, resets its attempts.
pub(super) fn moved(
    tx: &Transaction<'_>,
    job_no: i64,
    number: SliceNumber,
    got_further: bool,
    now: Timestamp,
) -> DbResult<()> {
    let mut statement = tx.prepare_cached(
        "UPDATE slices SET updated_at = ?3, attempts = CASE WHEN ?4 THEN 0 ELSE attempts END, \
         postponed = CASE WHEN ?4 THEN 0 ELSE postponed END, publish_count = 0, published_at = NULL, not_before = NULL \
         WHERE job_no = ?1 AND number = ?2",
    )?;
    statement.execute(params![job_no, number.0, millis(now), got_further])?;
    Ok(())
}

pub(super) fn slice_progress(tx: &Transaction<'_>, stored: &Stored) -> DbResult<SliceProgress> {
    let mut statement = tx.prepare_cached(
        "SELECT (SELECT count(*) FROM slices WHERE job_no = ?1 AND state = 'open'), \
                (SELECT count(*) FROM slices WHERE job_no = ?1 AND state = 'pending')",
    )?;
    let (open, pending): (i64, i64) = statement.query_row([stored.no], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(SliceProgress { stopping: stored.job.stopping, open: unsigned(open)?, pending: unsigned(pending)? })
}
