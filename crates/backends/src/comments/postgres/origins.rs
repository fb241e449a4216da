//! The sites that comments come from.

use rethread_model::{AccountId, Scope, Vendor};

use super::stored;
use crate::postgres::{Failure, Outcome, Transaction, parameters};

/// The number of an origin; `None` when nothing of it was ever stored.
pub(super) async fn find(tx: &Transaction, scope: &Scope) -> Outcome<Option<i64>> {
    let sql = "SELECT no FROM origins WHERE account = $1 AND vendor = $2 AND origin = $3";
    let origin = stored::origin(scope);
    let row = tx.first(sql, &parameters![scope.account.as_str(), scope.vendor.as_str(), origin]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Notes an origin that was not found, unless another worker is faster.
pub(super) async fn add(tx: &Transaction, scope: &Scope) -> Outcome<i64> {
    let origin = stored::origin(scope);
    tx.execute(
        "INSERT INTO origins (account, vendor, origin) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &parameters![scope.account.as_str(), scope.vendor.as_str(), origin],
    )
    .await?;
    find(tx, scope).await?.ok_or(Failure::Raced)
}

/// How many comments of a vendor's origins there are.
pub(super) async fn count(tx: &Transaction, account: &AccountId, vendor: Vendor) -> Outcome<i64> {
    let sql = "SELECT count(*) FROM comments WHERE origin_no IN (\
                 SELECT no FROM origins WHERE account = $1 AND vendor = $2)";
    let row = tx.first(sql, &parameters![account.as_str(), vendor.as_str()]).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get(0))?)
}
