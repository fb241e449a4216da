//! The sites that comments come from.

use rethread_model::{AccountId, Scope, Vendor};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::sqlite::Outcome;

/// The number of an origin; `None` when nothing of it was ever stored.
pub(super) fn find(tx: &Transaction<'_>, scope: &Scope) -> Outcome<Option<i64>> {
    let mut statement =
        tx.prepare_cached("SELECT no FROM origins WHERE account = ?1 AND vendor = ?2 AND origin = ?3")?;
    let names = params![scope.account.as_str(), scope.vendor.as_str(), scope.origin.as_str()];
    Ok(statement.query_row(names, |row| row.get(0)).optional()?)
}

/// The number of an origin, which is noted where it is new.
pub(super) fn find_or_add(tx: &Transaction<'_>, scope: &Scope) -> Outcome<i64> {
    if let Some(no) = find(tx, scope)? {
        return Ok(no);
    }
    tx.execute(
        "INSERT INTO origins (account, vendor, origin) VALUES (?1, ?2, ?3)",
        params![scope.account.as_str(), scope.vendor.as_str(), scope.origin.as_str()],
    )?;
    Ok(tx.last_insert_rowid())
}

/// How many comments of a vendor's origins there are.
pub(super) fn count(tx: &Transaction<'_>, account: &AccountId, vendor: Vendor) -> Outcome<i64> {
    let mut statement = tx.prepare_cached(
        "SELECT count(*) FROM comments WHERE origin_no IN (\
           SELECT no FROM origins WHERE account = ?1 AND vendor = ?2)",
    )?;
    Ok(statement.query_row(params![account.as_str(), vendor.as_str()], |row| row.get(0))?)
}
