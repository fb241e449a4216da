//! Pages that an origin shares with others.

use rethread_model::{PageId, Scope};
use rethread_stores::SharedPage;
use rethread_stores::stored_value::text_of;
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::origins;
use crate::sqlite::{DbResult, text};

/// See [`rethread_stores::SiteComments::shared_pages`].
pub(super) fn pages(tx: &Transaction<'_>, scope: &Scope, after: Option<&str>, limit: u32) -> DbResult<Vec<SharedPage>> {
    let Some(origin_no) = origins::find(tx, scope)? else { return Ok(Vec::new()) };
    let mut statement = tx.prepare_cached(
        "SELECT threads.source_id, pages.id FROM threads JOIN pages ON pages.no = threads.page_no \
         WHERE threads.origin_no = ?1 AND threads.source_id > ?2 AND (\
           EXISTS (SELECT 1 FROM threads AS others WHERE others.page_no = pages.no AND others.origin_no <> ?1) \
           OR EXISTS (SELECT 1 FROM comments WHERE comments.thread_no = threads.no AND local_status IS NOT NULL)) \
         ORDER BY threads.source_id LIMIT ?3",
    )?;
    let mut rows = statement.query(params![origin_no, after.unwrap_or_default(), limit])?;
    let mut pages = Vec::new();
    while let Some(row) = rows.next()? {
        let page = text_of("page id", text(row, 1)?)?;
        pages.push(SharedPage { thread: row.get(0)?, page });
    }
    Ok(pages)
}

/// See [`rethread_stores::SiteComments::thread_on`].
pub(super) fn thread_on(tx: &Transaction<'_>, scope: &Scope, page: PageId) -> DbResult<Option<String>> {
    let Some(origin_no) = origins::find(tx, scope)? else { return Ok(None) };
    let mut statement = tx.prepare_cached(
        "SELECT threads.source_id FROM pages JOIN threads ON threads.page_no = pages.no \
         WHERE pages.account = ?1 AND pages.id = ?2 AND threads.origin_no = ?3 ORDER BY threads.source_id LIMIT 1",
    )?;
    let found = statement.query_row(params![scope.account.as_str(), page.to_string(), origin_no], |row| row.get(0));
    Ok(found.optional()?)
}
