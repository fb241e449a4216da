//! The sites that comments come from.

use rethread_model::{AccountId, PageOptions, Scope, Timestamp, Vendor};
use rethread_stores::Target;
use rethread_stores::stored_value::{from_micros, json, of_json};

use super::stored;
use crate::postgres::{DbResult, Failure, Transaction, parameters};

/// The number of an origin; `None` when nothing of it was ever stored.
pub(super) async fn find(tx: &Transaction, scope: &Scope) -> DbResult<Option<i64>> {
    let sql = "SELECT no FROM origins WHERE account = $1 AND vendor = $2 AND origin = $3";
    let origin = stored::origin(scope);
    let row = tx.first(sql, &parameters![scope.account.as_str(), scope.vendor.as_str(), origin]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Adds an origin that was not found, unless another worker is faster.
pub(super) async fn add(tx: &Transaction, scope: &Scope) -> DbResult<i64> {
    let origin = stored::origin(scope);
    tx.execute(
        "INSERT INTO origins (account, vendor, origin) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &parameters![scope.account.as_str(), scope.vendor.as_str(), origin],
    )
    .await?;
    find(tx, scope).await?.ok_or(Failure::Raced)
}

/// The number of comments of a vendor's origins.
pub(super) async fn count(tx: &Transaction, account: &AccountId, vendor: Vendor) -> DbResult<i64> {
    let sql = "SELECT count(*) FROM comments WHERE origin_no IN (\
                 SELECT no FROM origins WHERE account = $1 AND vendor = $2)";
    let row = tx.first(sql, &parameters![account.as_str(), vendor.as_str()]).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get(0))?)
}

/// The time of the newest comment that was imported.
pub(super) async fn newest_comment_at(tx: &Transaction, no: i64) -> DbResult<Option<Timestamp>> {
    let row = tx.first("SELECT newest_comment_at FROM origins WHERE no = $1", &parameters![no]).await?;
    Ok(from_micros(row.map(|row| row.try_get(0)).transpose()?.flatten())?)
}

/// Records that a comment with this time was imported. From here on, other imports of the same
/// origin wait for this transaction, so it must be written last.
pub(super) async fn see_comment_at(tx: &Transaction, no: i64, at: Timestamp) -> DbResult<()> {
    let sql = "UPDATE origins SET newest_comment_at = $2 WHERE no = $1 AND coalesce(newest_comment_at < $2, TRUE)";
    tx.execute(sql, &parameters![no, at.as_microsecond()]).await?;
    Ok(())
}

/// See [`rethread_stores::ImportStore::page_options`].
pub(super) async fn page_options(tx: &Transaction, scope: &Scope) -> DbResult<Option<PageOptions>> {
    let sql = "SELECT page_options FROM origins WHERE account = $1 AND vendor = $2 AND origin = $3";
    let origin = stored::origin(scope);
    let row = tx.first(sql, &parameters![scope.account.as_str(), scope.vendor.as_str(), origin]).await?;
    let stored: Option<String> = row.map(|row| row.try_get(0)).transpose()?.flatten();
    Ok(stored.map(|text| of_json("page options", &text)).transpose()?)
}

/// See [`rethread_stores::ImportStore::set_page_options`].
pub(super) async fn set_page_options(tx: &Transaction, target: &Target, options: &PageOptions) -> DbResult<()> {
    let Target { scope, job, .. } = target;
    tx.execute(
        "UPDATE origins SET page_options = $4 WHERE account = $1 AND vendor = $2 AND origin IN (\
           SELECT ledgers.origin FROM ledgers JOIN imports ON imports.no = ledgers.import_no \
           WHERE imports.account = $1 AND imports.job = $3)",
        &parameters![scope.account.as_str(), scope.vendor.as_str(), *job.as_uuid(), json(options)?],
    )
    .await?;
    Ok(())
}
