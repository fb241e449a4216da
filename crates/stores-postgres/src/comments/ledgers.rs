//! The ledgers of an import: one for each origin in its file, so that equal ids of two sites are
//! never confused.

use rethread_model::Scope;

use super::stored;
use crate::postgres::{DbResult, Transaction, parameters};

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct LedgerOf {
    pub(super) no: i64,
    /// The origin, if anything of it is stored.
    pub(super) origin_no: Option<i64>,
}

/// The ledger of an origin; `None` when the import has brought nothing of it.
pub(super) async fn find(tx: &Transaction, import_no: i64, scope: &Scope) -> DbResult<Option<LedgerOf>> {
    let row = tx
        .first(
            "SELECT no, (SELECT no FROM origins WHERE account = $2 AND vendor = $3 AND origin = $4) \
             FROM ledgers WHERE import_no = $1 AND origin = $4",
            &parameters![import_no, scope.account.as_str(), scope.vendor.as_str(), stored::origin(scope)],
        )
        .await?;
    row.map(|row| Ok(LedgerOf { no: row.try_get(0)?, origin_no: row.try_get(1)? })).transpose()
}

/// The ledger of an origin, which is created if it is new.
pub(super) async fn open(tx: &Transaction, import_no: i64, scope: &Scope) -> DbResult<LedgerOf> {
    loop {
        if let Some(ledger) = find(tx, import_no, scope).await? {
            return Ok(ledger);
        }
        // If another worker is faster, this waits for it and finds its row.
        tx.execute(
            "INSERT INTO ledgers (import_no, origin) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &parameters![import_no, stored::origin(scope)],
        )
        .await?;
    }
}

/// All ledgers of an import with this account and vendor, in order of their numbers.
pub(super) async fn all(tx: &Transaction, import_no: i64, scope: &Scope) -> DbResult<Vec<LedgerOf>> {
    let rows = tx
        .query(
            "SELECT ledgers.no, origins.no FROM ledgers LEFT JOIN origins \
               ON origins.account = $2 AND origins.vendor = $3 AND origins.origin = ledgers.origin \
             WHERE ledgers.import_no = $1 ORDER BY ledgers.no",
            &parameters![import_no, scope.account.as_str(), scope.vendor.as_str()],
        )
        .await?;
    rows.into_iter().map(|row| Ok(LedgerOf { no: row.try_get(0)?, origin_no: row.try_get(1)? })).collect()
}

/// The numbers of all ledgers of an import.
pub(super) async fn numbers(tx: &Transaction, import_no: i64) -> DbResult<Vec<i64>> {
    let rows = tx.query("SELECT no FROM ledgers WHERE import_no = $1 ORDER BY no", &parameters![import_no]).await?;
    rows.into_iter().map(|row| Ok(row.try_get(0)?)).collect()
}
