//! Pages on which conversations with different addresses were merged.

use rethread_model::MergedPage;
use rethread_stores::Target;
use rethread_stores::rules::merged_pages::{count_merged, merged_pages, select_merged};

use super::{import, ledgers};
use crate::postgres::{DbResult, Transaction, parameters};

const OF_IMPORT: &str = "= ANY ($1)";

/// The number of such pages, and the first of them.
pub(super) async fn find(tx: &Transaction, target: &Target) -> DbResult<(i64, Vec<MergedPage>)> {
    let ledgers = match import::number(tx, &target.scope.account, target.job).await? {
        Some(import_no) => ledgers::numbers(tx, import_no).await?,
        None => Vec::new(),
    };
    let row = tx.first(&count_merged(OF_IMPORT), &parameters![ledgers.clone()]).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
    if count == 0 {
        return Ok((0, Vec::new()));
    }
    let rows = tx.query(&select_merged(OF_IMPORT), &parameters![ledgers]).await?;
    let pages = merged_pages::<tokio_postgres::Error>(rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))))?;
    Ok((count, pages))
}
