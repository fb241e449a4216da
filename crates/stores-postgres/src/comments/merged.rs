//! Pages on which conversations with different addresses were merged.

use rethread_model::{ImportSummary, MergedPage};

use super::{import, ledgers};
use crate::postgres::{DbResult, Transaction, parameters};
use rethread_stores::Target;

/// Selects threads of the file that are described with an address and have comments.
const THREADS: &str = "FROM ledger_threads WHERE ledger_no = ANY ($1) AND url IS NOT NULL \
     AND EXISTS (SELECT 1 FROM ledger_comments WHERE ledger_comments.thread_no = ledger_threads.no)";

/// The number of such pages, and the first of them.
pub(super) async fn find(tx: &Transaction, target: &Target) -> DbResult<(i64, Vec<MergedPage>)> {
    let ledgers = match import::number(tx, &target.scope.account, target.job).await? {
        Some(import_no) => ledgers::numbers(tx, import_no).await?,
        None => Vec::new(),
    };
    let merged = format!("SELECT url_id {THREADS} GROUP BY url_id HAVING count(DISTINCT url) > 1");
    let row = tx.first(&format!("SELECT count(*) FROM ({merged}) AS merged"), &parameters![ledgers.clone()]).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
    if count == 0 {
        return Ok((0, Vec::new()));
    }
    let sql = format!(
        "SELECT DISTINCT url_id, url {THREADS} AND url_id IN ({merged} ORDER BY url_id LIMIT {}) ORDER BY url_id, url",
        ImportSummary::MERGED
    );
    let mut pages: Vec<MergedPage> = Vec::new();
    for row in tx.query(&sql, &parameters![ledgers]).await? {
        let (url_id, url): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        match pages.last_mut() {
            Some(page) if page.url_id == url_id => page.urls.push(url),
            _ => pages.push(MergedPage { url_id, urls: vec![url] }),
        }
    }
    for page in &mut pages {
        page.urls.truncate(MergedPage::URLS);
    }
    Ok((count, pages))
}
