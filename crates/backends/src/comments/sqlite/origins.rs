//! The sites that comments come from.

use rethread_model::Scope;
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
