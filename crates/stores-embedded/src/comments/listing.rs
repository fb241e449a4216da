//! Lists pages and their comments.

use rethread_model::{AccountId, CommentId, Origin, PageId, SafeHtml, Scope, Status, TextKind};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{origins, reactions};
use crate::sqlite::{DbResult, from_micros, of_json, text_of, word};
use rethread_stores::rules::signature::shown_columns;
use rethread_stores::{
    CommentQuery, Error, ErrorKind, PageList, PageQuery, StoredAuthor, StoredComment, StoredCommentPage, StoredPage,
};

/// Replaces a missing time, so that the comment comes last.
const NO_TIME: i64 = i64::MAX;

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
    let limit = query.limit.clamp(1, 200);
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
        id: text_of("page id", row.get_ref(0)?.as_str().unwrap_or_default())?,
        url_id: row.get(1)?,
        url: row.get(2)?,
        title: row.get(3)?,
        comments: row.get(4)?,
        reactions: reactions::of_column(row.get_ref(5)?)?,
        urls: of_json("list of addresses", row.get_ref(6)?.as_str().unwrap_or_default())?,
        url_count: row.get(7)?,
    })
}

pub(super) fn comments(
    tx: &Transaction<'_>,
    account: &AccountId,
    page: PageId,
    query: &CommentQuery,
) -> DbResult<StoredCommentPage> {
    let after = query.after.as_deref().map(parse).transpose()?;
    let Some(page_no) = page_no(tx, account, page)? else {
        return Ok(StoredCommentPage { comments: Vec::new(), has_more: false });
    };
    let limit = query.limit.clamp(1, 200);
    let (after_time, after_no) = after.unwrap_or((i64::MIN, i64::MIN));
    // The comments are chosen from the index alone; only those that are returned are read.
    let mut statement = tx.prepare_cached(&select_comments(
        "SELECT comments.no AS no, ifnull(comments.created_at, ?5) AS time \
         FROM threads JOIN comments ON comments.thread_no = threads.no \
         WHERE threads.page_no = ?1 AND (ifnull(comments.created_at, ?5), comments.no) > (?2, ?3) \
         ORDER BY time, no LIMIT ?4",
        Extent::Beginnings,
    ))?;
    let rows = statement.query(params![page_no, after_time, after_no, limit + 1, NO_TIME])?;
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
    let hint = cursor.and_then(|cursor| parse(cursor).ok()).map(|(_, no)| no);
    if let Some(found) = hint.map(|no| by_number(tx, account, no)).transpose()?.flatten()
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
            vendor: text_of("vendor", row.get_ref(1)?.as_str().unwrap_or_default())?,
            origin: Origin::new(row.get::<_, String>(2)?),
        };
        if scope.comment_id(row.get_ref(3)?.as_str().unwrap_or_default()) == id {
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

/// How much of a comment is read.
#[derive(Debug, Clone, Copy)]
enum Extent {
    Whole,
    /// For lists: a prefix of a long text, up to a number of characters, and no HTML.
    Beginnings,
}

/// Selects the comments whose numbers and times a query returns.
fn select_comments(shown: &str, extent: Extent) -> String {
    let most = StoredComment::LISTED_BYTES;
    let shown_author = shown_columns("comments");
    let [text, html, truncated] = match extent {
        Extent::Whole => ["comments.text".to_owned(), "comments.html".to_owned(), "FALSE".to_owned()],
        Extent::Beginnings => [
            // `substr` stops at a NUL, so only text that is cut loses what follows one.
            format!("iif(octet_length(comments.text) > {most}, substr(comments.text, 1, {most}), comments.text)"),
            format!("iif(octet_length(comments.html) > {most}, '', comments.html)"),
            format!("max(octet_length(comments.text), octet_length(comments.html)) > {most}"),
        ],
    };
    format!(
        "WITH shown AS ({shown}) \
         SELECT shown.time, shown.no, origins.vendor, origins.origin, threads.source_id, comments.source_id, \
           parents.source_id, ifnull(comments.local_status, comments.status), comments.created_at, {text}, \
           comments.text_kind, {html}, \
           coalesce(comments.score, coalesce(comments.votes_up, 0) - comments.votes_down, comments.votes_up), \
           {shown_author}, authors.email, comments.local_status IS NOT NULL, {truncated} \
         FROM shown JOIN comments ON comments.no = shown.no \
           JOIN threads ON threads.no = comments.thread_no \
           JOIN origins ON origins.no = comments.origin_no \
           LEFT JOIN authors ON authors.no = comments.author_no \
           LEFT JOIN replies ON replies.comment_no = comments.no \
           LEFT JOIN comments AS parents \
             ON parents.no = replies.parent_no AND parents.thread_no = comments.thread_no \
         ORDER BY shown.time, shown.no"
    )
}

fn page_no(tx: &Transaction<'_>, account: &AccountId, id: PageId) -> DbResult<Option<i64>> {
    let mut statement = tx.prepare_cached("SELECT no FROM pages WHERE account = ?1 AND id = ?2")?;
    Ok(statement.query_row(params![account.as_str(), id.to_string()], |row| row.get(0)).optional()?)
}

#[expect(clippy::disallowed_methods, reason = "a store gives back the HTML that it was given")]
fn stored_comment(account: &AccountId, row: &Row<'_>) -> DbResult<StoredComment> {
    let (time, no): (i64, i64) = (row.get(0)?, row.get(1)?);
    let scope = Scope {
        account: account.clone(),
        vendor: text_of("vendor", row.get_ref(2)?.as_str().unwrap_or_default())?,
        origin: Origin::new(row.get::<_, String>(3)?),
    };
    let thread: String = row.get(4)?;
    let source_id: String = row.get(5)?;
    let parent: Option<String> = row.get(6)?;
    let status = word("status", row.get_ref(7)?.as_str().ok().and_then(Status::from_word))?;
    let author = StoredAuthor { name: row.get(13)?, link: row.get(14)?, avatar: row.get(15)?, email: row.get(16)? };
    Ok(StoredComment {
        cursor: format!("{time}:{no}"),
        id: scope.comment_id(&source_id),
        thread: scope.thread_id(&thread),
        parent: parent.map(|parent| scope.comment_id(&parent)),
        vendor: scope.vendor,
        origin: scope.origin.as_str().to_owned(),
        source_id,
        author: (status != Status::Deleted).then_some(author),
        created_at: from_micros(row.get(8)?)?,
        status,
        text: row.get(9)?,
        text_kind: word("text kind", row.get_ref(10)?.as_str().ok().and_then(TextKind::from_word))?,
        html: SafeHtml::assume_sanitised(row.get(11)?),
        score: row.get(12)?,
        changed_here: row.get(17)?,
        truncated: row.get(18)?,
    })
}

fn parse(cursor: &str) -> DbResult<(i64, i64)> {
    let fields = cursor.split_once(':').map(|(time, no)| (time.parse(), no.parse()));
    match fields {
        Some((Ok(time), Ok(no))) => Ok((time, no)),
        _ => Err(Error::new(ErrorKind::NotFound, "this is not a cursor of comments").into()),
    }
}
