//! What a linked site can have a copy of.

use rethread_model::{PageId, Reply, Scope, parents_first};
use rethread_stores::rules::sites::offered_comments;
use rethread_stores::stored_value::{text_of, unsigned};
use rethread_stores::{CommentKey, SitePage};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::origins;
use crate::sqlite::{DbResult, text};

/// The parameter with the number of the site's origin.
const ORIGIN_NO: &str = "?1";

/// See [`rethread_stores::SiteComments::site_pages`].
pub(super) fn pages(tx: &Transaction<'_>, scope: &Scope, after: Option<&str>, limit: u32) -> DbResult<Vec<SitePage>> {
    let Some(origin_no) = origins::find(tx, scope)? else { return Ok(Vec::new()) };
    let offered = offered_comments(ORIGIN_NO);
    let mut statement = tx.prepare_cached(&format!(
        "SELECT own.source_id, pages.id, \
           (SELECT count(*) FROM threads JOIN comments ON comments.thread_no = threads.no \
            WHERE threads.page_no = own.page_no AND {offered}) \
         FROM threads AS own JOIN pages ON pages.no = own.page_no \
         WHERE own.origin_no = ?1 AND own.source_id > ?2 AND NOT EXISTS (\
           SELECT 1 FROM threads AS earlier WHERE earlier.page_no = own.page_no AND earlier.origin_no = ?1 \
             AND earlier.source_id < own.source_id) \
         ORDER BY own.source_id LIMIT ?3"
    ))?;
    let mut rows = statement.query(params![origin_no, after.unwrap_or_default(), limit])?;
    let mut pages = Vec::new();
    while let Some(row) = rows.next()? {
        let page = text_of("page id", text(row, 1)?)?;
        pages.push(SitePage { thread: row.get(0)?, page, comments: unsigned(row.get(2)?)? });
    }
    Ok(pages)
}

/// See [`rethread_stores::SiteComments::site_comments`].
pub(super) fn comments(
    tx: &Transaction<'_>,
    scope: &Scope,
    page: PageId,
    skip: u64,
    limit: u32,
) -> DbResult<Vec<CommentKey>> {
    let Some(origin_no) = origins::find(tx, scope)? else { return Ok(Vec::new()) };
    let offered = offered_comments(ORIGIN_NO);
    let mut statement = tx.prepare_cached(&format!(
        "SELECT comments.no, replies.parent_no, comments.created_at \
         FROM pages JOIN threads ON threads.page_no = pages.no JOIN comments ON comments.thread_no = threads.no \
           LEFT JOIN replies ON replies.comment_no = comments.no \
         WHERE pages.account = ?2 AND pages.id = ?3 AND {offered} ORDER BY comments.no"
    ))?;
    let mut rows = statement.query(params![origin_no, scope.account.as_str(), page.to_string()])?;
    let mut replies: Vec<Reply<i64>> = Vec::new();
    while let Some(row) = rows.next()? {
        replies.push(Reply { key: row.get(0)?, parent: row.get(1)?, time: row.get(2)? });
    }
    let order = parents_first(&replies);
    let first = usize::try_from(skip).unwrap_or(usize::MAX).min(order.len());
    let wanted = order[first..].iter().take(limit as usize);
    let keys = wanted.map(|place| key(tx, replies[*place].key)).collect::<DbResult<Vec<_>>>()?;
    Ok(keys.into_iter().flatten().collect())
}

fn key(tx: &Transaction<'_>, comment_no: i64) -> DbResult<Option<CommentKey>> {
    let mut statement = tx.prepare_cached(
        "SELECT origins.vendor, origins.origin, comments.source_id \
         FROM comments JOIN origins ON origins.no = comments.origin_no WHERE comments.no = ?1",
    )?;
    let read = |row: &Row<'_>| -> DbResult<CommentKey> {
        let vendor = text_of("vendor", text(row, 0)?)?;
        Ok(CommentKey { vendor, origin: row.get(1)?, source_id: row.get(2)? })
    };
    statement.query_row([comment_no], |row| Ok(read(row))).optional()?.transpose()
}
