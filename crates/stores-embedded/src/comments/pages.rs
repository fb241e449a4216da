//! The table of pages, and what a page shows of its threads.

use rethread_model::{AccountId, page_id};
use rethread_stores::stored_value::json_list;
use rusqlite::{OptionalExtension, Transaction, params};

use super::reactions;
use crate::sqlite::DbResult;

/// The number of a page, which is created if it does not exist.
pub(super) fn find_or_add(tx: &Transaction<'_>, account: &AccountId, url_id: &str) -> DbResult<i64> {
    let mut statement = tx.prepare_cached("SELECT no FROM pages WHERE account = ?1 AND url_id = ?2")?;
    if let Some(no) = statement.query_row(params![account.as_str(), url_id], |row| row.get(0)).optional()? {
        return Ok(no);
    }
    tx.prepare_cached("INSERT INTO pages (account, url_id, id, comments) VALUES (?1, ?2, ?3, 0)")?.execute(params![
        account.as_str(),
        url_id,
        page_id(account, url_id).to_string()
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Counts the comments and reactions of a page, and takes its address and title from the first of
/// its threads that has one. A page without comments is dropped.
pub(super) fn refresh(tx: &Transaction<'_>, page_no: i64) -> DbResult<()> {
    let mut statement = tx.prepare_cached(
        "SELECT count(*) FROM threads JOIN comments ON comments.thread_no = threads.no WHERE threads.page_no = ?1",
    )?;
    let comments: i64 = statement.query_row([page_no], |row| row.get(0))?;
    if comments == 0 {
        // While an import runs, threads that lost their comments may still refer to the page.
        tx.prepare_cached("UPDATE threads SET page_no = NULL WHERE page_no = ?1")?.execute([page_no])?;
        tx.prepare_cached("DELETE FROM pages WHERE no = ?1")?.execute([page_no])?;
        return Ok(());
    }
    let url = first_on_page(
        tx,
        page_no,
        "SELECT coalesce(moved_url, url) AS address FROM threads JOIN origins ON origins.no = threads.origin_no \
         WHERE page_no = ?1 AND address IS NOT NULL ORDER BY vendor, origin, source_id LIMIT 1",
    )?;
    let title = first_on_page(
        tx,
        page_no,
        "SELECT title FROM threads JOIN origins ON origins.no = threads.origin_no \
         WHERE page_no = ?1 AND title IS NOT NULL ORDER BY vendor, origin, source_id LIMIT 1",
    )?;
    let reactions = json_list(&reactions::of_page(tx, page_no)?)?;
    tx.prepare_cached(
        "UPDATE pages SET comments = ?2, url = ?3, title = ?4, reactions = ?5 \
         WHERE no = ?1 AND (comments <> ?2 OR url IS NOT ?3 OR title IS NOT ?4 OR reactions IS NOT ?5)",
    )?
    .execute(params![page_no, comments, url, title, reactions])?;
    Ok(())
}

fn first_on_page(tx: &Transaction<'_>, page_no: i64, sql: &str) -> DbResult<Option<String>> {
    Ok(tx.prepare_cached(sql)?.query_row([page_no], |row| row.get(0)).optional()?)
}
