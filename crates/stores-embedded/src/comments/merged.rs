//! Pages on which conversations with different addresses were merged.

use rethread_model::{ImportSummary, MergedPage};
use rusqlite::Transaction;

use super::import;
use crate::sqlite::DbResult;
use rethread_stores::Target;

/// Selects threads of the file that are described with an address and have comments.
const THREADS: &str = "FROM ledger_threads WHERE ledger_no IN (SELECT no FROM ledgers WHERE import_no = ?1) AND url IS NOT NULL \
     AND EXISTS (SELECT 1 FROM ledger_comments WHERE ledger_comments.thread_no = ledger_threads.no)";

/// The number of such pages, and the first of them.
pub(super) fn find(tx: &Transaction<'_>, target: &Target) -> DbResult<(i64, Vec<MergedPage>)> {
    let import_no = import::number(tx, &target.scope.account, target.job)?;
    let merged = format!("SELECT url_id {THREADS} GROUP BY url_id HAVING count(DISTINCT url) > 1");
    let count = tx
        .prepare_cached(&format!("SELECT count(*) FROM ({merged})"))?
        .query_row([import_no], |row| row.get::<_, i64>(0))?;
    if count == 0 {
        return Ok((0, Vec::new()));
    }
    let mut statement = tx.prepare_cached(&format!(
        "SELECT DISTINCT url_id, url {THREADS} AND url_id IN ({merged} ORDER BY url_id LIMIT {}) ORDER BY url_id, url",
        ImportSummary::MERGED
    ))?;
    let mut rows = statement.query([import_no])?;
    let mut pages: Vec<MergedPage> = Vec::new();
    while let Some(row) = rows.next()? {
        let (url_id, url): (String, String) = (row.get(0)?, row.get(1)?);
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
