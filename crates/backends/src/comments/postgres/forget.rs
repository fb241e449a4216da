//! Dropping the ledger of an import that has ended.

use rethread_model::{AccountId, JobId};
use uuid::Uuid;

use super::{import, ledgers};
use crate::Result;
use crate::postgres::{Database, Outcome, Transaction, json, parameters, text_of};

/// Rows that are dropped in one transaction.
const CHUNK: i64 = 20_000;

/// Drops ledger and checkpoints. Killed half-way it stays in [`unforgotten`] and goes on when it is called again.
pub(super) async fn forget(database: &Database, account: &AccountId, job: JobId) -> Result<()> {
    let begun = database.write("cannot end an import", move |tx| async move { begin(&tx, account, job).await });
    let Some(import_no) = begun.await? else { return Ok(()) };
    let ledgers =
        database.read("cannot look for ledgers", move |tx| async move { ledgers::numbers(&tx, import_no).await });
    for ledger_no in ledgers.await? {
        for table in ["ledger_comments", "ledger_threads"] {
            let mut after = Some(String::new());
            // Going on after the last one passes over what was dropped and is not cleaned up yet.
            while let Some(cursor) = after {
                let cursor = cursor.as_str();
                let dropped = database.write("cannot drop a ledger", move |tx| async move {
                    drop_some(&tx, table, ledger_no, cursor).await
                });
                after = dropped.await?;
            }
        }
    }
    database.write("cannot end an import", move |tx| async move { end(&tx, import_no).await }).await
}

/// The imports that were not forgotten to their end.
pub(super) async fn unforgotten(tx: &Transaction) -> Outcome<Vec<(AccountId, JobId)>> {
    let rows = tx.query("SELECT account, job FROM imports WHERE state <> 'forgotten' ORDER BY no", &[]).await?;
    let import = |row: tokio_postgres::Row| {
        Ok((text_of("account", row.try_get(0)?)?, JobId::from_uuid(row.try_get::<_, Uuid>(1)?)))
    };
    rows.into_iter().map(import).collect()
}

/// From here on nothing is committed to the import any more; what is being committed is waited for. `None` when there is
/// nothing to forget.
async fn begin(tx: &Transaction, account: &AccountId, job: JobId) -> Outcome<Option<i64>> {
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

/// The source id of the last row that was dropped; `None` when there are no more.
async fn drop_some(tx: &Transaction, table: &str, ledger_no: i64, after: &str) -> Outcome<Option<String>> {
    let sql = format!(
        "WITH dropped AS (\
           DELETE FROM {table} WHERE ledger_no = $1 AND source_id IN (\
             SELECT source_id FROM {table} WHERE ledger_no = $1 AND source_id > $2 ORDER BY source_id LIMIT $3) \
           RETURNING source_id) \
         SELECT max(source_id) FROM dropped"
    );
    let row = tx.first(&sql, &parameters![ledger_no, after, CHUNK]).await?;
    Ok(row.map_or(Ok(None), |row| row.try_get(0))?)
}

async fn end(tx: &Transaction, import_no: i64) -> Outcome<()> {
    tx.execute("DELETE FROM ledgers WHERE import_no = $1", &parameters![import_no]).await?;
    tx.execute("UPDATE imports SET state = 'forgotten' WHERE no = $1", &parameters![import_no]).await?;
    Ok(())
}
