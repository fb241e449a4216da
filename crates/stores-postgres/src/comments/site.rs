//! What a linked site can have a copy of.

use rethread_model::{PageId, Reply, Scope, parents_first};
use rethread_stores::rules::sites::offered_comments;
use rethread_stores::stored_value::{text_of, unsigned};
use rethread_stores::{CommentKey, SitePage};

use super::origins;
use crate::postgres::{DbResult, Transaction, given, key, parameters};

/// The parameter with the number of the site's origin.
const ORIGIN_NO: &str = "$1";

/// See [`rethread_stores::SiteComments::site_pages`].
pub(super) async fn pages(tx: &Transaction, scope: &Scope, after: Option<&str>, limit: u32) -> DbResult<Vec<SitePage>> {
    let Some(origin_no) = origins::find(tx, scope).await? else { return Ok(Vec::new()) };
    let offered = offered_comments(ORIGIN_NO);
    let rows = tx
        .query(
            &format!(
                "SELECT own.source_id, pages.id, \
                   (SELECT count(*) FROM threads JOIN comments ON comments.thread_no = threads.no \
                    WHERE threads.page_no = own.page_no AND {offered}) \
                 FROM threads AS own JOIN pages ON pages.no = own.page_no \
                 WHERE own.origin_no = $1 AND own.source_id > $2 AND NOT EXISTS (\
                   SELECT 1 FROM threads AS earlier WHERE earlier.page_no = own.page_no AND earlier.origin_no = $1 \
                     AND earlier.source_id < own.source_id) \
                 ORDER BY own.source_id LIMIT $3"
            ),
            &parameters![origin_no, key(after.unwrap_or_default()).into_owned(), i64::from(limit)],
        )
        .await?;
    let page = |row: &tokio_postgres::Row| -> DbResult<SitePage> {
        let page = PageId::from_uuid(row.try_get(1)?);
        Ok(SitePage { thread: row.try_get(0)?, page, comments: unsigned(row.try_get(2)?)? })
    };
    rows.iter().map(page).collect()
}

/// See [`rethread_stores::SiteComments::site_comments`].
pub(super) async fn comments(
    tx: &Transaction,
    scope: &Scope,
    page: PageId,
    skip: u64,
    limit: u32,
) -> DbResult<Vec<CommentKey>> {
    let Some(origin_no) = origins::find(tx, scope).await? else { return Ok(Vec::new()) };
    let offered = offered_comments(ORIGIN_NO);
    let rows = tx
        .query(
            &format!(
                "SELECT comments.no, replies.parent_no, comments.created_at \
                 FROM pages JOIN threads ON threads.page_no = pages.no JOIN comments ON comments.thread_no = threads.no \
                   LEFT JOIN replies ON replies.comment_no = comments.no \
                 WHERE pages.account = $2 AND pages.id = $3 AND {offered} ORDER BY comments.no"
            ),
            &parameters![origin_no, scope.account.as_str(), *page.as_uuid()],
        )
        .await?;
    let reply = |row: &tokio_postgres::Row| -> DbResult<Reply<i64>> {
        Ok(Reply { key: row.try_get(0)?, parent: row.try_get(1)?, time: row.try_get(2)? })
    };
    let replies: Vec<Reply<i64>> = rows.iter().map(reply).collect::<DbResult<_>>()?;
    drop(rows);
    let order = parents_first(&replies);
    let first = usize::try_from(skip).unwrap_or(usize::MAX).min(order.len());
    let wanted: Vec<i64> = order[first..].iter().take(limit as usize).map(|place| replies[*place].key).collect();
    let rows = tx
        .query(
            "SELECT origins.vendor, origins.origin, comments.source_id \
             FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (no, place) \
               JOIN comments ON comments.no = wanted.no JOIN origins ON origins.no = comments.origin_no \
             ORDER BY wanted.place",
            &parameters![wanted],
        )
        .await?;
    let key = |row: &tokio_postgres::Row| -> DbResult<CommentKey> {
        let vendor = text_of("vendor", row.try_get(0)?)?;
        Ok(CommentKey { vendor, origin: given(row.try_get(1)?), source_id: row.try_get(2)? })
    };
    rows.iter().map(key).collect()
}
