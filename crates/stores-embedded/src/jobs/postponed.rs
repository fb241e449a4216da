//! Tasks that wait for a backend to recover.

use std::time::Duration;

use rethread_model::{SliceNumber, Task, Timestamp};
use rethread_stores::rules::redelivery::not_before;
use rethread_stores::{Error, ErrorKind};
use rusqlite::{OptionalExtension, Transaction, params};

use super::rows::{Stored, existing};
use crate::sqlite::DbResult;

/// How long to postpone a task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    pub(super) base: Duration,
    pub(super) cap: Duration,
}

/// Postpones a task and returns how many times in a row this happened.
pub(super) fn postpone(tx: &Transaction<'_>, task: &Task, backoff: Backoff, now: Timestamp) -> DbResult<u32> {
    let stored = existing(tx, &task.account, task.job)?;
    match task.kind.slice() {
        Some(number) => slice(tx, &stored, number, backoff, now),
        None => job(tx, &stored, backoff, now),
    }
}

fn slice(
    tx: &Transaction<'_>,
    stored: &Stored,
    number: SliceNumber,
    backoff: Backoff,
    now: Timestamp,
) -> DbResult<u32> {
    let mut statement =
        tx.prepare_cached("SELECT postponed, state = 'open' FROM slices WHERE job_no = ?1 AND number = ?2")?;
    let found: Option<(u32, bool)> =
        statement.query_row(params![stored.no, number.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((before, is_open)) = found else {
        return Err(Error::new(ErrorKind::NotFound, format!("job {} has no slice {number}", stored.job.id)).into());
    };
    if !is_open {
        return Ok(before);
    }
    let times = before.saturating_add(1);
    tx.prepare_cached(
        "UPDATE slices SET attempts = max(attempts - 1, 0), postponed = ?3, not_before = ?4, publish_count = 0, published_at = NULL \
         WHERE job_no = ?1 AND number = ?2",
    )?
    .execute(params![stored.no, number.0, times, not_before(now, times, backoff.base, backoff.cap)])?;
    Ok(times)
}

fn job(tx: &Transaction<'_>, stored: &Stored, backoff: Backoff, now: Timestamp) -> DbResult<u32> {
    let before: u32 =
        tx.prepare_cached("SELECT postponed FROM jobs WHERE no = ?1")?.query_row([stored.no], |row| row.get(0))?;
    if stored.job.state.is_final() {
        return Ok(before);
    }
    let times = before.saturating_add(1);
    tx.prepare_cached(
        "UPDATE jobs SET postponed = ?2, not_before = ?3, publish_count = 0, published_at = NULL WHERE no = ?1",
    )?
    .execute(params![stored.no, times, not_before(now, times, backoff.base, backoff.cap)])?;
    Ok(times)
}
