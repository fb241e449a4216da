//! The ledgers of an import: one for each origin in its file, so that equal ids of two sites are
//! never confused.

use rethread_model::{Origin, Scope};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::sqlite::DbResult;

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct LedgerOf {
    pub(super) no: i64,
    /// The origin, if anything of it is stored.
    pub(super) origin_no: Option<i64>,
}

/// The number of the ledger of an origin; `None` when the import has brought nothing of it.
pub(super) fn find(tx: &Transaction<'_>, import_no: i64, origin: &Origin) -> DbResult<Option<i64>> {
    let mut statement = tx.prepare_cached("SELECT no FROM ledgers WHERE import_no = ?1 AND origin = ?2")?;
    Ok(statement.query_row(params![import_no, origin.as_str()], |row| row.get(0)).optional()?)
}

/// The number of the ledger of an origin, which is created if it is new.
pub(super) fn find_or_add(tx: &Transaction<'_>, import_no: i64, origin: &Origin) -> DbResult<i64> {
    if let Some(no) = find(tx, import_no, origin)? {
        return Ok(no);
    }
    tx.execute("INSERT INTO ledgers (import_no, origin) VALUES (?1, ?2)", params![import_no, origin.as_str()])?;
    Ok(tx.last_insert_rowid())
}

/// All ledgers of an import with this account and vendor, in order of their numbers.
pub(super) fn all(tx: &Transaction<'_>, import_no: i64, scope: &Scope) -> DbResult<Vec<LedgerOf>> {
    let mut statement = tx.prepare_cached(
        "SELECT ledgers.no, origins.no FROM ledgers LEFT JOIN origins \
           ON origins.account = ?2 AND origins.vendor = ?3 AND origins.origin = ledgers.origin \
         WHERE ledgers.import_no = ?1 ORDER BY ledgers.no",
    )?;
    let rows = statement.query_map(params![import_no, scope.account.as_str(), scope.vendor.as_str()], |row| {
        Ok(LedgerOf { no: row.get(0)?, origin_no: row.get(1)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The number of an import's last ledger.
pub(super) fn last(tx: &Transaction<'_>, import_no: i64) -> DbResult<Option<i64>> {
    let mut statement = tx.prepare_cached("SELECT max(no) FROM ledgers WHERE import_no = ?1")?;
    Ok(statement.query_row([import_no], |row| row.get(0))?)
}

/// Whether no import has another ledger.
pub(super) fn is_only(tx: &Transaction<'_>, ledger_no: i64) -> DbResult<bool> {
    let mut statement = tx.prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM ledgers WHERE no <> ?1)")?;
    Ok(statement.query_row([ledger_no], |row| row.get(0))?)
}

/// Deletes a ledger whose rows are gone. Returns 1.
pub(super) fn drop(tx: &Transaction<'_>, ledger_no: i64) -> DbResult<usize> {
    Ok(tx.prepare_cached("DELETE FROM ledgers WHERE no = ?1")?.execute([ledger_no])?)
}
