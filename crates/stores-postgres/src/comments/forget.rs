//! Deletes the ledger of an import that has ended.

use rethread_model::{AccountId, JobId};
use rethread_stores::Result;
use rethread_stores::stored_value::{json, text_of};
use uuid::Uuid;

use super::{import, ledgers};
use crate::postgres::{Database, DbResult, Transaction, parameters};

/// Rows deleted in one transaction.
const CHUNK: i64 = 20_000;

/// Forces plans along the key, for the rest of a transaction.
const ALONG_THE_KEY: &str =
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off";

/// Deletes the checkpoints; from then on nothing can be committed to the import. Returns its
/// number, unless there is nothing to delete.
pub(super) async fn end(database: &Database, account: &AccountId, job: JobId) -> Result<Option<i64>> {
    database.write("cannot end an import", move |tx| async move { begin(&tx, account, job).await }).await
}

/// Deletes ledger and checkpoints. If interrupted, the import stays in [`imports_to_clean_up`], and
/// the next call continues.
pub(super) async fn forget(database: &Database, account: &AccountId, job: JobId) -> Result<()> {
    let Some(import_no) = end(database, account, job).await? else { return Ok(()) };
    let ledgers =
        database.read("cannot look for ledgers", move |tx| async move { ledgers::numbers(&tx, import_no).await });
    for ledger_no in ledgers.await? {
        for table in ["ledger_comments", "ledger_threads"] {
            let mut after = Some(String::new());
            // Continuing after the last deleted row skips index entries that are not vacuumed yet.
            while let Some(cursor) = after {
                let cursor = cursor.as_str();
                let dropped = database.write("cannot drop a ledger", move |tx| async move {
                    drop_some(&tx, table, ledger_no, cursor).await
                });
                after = dropped.await?;
            }
        }
    }
    database.write("cannot end an import", move |tx| async move { forgotten(&tx, import_no).await }).await
}

/// The imports whose cleanup has not completed.
pub(super) async fn imports_to_clean_up(tx: &Transaction) -> DbResult<Vec<(AccountId, JobId)>> {
    let rows = tx.query("SELECT account, job FROM imports WHERE state <> 'forgotten' ORDER BY no", &[]).await?;
    let import = |row: tokio_postgres::Row| {
        Ok((text_of("account", row.try_get(0)?)?, JobId::from_uuid(row.try_get::<_, Uuid>(1)?)))
    };
    rows.into_iter().map(import).collect()
}

/// Blocks further commits to the import, and waits for those in progress. Returns `None` when there
/// is nothing to delete.
async fn begin(tx: &Transaction, account: &AccountId, job: JobId) -> DbResult<Option<i64>> {
    let found = tx
        .first(
            "SELECT no, state FROM imports WHERE account = $1 AND job = $2 FOR UPDATE",
            &parameters![account.as_str(), *job.as_uuid()],
        )
        .await?;
    let Some(row) = found else { return Ok(None) };
    let (no, state): (i64, &str) = (row.try_get(0)?, row.try_get(1)?);
    if state == "forgotten" {
        return Ok(None);
    }
    if state == "open" {
        let tally = json(&import::sum(tx, no).await?)?;
        tx.execute("UPDATE imports SET state = 'forgetting', tally = $2 WHERE no = $1", &parameters![no, tally])
            .await?;
        tx.execute("DELETE FROM checkpoints WHERE import_no = $1", &parameters![no]).await?;
    }
    Ok(Some(no))
}

/// Deletes the rows after a source id, and returns the last deleted one; `None` when there are no
/// more.
///
/// Without a join, the planner cannot choose a bad one: the end of the portion is looked up first,
/// and the rows are deleted by a range of the key. Statistics of a table that grows and empties all
/// the time are always outdated. To keep them from changing either plan, plans that would read or
/// sort the whole table are disabled.
async fn drop_some(tx: &Transaction, table: &str, ledger_no: i64, after: &str) -> DbResult<Option<String>> {
    tx.script(ALONG_THE_KEY).await?;
    let sql = format!(
        "SELECT source_id FROM {table} WHERE ledger_no = $1 AND source_id > $2 ORDER BY ledger_no, source_id \
         OFFSET $3 LIMIT 1"
    );
    let last = tx.first(&sql, &parameters![ledger_no, after, CHUNK - 1]).await?;
    let Some(row) = last else {
        let sql = format!("DELETE FROM {table} WHERE ledger_no = $1 AND source_id > $2");
        tx.execute(&sql, &parameters![ledger_no, after]).await?;
        return Ok(None);
    };
    let last: String = row.try_get(0)?;
    let sql = format!("DELETE FROM {table} WHERE ledger_no = $1 AND source_id > $2 AND source_id <= $3");
    tx.execute(&sql, &parameters![ledger_no, after, last.as_str()]).await?;
    Ok(Some(last))
}

async fn forgotten(tx: &Transaction, import_no: i64) -> DbResult<()> {
    tx.execute("DELETE FROM ledgers WHERE import_no = $1", &parameters![import_no]).await?;
    tx.execute("UPDATE imports SET state = 'forgotten' WHERE no = $1", &parameters![import_no]).await?;
    Ok(())
}
