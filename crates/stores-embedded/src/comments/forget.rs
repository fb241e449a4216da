//! Deletes the ledger of an import that has ended.

use rethread_model::{AccountId, JobId};
use rethread_stores::Result;
use rethread_stores::stored_value::{json, text_of};
use rusqlite::{OptionalExtension, Transaction, params};

use super::import::Import;
use super::ledgers;
use crate::sqlite::{Database, DbResult, text};

/// Rows deleted in one transaction, so that other imports can write in between.
const CHUNK: u32 = 20_000;

/// Deletes the checkpoints; from then on nothing can be committed to the import. Returns its
/// number, unless there is nothing to delete.
pub(super) async fn end(database: &Database, account: &AccountId, job: JobId) -> Result<Option<i64>> {
    let account = account.clone();
    database.write("cannot end an import", move |tx| begin(tx, &account, job)).await
}

/// Deletes ledger and checkpoints. If interrupted, the import stays in [`imports_to_clean_up`], and
/// the next call continues.
pub(super) async fn forget(database: &Database, account: &AccountId, job: JobId) -> Result<()> {
    let Some(import_no) = end(database, account, job).await? else { return Ok(()) };
    while database.write("cannot drop a ledger", move |tx| drop_some(tx, import_no)).await? > 0 {}
    database.write("cannot end an import", move |tx| forgotten(tx, import_no)).await
}

/// The imports whose cleanup has not completed.
pub(super) fn imports_to_clean_up(tx: &Transaction<'_>) -> DbResult<Vec<(AccountId, JobId)>> {
    let mut statement = tx.prepare_cached("SELECT account, job FROM imports WHERE state <> 'forgotten' ORDER BY no")?;
    let mut rows = statement.query([])?;
    let mut imports = Vec::new();
    while let Some(row) = rows.next()? {
        let account = text_of("account", text(row, 0)?)?;
        let job = text_of("job", text(row, 1)?)?;
        imports.push((account, job));
    }
    Ok(imports)
}

/// Blocks further commits to the import. Returns `None` when there is nothing to delete.
fn begin(tx: &Transaction<'_>, account: &AccountId, job: JobId) -> DbResult<Option<i64>> {
    let found: Option<(i64, String)> = tx
        .prepare_cached("SELECT no, state FROM imports WHERE account = ?1 AND job = ?2 AND state <> 'forgotten'")?
        .query_row(params![account.as_str(), job.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((no, state)) = found else { return Ok(None) };
    if state == "open" {
        let tally = json(&Import { no }.tally(tx)?)?;
        tx.prepare_cached("UPDATE imports SET state = 'forgetting', tally = ?2 WHERE no = ?1")?
            .execute(params![no, tally])?;
        tx.prepare_cached("DELETE FROM checkpoints WHERE import_no = ?1")?.execute([no])?;
    }
    Ok(Some(no))
}

/// Returns the number of deleted rows. They are the first ones by key up to one that is looked up
/// before, so that the only plan is along the key. The ledgers with the greatest numbers go first.
fn drop_some(tx: &Transaction<'_>, import_no: i64) -> DbResult<usize> {
    let Some(ledger_no) = ledgers::last(tx, import_no)? else { return Ok(0) };
    if ledgers::is_only(tx, ledger_no)? {
        // Without a condition SQLite frees the pages and looks at no row. Nobody waits meanwhile: no
        // other import is running.
        tx.execute("DELETE FROM ledger_comments", [])?;
    }
    for table in ["ledger_comments", "ledger_threads"] {
        let last: Option<String> = tx
            .prepare_cached(&format!(
                "SELECT source_id FROM {table} WHERE ledger_no = ?1 ORDER BY source_id LIMIT 1 OFFSET ?2"
            ))?
            .query_row(params![ledger_no, CHUNK - 1], |row| row.get(0))
            .optional()?;
        let dropped = match last {
            Some(last) => tx
                .prepare_cached(&format!("DELETE FROM {table} WHERE ledger_no = ?1 AND source_id <= ?2"))?
                .execute(params![ledger_no, last])?,
            None => tx.prepare_cached(&format!("DELETE FROM {table} WHERE ledger_no = ?1"))?.execute([ledger_no])?,
        };
        if dropped > 0 {
            return Ok(dropped);
        }
    }
    ledgers::drop(tx, ledger_no)
}

fn forgotten(tx: &Transaction<'_>, import_no: i64) -> DbResult<()> {
    tx.prepare_cached("UPDATE imports SET state = 'forgotten' WHERE no = ?1")?.execute([import_no])?;
    Ok(())
}
