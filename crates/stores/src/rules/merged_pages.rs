//! Pages on which an import merged conversations with different addresses.

use rethread_model::{ImportSummary, MergedPage};

/// Selects threads of the file that are described with an address and have comments.
/// `of_import` is the condition on `ledger_no`.
fn threads(of_import: &str) -> String {
    format!(
        "FROM ledger_threads WHERE ledger_no {of_import} AND url IS NOT NULL \
         AND EXISTS (SELECT 1 FROM ledger_comments WHERE ledger_comments.thread_no = ledger_threads.no)"
    )
}

fn merged(of_import: &str) -> String {
    format!("SELECT url_id {} GROUP BY url_id HAVING count(DISTINCT url) > 1", threads(of_import))
}

/// Counts the merged pages of an import. `of_import` is the condition on `ledger_no`: `= ANY ($1)`.
#[must_use]
pub fn count_merged(of_import: &str) -> String {
    format!("SELECT count(*) FROM ({}) AS merged", merged(of_import))
}

/// Selects the keys of the first of them, with their addresses.
#[must_use]
pub fn select_merged(of_import: &str) -> String {
    format!(
        "SELECT DISTINCT url_id, url {} AND url_id IN ({} ORDER BY url_id LIMIT {}) ORDER BY url_id, url",
        threads(of_import),
        merged(of_import),
        ImportSummary::MERGED
    )
}

/// The pages of the rows of [`select_merged`], with the first of their addresses.
pub fn merged_pages<E>(rows: impl IntoIterator<Item = Result<(String, String), E>>) -> Result<Vec<MergedPage>, E> {
    let mut pages: Vec<MergedPage> = Vec::new();
    for row in rows {
        let (url_id, url) = row?;
        match pages.last_mut() {
            Some(page) if page.url_id == url_id => page.urls.push(url),
            _ => pages.push(MergedPage { url_id, urls: vec![url] }),
        }
    }
    for page in &mut pages {
        page.urls.truncate(MergedPage::URLS);
    }
    Ok(pages)
}
