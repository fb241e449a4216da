//! Pages that an origin shares with others.

use rethread_model::{PageId, Scope};
use rethread_stores::SharedPage;

use super::origins;
use crate::postgres::{DbResult, Transaction, parameters};

/// See [`rethread_stores::SiteComments::shared_pages`].
pub(super) async fn pages(
    tx: &Transaction,
    scope: &Scope,
    after: Option<&str>,
    limit: u32,
) -> DbResult<Vec<SharedPage>> {
    let Some(origin_no) = origins::find(tx, scope).await? else { return Ok(Vec::new()) };
    let rows = tx
        .query(
            "SELECT threads.source_id, pages.id FROM threads JOIN pages ON pages.no = threads.page_no \
             WHERE threads.origin_no = $1 AND threads.source_id > $2 AND (\
               EXISTS (SELECT 1 FROM threads AS others WHERE others.page_no = pages.no AND others.origin_no <> $1) \
               OR EXISTS (SELECT 1 FROM comments WHERE comments.thread_no = threads.no AND local_status IS NOT NULL)) \
             ORDER BY threads.source_id LIMIT $3",
            &parameters![origin_no, after.unwrap_or_default(), i64::from(limit)],
        )
        .await?;
    rows.iter()
        .map(|row| Ok(SharedPage { thread: row.try_get(0)?, page: PageId::from_uuid(row.try_get(1)?) }))
        .collect()
}

/// See [`rethread_stores::SiteComments::thread_on`].
pub(super) async fn thread_on(tx: &Transaction, scope: &Scope, page: PageId) -> DbResult<Option<String>> {
    let Some(origin_no) = origins::find(tx, scope).await? else { return Ok(None) };
    let row = tx
        .first(
            "SELECT threads.source_id FROM pages JOIN threads ON threads.page_no = pages.no \
             WHERE pages.account = $1 AND pages.id = $2 AND threads.origin_no = $3 ORDER BY threads.source_id LIMIT 1",
            &parameters![scope.account.as_str(), *page.as_uuid(), origin_no],
        )
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}
