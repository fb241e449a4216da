//! Lists pages and their comments.

use rethread_model::{AccountId, CommentId, Origin, PageId, Scope};
use rethread_stores::rules::comment_cursor::{CommentCursor, NO_TIME};
use rethread_stores::rules::listed_comment::{self, Extent, ListedComment, whole_texts};
use rethread_stores::rules::listing::{MAX_LISTED, page_size};
use rethread_stores::stored_value::{of_json_list, text_of};
use rethread_stores::{CommentQuery, PageList, PageQuery, StoredAuthor, StoredComment, StoredCommentPage, StoredPage};
use tokio_postgres::Row;

use super::origins;
use crate::postgres::{DbResult, Transaction, given, given_text, key, parameters, storable};

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
    let limit = page_size(query.limit, MAX_LISTED);
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
        url: given_text(row, 2)?,
        title: given_text(row, 3)?,
        comments: row.try_get(4)?,
        reactions: of_json_list("list of reactions", row.try_get(5)?)?,
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
    let after: CommentCursor = query.after.as_deref().map_or(Ok(CommentCursor::START), str::parse)?;
    let found = tx
        .first("SELECT no FROM pages WHERE account = $1 AND id = $2", &parameters![account.as_str(), *page.as_uuid()])
        .await?;
    let Some(row) = found else {
        return Ok(StoredCommentPage { comments: Vec::new(), has_more: false });
    };
    let page_no: i64 = row.try_get(0)?;
    let limit = page_size(query.limit, MAX_LISTED);
    // The comments are chosen from the index alone; only those that are returned are read.
    let sql = select_comments(
        "SELECT comments.no AS no, coalesce(comments.created_at, $5) AS time \
         FROM threads JOIN comments ON comments.thread_no = threads.no \
         WHERE threads.page_no = $1 AND (coalesce(comments.created_at, $5), comments.no) > ($2, $3) \
         ORDER BY time, no LIMIT $4",
        Extent::Beginnings,
    );
    let rows = tx.query(&sql, &parameters![page_no, after.time, after.no, i64::from(limit) + 1, NO_TIME]).await?;
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
    if let Some(hint) = cursor.and_then(|cursor| cursor.parse::<CommentCursor>().ok())
        && let Some(found) = by_number(tx, account, hint.no).await?
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

/// Selects comments by number, in the order of their times.
fn select_comments(which: &str, extent: Extent) -> String {
    let most = StoredComment::LISTED_BYTES;
    let texts = match extent {
        Extent::Whole => whole_texts(),
        Extent::Beginnings => [
            format!("left(comments.text, {most})"),
            format!("CASE WHEN octet_length(comments.html) > {most} THEN '' ELSE comments.html END"),
            format!("greatest(octet_length(comments.text), octet_length(comments.html)) > {most}"),
        ],
    };
    listed_comment::select_comments(&format!("shown AS MATERIALIZED ({which})"), &texts)
}

fn stored_comment(account: &AccountId, row: &Row) -> DbResult<StoredComment> {
    let listed = ListedComment {
        time: row.try_get(0)?,
        no: row.try_get(1)?,
        vendor: row.try_get(2)?,
        origin: given(row.try_get(3)?),
        thread: row.try_get(4)?,
        source_id: row.try_get(5)?,
        parent: row.try_get(6)?,
        status: row.try_get(7)?,
        created_at: row.try_get(8)?,
        text: given(row.try_get(9)?),
        text_kind: row.try_get(10)?,
        html: given(row.try_get(11)?),
        score: row.try_get(12)?,
        author: StoredAuthor {
            name: given_text(row, 13)?,
            link: given_text(row, 14)?,
            avatar: given_text(row, 15)?,
            email: given_text(row, 16)?,
        },
        changed_here: row.try_get(17)?,
        truncated: row.try_get(18)?,
    };
    Ok(listed.into_comment(account)?)
}
