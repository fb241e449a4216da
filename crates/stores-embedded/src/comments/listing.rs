//! Lists pages and their comments.

use rethread_model::{AccountId, CommentId, Origin, PageId, Scope};
use rethread_stores::rules::comment_cursor::{CommentCursor, NO_TIME};
use rethread_stores::rules::listed_comment::{self, Extent, ListedComment, whole_texts};
use rethread_stores::rules::listing::{MAX_LISTED, page_size};
use rethread_stores::stored_value::{of_json, of_json_list, text_of};
use rethread_stores::{CommentQuery, PageList, PageQuery, StoredAuthor, StoredComment, StoredCommentPage, StoredPage};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::origins;
use crate::sqlite::{DbResult, optional_text, text};

/// Selects pages, with the first of their addresses as a JSON array, and the number of addresses.
fn select_pages(which: &str) -> String {
    format!(
        "SELECT id, url_id, url, substr(title, 1, {title}), comments, reactions, \
           (SELECT json_group_array(address) FROM (\
             SELECT DISTINCT coalesce(threads.moved_url, threads.url) AS address FROM threads \
             WHERE threads.page_no = pages.no AND address IS NOT NULL ORDER BY address LIMIT {urls})), \
           (SELECT count(DISTINCT coalesce(threads.moved_url, threads.url)) FROM threads WHERE threads.page_no = pages.no) \
         FROM pages WHERE {which}",
        title = StoredPage::TITLE_CHARACTERS,
        urls = StoredPage::URLS
    )
}

pub(super) fn pages(tx: &Transaction<'_>, account: &AccountId, query: &PageQuery) -> DbResult<PageList> {
    let limit = page_size(query.limit, MAX_LISTED);
    let mut statement = tx.prepare_cached(&select_pages(
        "account = ?1 AND url_id > ?2 \
         AND (?3 IS NULL OR instr(lower(url_id), lower(?3)) OR instr(lower(url), lower(?3)) \
              OR instr(lower(title), lower(?3))) \
         ORDER BY url_id LIMIT ?4",
    ))?;
    let mut rows = statement.query(params![
        account.as_str(),
        // Keys are never empty.
        query.after.as_deref().unwrap_or_default(),
        query.search.as_deref().filter(|text| !text.is_empty()),
        limit + 1,
    ])?;
    let found = std::iter::from_fn(|| match rows.next() {
        Ok(row) => row.map(stored_page),
        Err(error) => Some(Err(error.into())),
    });
    PageList::of(found, limit)
}

pub(super) fn page(tx: &Transaction<'_>, account: &AccountId, id: PageId) -> DbResult<Option<StoredPage>> {
    let mut statement = tx.prepare_cached(&select_pages("account = ?1 AND id = ?2"))?;
    let mut rows = statement.query(params![account.as_str(), id.to_string()])?;
    rows.next()?.map(stored_page).transpose()
}

fn stored_page(row: &Row<'_>) -> DbResult<StoredPage> {
    Ok(StoredPage {
        id: text_of("page id", text(row, 0)?)?,
        url_id: row.get(1)?,
        url: row.get(2)?,
        title: row.get(3)?,
        comments: row.get(4)?,
        reactions: of_json_list("list of reactions", optional_text(row, 5)?)?,
        urls: of_json("list of addresses", text(row, 6)?)?,
        url_count: row.get(7)?,
    })
}

pub(super) fn comments(
    tx: &Transaction<'_>,
    account: &AccountId,
    page: PageId,
    query: &CommentQuery,
) -> DbResult<StoredCommentPage> {
    let after: CommentCursor = query.after.as_deref().map_or(Ok(CommentCursor::START), str::parse)?;
    let Some(page_no) = page_no(tx, account, page)? else {
        return Ok(StoredCommentPage { comments: Vec::new(), has_more: false });
    };
    let limit = page_size(query.limit, MAX_LISTED);
    // The comments are chosen from the index alone; only those that are returned are read.
    let mut statement = tx.prepare_cached(&select_comments(
        "SELECT comments.no AS no, ifnull(comments.created_at, ?5) AS time \
         FROM threads JOIN comments ON comments.thread_no = threads.no \
         WHERE threads.page_no = ?1 AND (ifnull(comments.created_at, ?5), comments.no) > (?2, ?3) \
         ORDER BY time, no LIMIT ?4",
        Extent::Beginnings,
    ))?;
    let rows = statement.query(params![page_no, after.time, after.no, limit + 1, NO_TIME])?;
    StoredCommentPage::of(rows.and_then(|row| stored_comment(account, row)), limit)
}

/// One comment of an origin.
pub(super) fn comment(tx: &Transaction<'_>, scope: &Scope, source_id: &str) -> DbResult<Option<StoredComment>> {
    let Some(origin_no) = origins::find(tx, scope)? else { return Ok(None) };
    let mut statement = tx.prepare_cached(&select_comments(
        "SELECT comments.no AS no, ifnull(comments.created_at, ?3) AS time FROM comments \
         WHERE comments.origin_no = ?1 AND comments.source_id = ?2",
        Extent::Whole,
    ))?;
    let mut rows = statement.query(params![origin_no, source_id, NO_TIME])?;
    rows.next()?.map(|row| stored_comment(&scope.account, row)).transpose()
}

/// The comment with this id. Ids are computed, so there is no index on them.
pub(super) fn find(
    tx: &Transaction<'_>,
    account: &AccountId,
    id: CommentId,
    cursor: Option<&str>,
) -> DbResult<Option<StoredComment>> {
    if let Some(hint) = cursor.and_then(|cursor| cursor.parse::<CommentCursor>().ok())
        && let Some(found) = by_number(tx, account, hint.no)?
        && found.id == id
    {
        return Ok(Some(found));
    }
    let mut statement = tx.prepare_cached(
        "SELECT comments.no, origins.vendor, origins.origin, comments.source_id \
         FROM origins JOIN comments ON comments.origin_no = origins.no WHERE origins.account = ?1",
    )?;
    let mut rows = statement.query(params![account.as_str()])?;
    while let Some(row) = rows.next()? {
        let scope = Scope {
            account: account.clone(),
            vendor: text_of("vendor", text(row, 1)?)?,
            origin: Origin::new(row.get::<_, String>(2)?),
        };
        if scope.comment_id(text(row, 3)?) == id {
            return by_number(tx, account, row.get(0)?);
        }
    }
    Ok(None)
}

fn by_number(tx: &Transaction<'_>, account: &AccountId, no: i64) -> DbResult<Option<StoredComment>> {
    let mut statement = tx.prepare_cached(&select_comments(
        "SELECT comments.no AS no, ifnull(comments.created_at, ?3) AS time \
         FROM comments JOIN origins ON origins.no = comments.origin_no \
         WHERE comments.no = ?1 AND origins.account = ?2",
        Extent::Whole,
    ))?;
    let mut rows = statement.query(params![no, account.as_str(), NO_TIME])?;
    rows.next()?.map(|row| stored_comment(account, row)).transpose()
}

/// Selects comments by number, in the order of their times.
fn select_comments(which: &str, extent: Extent) -> String {
    let most = StoredComment::LISTED_BYTES;
    let texts = match extent {
        Extent::Whole => whole_texts(),
        Extent::Beginnings => [
            // `substr` stops at a NUL, so only text that is cut loses what follows one.
            format!("iif(octet_length(comments.text) > {most}, substr(comments.text, 1, {most}), comments.text)"),
            format!("iif(octet_length(comments.html) > {most}, '', comments.html)"),
            format!("max(octet_length(comments.text), octet_length(comments.html)) > {most}"),
        ],
    };
    listed_comment::select_comments(&format!("shown AS ({which})"), &texts)
}

fn page_no(tx: &Transaction<'_>, account: &AccountId, id: PageId) -> DbResult<Option<i64>> {
    let mut statement = tx.prepare_cached("SELECT no FROM pages WHERE account = ?1 AND id = ?2")?;
    Ok(statement.query_row(params![account.as_str(), id.to_string()], |row| row.get(0)).optional()?)
}

fn stored_comment(account: &AccountId, row: &Row<'_>) -> DbResult<StoredComment> {
    let listed = ListedComment {
        time: row.get(0)?,
        no: row.get(1)?,
        vendor: text(row, 2)?,
        origin: row.get(3)?,
        thread: text(row, 4)?,
        source_id: row.get(5)?,
        parent: optional_text(row, 6)?,
        status: text(row, 7)?,
        created_at: row.get(8)?,
        text: row.get(9)?,
        text_kind: text(row, 10)?,
        html: row.get(11)?,
        score: row.get(12)?,
        author: StoredAuthor { name: row.get(13)?, link: row.get(14)?, avatar: row.get(15)?, email: row.get(16)? },
        changed_here: row.get(17)?,
        truncated: row.get(18)?,
    };
    Ok(listed.into_comment(account)?)
}
