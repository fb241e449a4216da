//! The sites that comments come from.

use rethread_model::{AccountId, PageOptions, Scope, Timestamp, Vendor};
use rethread_stores::Target;
use rethread_stores::stored_value::{from_micros, json, of_json};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::sqlite::DbResult;

/// The number of an origin; `None` when nothing of it was ever stored.
pub(super) fn find(tx: &Transaction<'_>, scope: &Scope) -> DbResult<Option<i64>> {
    let mut statement =
        tx.prepare_cached("SELECT no FROM origins WHERE account = ?1 AND vendor = ?2 AND origin = ?3")?;
    let names = params![scope.account.as_str(), scope.vendor.as_str(), scope.origin.as_str()];
    Ok(statement.query_row(names, |row| row.get(0)).optional()?)
}

/// The number of an origin, which is added if it is new.
pub(super) fn find_or_add(tx: &Transaction<'_>, scope: &Scope) -> DbResult<i64> {
    if let Some(no) = find(tx, scope)? {
        return Ok(no);
    }
    tx.execute(
        "INSERT INTO origins (account, vendor, origin) VALUES (?1, ?2, ?3)",
        params![scope.account.as_str(), scope.vendor.as_str(), scope.origin.as_str()],
    )?;
    Ok(tx.last_insert_rowid())
}

/// The number of comments of a vendor's origins.
pub(super) fn count(tx: &Transaction<'_>, account: &AccountId, vendor: Vendor) -> DbResult<i64> {
    let mut statement = tx.prepare_cached(
        "SELECT count(*) FROM comments WHERE origin_no IN (\
           SELECT no FROM origins WHERE account = ?1 AND vendor = ?2)",
    )?;
    Ok(statement.query_row(params![account.as_str(), vendor.as_str()], |row| row.get(0))?)
}

/// The time of the newest comment that was imported.
pub(super) fn newest_comment_at(tx: &Transaction<'_>, no: i64) -> DbResult<Option<Timestamp>> {
    let mut statement = tx.prepare_cached("SELECT newest_comment_at FROM origins WHERE no = ?1")?;
    Ok(from_micros(statement.query_row([no], |row| row.get(0))?)?)
}

/// Records that a comment with this time was imported.
pub(super) fn see_comment_at(tx: &Transaction<'_>, no: i64, at: Timestamp) -> DbResult<()> {
    tx.prepare_cached(
        "UPDATE origins SET newest_comment_at = ?2 WHERE no = ?1 AND coalesce(newest_comment_at < ?2, TRUE)",
    )?
    .execute(params![no, at.as_microsecond()])?;
    Ok(())
}

/// See [`rethread_stores::ImportStore::page_options`].
pub(super) fn page_options(tx: &Transaction<'_>, scope: &Scope) -> DbResult<Option<PageOptions>> {
    let mut statement =
        tx.prepare_cached("SELECT page_options FROM origins WHERE account = ?1 AND vendor = ?2 AND origin = ?3")?;
    let names = params![scope.account.as_str(), scope.vendor.as_str(), scope.origin.as_str()];
    let stored: Option<String> = statement.query_row(names, |row| row.get(0)).optional()?.flatten();
    Ok(stored.map(|text| of_json("page options", &text)).transpose()?)
}

/// See [`rethread_stores::ImportStore::set_page_options`].
pub(super) fn set_page_options(tx: &Transaction<'_>, target: &Target, options: &PageOptions) -> DbResult<()> {
    let Target { scope, job, .. } = target;
    tx.prepare_cached(
        "UPDATE origins SET page_options = ?4 WHERE account = ?1 AND vendor = ?2 AND origin IN (\
           SELECT ledgers.origin FROM ledgers JOIN imports ON imports.no = ledgers.import_no \
           WHERE imports.account = ?1 AND imports.job = ?3)",
    )?
    .execute(params![scope.account.as_str(), scope.vendor.as_str(), job.to_string(), json(options)?])?;
    Ok(())
}
