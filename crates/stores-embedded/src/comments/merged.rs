//! Pages on which conversations with different addresses were merged.

use rethread_model::MergedPage;
use rethread_stores::Target;
use rethread_stores::rules::merged_pages::{count_merged, merged_pages, select_merged};
use rusqlite::Transaction;

use super::import;
use crate::sqlite::DbResult;

const OF_IMPORT: &str = "IN (SELECT no FROM ledgers WHERE import_no = ?1)";

/// The number of such pages, and the first of them.
pub(super) fn find(tx: &Transaction<'_>, target: &Target) -> DbResult<(i64, Vec<MergedPage>)> {
    let import_no = import::number(tx, &target.scope.account, target.job)?;
    let count: i64 = tx.prepare_cached(&count_merged(OF_IMPORT))?.query_row([import_no], |row| row.get(0))?;
    if count == 0 {
        return Ok((0, Vec::new()));
    }
    let mut statement = tx.prepare_cached(&select_merged(OF_IMPORT))?;
    let rows = statement.query_map([import_no], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((count, merged_pages(rows)?))
}
