//! Lists pages and their comments.

use rethread_model::{AccountId, CommentId, Origin, PageId, SafeHtml, Scope, Status, TextKind};
use tokio_postgres::Row;

use super::{origins, reactions};
use crate::postgres::{DbResult, Transaction, from_micros, given, key, parameters, storable, text_of, word};
use rethread_stores::rules::signature::shown_columns;
use rethread_stores::{
    CommentQuery, Error, ErrorKind, PageList, PageQuery, StoredAuthor, StoredComment, StoredCommentPage, StoredPage,
};

/// Replaces a missing time, so that the comment comes last.
const NO_TIME: i64 = i64::MAX;

/// The number of ids computed per query.
const SEARCHED_AT_ONCE: i64 = 10_000;

/// Selects pages, with the first of their addresses and the number of addresses.
fn select_pages(which: &str) -> String {
    format!(
        "SELECT id, url_id, url, left(title, {title}), comments, reactions, \
           ARRAY(SELECT DISTINCT coalesce(threads.moved_url, threads.url) AS address FROM threads \
             WHERE threads.page_no = pages.no AND coalesce(threads.moved_url, threads.url) IS NOT NULL \
             ORDER BY address LIMIT {urls}), \
           (SELECT count(DISTINCT coalesce(threads.moved_url, threads.url)) FROM threads WHERE threads.page_no = pages.no) \
         FROM pages WHERE {which}",
        title = StoredPage::TITLE_CHARACTERS,
        urls = StoredPage::URLS
    )
}

pub(super) async fn pages(tx: &Transaction, account: &AccountId, query: &PageQuery) -> DbResult<PageList> {
    let limit = query.limit.clamp(1, 200);
    // Keys are never empty.
    let after = key(query.after.as_deref().unwrap_or_default()).into_owned();
    let search = query.search.as_deref().filter(|text| !text.is_empty()).map(|text| storable(text).into_owned());
    let rows = tx
        .query(
            &select_pages(
                "account = $1 AND url_id > $2 AND comments > 0 \
                 AND ($3::text IS NULL OR strpos(lower(url_id), lower($3)) > 0 OR strpos(lower(url), lower($3)) > 0 \
                      OR strpos(lower(title), lower($3)) > 0) \
                 ORDER BY url_id LIMIT $4",
            ),
            &parameters![account.as_str(), after, search, i64::from(limit) + 1],
        )
        .await?;
    PageList::of(rows.iter().map(stored_page), limit)
}

pub(super) async fn page(tx: &Transaction, account: &AccountId, id: PageId) -> DbResult<Option<StoredPage>> {
    let row = tx
        .first(
            &select_pages("account = $1 AND id = $2 AND comments > 0"),
            &parameters![account.as_str(), *id.as_uuid()],
        )
        .await?;
    row.as_ref().map(stored_page).transpose()
}

fn stored_page(row: &Row) -> DbResult<StoredPage> {
    Ok(StoredPage {
        id: PageId::from_uuid(row.try_get(0)?),
        url_id: row.try_get(1)?,
        url: text(row, 2)?,
        title: text(row, 3)?,
        comments: row.try_get(4)?,
        reactions: reactions::of_column(row.try_get(5)?)?,
        urls: row.try_get::<_, Vec<String>>(6)?.into_iter().map(given).collect(),
        url_count: row.try_get(7)?,
    })
}

pub(super) async fn comments(
    tx: &Transaction,
    account: &AccountId,
    page: PageId,
    query: &CommentQuery,
) -> DbResult<StoredCommentPage> {
    let after = query.after.as_deref().map(parse).transpose()?;
    let found = tx
        .first("SELECT no FROM pages WHERE account = $1 AND id = $2", &parameters![account.as_str(), *page.as_uuid()])
        .await?;
    let Some(row) = found else {
        return Ok(StoredCommentPage { comments: Vec::new(), has_more: false });
    };
    let page_no: i64 = row.try_get(0)?;
    let limit = query.limit.clamp(1, 200);
    let (after_time, after_no) = after.unwrap_or((i64::MIN, i64::MIN));
    // The comments are chosen from the index alone; only those that are returned are read.
    let sql = select_comments(
        "SELECT comments.no AS no, coalesce(comments.created_at, $5) AS time \
         FROM threads JOIN comments ON comments.thread_no = threads.no \
         WHERE threads.page_no = $1 AND (coalesce(comments.created_at, $5), comments.no) > ($2, $3) \
         ORDER BY time, no LIMIT $4",
        Extent::Beginnings,
    );
    let rows = tx.query(&sql, &parameters![page_no, after_time, after_no, i64::from(limit) + 1, NO_TIME]).await?;
    StoredCommentPage::of(rows.iter().map(|row| stored_comment(account, row)), limit)
}

/// One comment of an origin.
pub(super) async fn comment(tx: &Transaction, scope: &Scope, source_id: &str) -> DbResult<Option<StoredComment>> {
    let Some(origin_no) = origins::find(tx, scope).await? else { return Ok(None) };
    let sql = select_comments(
        "SELECT comments.no AS no, coalesce(comments.created_at, $3) AS time FROM comments \
         WHERE comments.origin_no = $1 AND comments.source_id = $2",
        Extent::Whole,
    );
    let source_id = key(source_id).into_owned();
    let row = tx.first(&sql, &parameters![origin_no, source_id, NO_TIME]).await?;
    row.map(|row| stored_comment(&scope.account, &row)).transpose()
}

/// The comment with this id. Ids are computed, so there is no index on them.
pub(super) async fn find(
    tx: &Transaction,
    account: &AccountId,
    id: CommentId,
    cursor: Option<&str>,
) -> DbResult<Option<StoredComment>> {
    if let Some((_, no)) = cursor.and_then(|cursor| parse(cursor).ok())
        && let Some(found) = by_number(tx, account, no).await?
        && found.id == id
    {
        return Ok(Some(found));
    }
    let origins =
        tx.query("SELECT no, vendor, origin FROM origins WHERE account = $1", &parameters![account.as_str()]).await?;
    for row in origins {
        let origin_no: i64 = row.try_get(0)?;
        let vendor = text_of("vendor", row.try_get(1)?)?;
        let scope = Scope { account: account.clone(), vendor, origin: Origin::new(given(row.try_get(2)?)) };
        if let Some(no) = find_in_origin(tx, &scope, origin_no, id).await? {
            return by_number(tx, account, no).await;
        }
    }
    Ok(None)
}

/// Walks the index of an origin's comments.
async fn find_in_origin(tx: &Transaction, scope: &Scope, origin_no: i64, id: CommentId) -> DbResult<Option<i64>> {
    let mut after = String::new();
    loop {
        let rows = tx
            .query(
                "SELECT source_id, no FROM comments WHERE origin_no = $1 AND source_id > $2 ORDER BY source_id LIMIT $3",
                &parameters![origin_no, after, SEARCHED_AT_ONCE],
            )
            .await?;
        let Some(last) = rows.last() else { return Ok(None) };
        after = last.try_get(0)?;
        for row in &rows {
            if scope.comment_id(row.try_get(0)?) == id {
                return Ok(Some(row.try_get(1)?));
            }
        }
    }
}

async fn by_number(tx: &Transaction, account: &AccountId, no: i64) -> DbResult<Option<StoredComment>> {
    let sql = select_comments(
        "SELECT comments.no AS no, coalesce(comments.created_at, $3) AS time \
         FROM comments JOIN origins ON origins.no = comments.origin_no \
         WHERE comments.no = $1 AND origins.account = $2",
        Extent::Whole,
    );
    let row = tx.first(&sql, &parameters![no, account.as_str(), NO_TIME]).await?;
    row.map(|row| stored_comment(account, &row)).transpose()
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
            format!("left(comments.text, {most})"),
            format!("CASE WHEN octet_length(comments.html) > {most} THEN '' ELSE comments.html END"),
            format!("greatest(octet_length(comments.text), octet_length(comments.html)) > {most}"),
        ],
    };
    format!(
        "WITH shown AS MATERIALIZED ({shown}) \
         SELECT shown.time, shown.no, origins.vendor, origins.origin, threads.source_id, comments.source_id, \
               parents.source_id, coalesce(comments.local_status, comments.status), comments.created_at, {text}, \
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

#[expect(clippy::disallowed_methods, reason = "a store gives back the HTML that it was given")]
fn stored_comment(account: &AccountId, row: &Row) -> DbResult<StoredComment> {
    let (time, no): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let scope = Scope {
        account: account.clone(),
        vendor: text_of("vendor", row.try_get(2)?)?,
        origin: Origin::new(given(row.try_get(3)?)),
    };
    let thread: String = row.try_get(4)?;
    let source_id: String = row.try_get(5)?;
    let parent: Option<String> = row.try_get(6)?;
    let status = word("status", Status::from_word(row.try_get(7)?))?;
    let author =
        StoredAuthor { name: text(row, 13)?, link: text(row, 14)?, avatar: text(row, 15)?, email: text(row, 16)? };
    Ok(StoredComment {
        cursor: format!("{time}:{no}"),
        id: scope.comment_id(&source_id),
        thread: scope.thread_id(&thread),
        parent: parent.map(|parent| scope.comment_id(&parent)),
        vendor: scope.vendor,
        origin: scope.origin.as_str().to_owned(),
        source_id,
        author: (status != Status::Deleted).then_some(author),
        created_at: from_micros(row.try_get(8)?)?,
        status,
        text: given(row.try_get(9)?),
        text_kind: word("text kind", TextKind::from_word(row.try_get(10)?))?,
        html: SafeHtml::assume_sanitised(given(row.try_get(11)?)),
        score: row.try_get(12)?,
        changed_here: row.try_get(17)?,
        truncated: row.try_get(18)?,
    })
}

fn text(row: &Row, column: usize) -> DbResult<Option<String>> {
    Ok(row.try_get::<_, Option<String>>(column)?.map(given))
}

fn parse(cursor: &str) -> DbResult<(i64, i64)> {
    let fields = cursor.split_once(':').map(|(time, no)| (time.parse(), no.parse()));
    match fields {
        Some((Ok(time), Ok(no))) => Ok((time, no)),
        _ => Err(Error::new(ErrorKind::NotFound, "this is not a cursor of comments").into()),
    }
}
