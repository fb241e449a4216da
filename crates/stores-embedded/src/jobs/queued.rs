//! Jobs that wait: for a worker, or for an admin's confirmation.

use rethread_model::{AccountId, JobId, Timestamp};
use rethread_stores::stored_value::{millis, text_of};
use rusqlite::Transaction;

use crate::sqlite::{DbResult, text};

pub(super) fn unconfirmed(tx: &Transaction<'_>, before: Timestamp) -> DbResult<Vec<(AccountId, JobId)>> {
    let mut statement = tx.prepare_cached(
        "SELECT account, id FROM jobs WHERE state = 'waiting' AND NOT stopping AND updated_at <= ?1 ORDER BY id",
    )?;
    let mut rows = statement.query([millis(before)])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        let account = text_of("account", text(row, 0)?)?;
        jobs.push((account, text_of("job", text(row, 1)?)?));
    }
    Ok(jobs)
}

pub(super) fn queued(tx: &Transaction<'_>) -> DbResult<Vec<JobId>> {
    let mut statement = tx.prepare_cached(
        "SELECT id FROM jobs WHERE state = 'queued' AND phase <> 'uploading' AND NOT stopping ORDER BY updated_at, id",
    )?;
    let mut rows = statement.query([])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        jobs.push(text_of("job", text(row, 0)?)?);
    }
    Ok(jobs)
}
