//! What a page shows of its threads.

use rethread_stores::Result;
use rethread_stores::stored_value::json_list;

use super::reactions;
use crate::postgres::{DbResult, Transaction, parameters};

/// Counts the comments and reactions of pages, and takes their addresses and titles from the first
/// of their threads that has one. A page without comments is dropped.
///
/// Comments are counted thread by thread: with a join, the server reads all comments for every page
/// while it has few statistics on the table. The rows are locked by a separate statement, so that
/// the next one sees what concurrent transactions have committed.
pub(super) async fn refresh(tx: &Transaction, page_nos: &[i64]) -> DbResult<()> {
    let nos = page_nos.to_vec();
    tx.query("SELECT no FROM pages WHERE no = ANY ($1) ORDER BY no FOR UPDATE", &parameters![nos]).await?;
    let sums = reactions::of_pages(tx, page_nos).await?;
    let sum = |no: &i64| sums.get(no).map_or(Ok(None), |sum| json_list(sum));
    let sums: Vec<Option<String>> = page_nos.iter().map(sum).collect::<Result<_>>()?;
    tx.execute(
        "UPDATE pages SET comments = counted.comments, url = counted.url, title = counted.title, \
           reactions = counted.reactions \
         FROM (\
           SELECT no, reactions, \
             (SELECT coalesce(sum((SELECT count(*) FROM comments WHERE thread_no = threads.no)), 0)::bigint \
              FROM threads WHERE page_no = all_pages.no) AS comments, \
             (SELECT coalesce(moved_url, url) FROM threads JOIN origins ON origins.no = threads.origin_no \
              WHERE page_no = all_pages.no AND coalesce(moved_url, url) IS NOT NULL \
              ORDER BY vendor, origin, source_id LIMIT 1) AS url, \
             (SELECT title FROM threads JOIN origins ON origins.no = threads.origin_no \
              WHERE page_no = all_pages.no AND title IS NOT NULL ORDER BY vendor, origin, source_id LIMIT 1) AS title \
           FROM unnest($1::bigint[], $2::text[]) AS all_pages (no, reactions)) AS counted \
         WHERE pages.no = counted.no AND (pages.comments, pages.url, pages.title, pages.reactions) \
           IS DISTINCT FROM (counted.comments, counted.url, counted.title, counted.reactions)",
        &parameters![nos, sums],
    )
    .await?;
    tx.execute(
        "WITH empty AS (DELETE FROM pages WHERE no = ANY ($1) AND comments = 0 RETURNING no) \
         UPDATE threads SET page_no = NULL FROM empty WHERE threads.page_no = empty.no",
        &parameters![nos],
    )
    .await?;
    Ok(())
}
