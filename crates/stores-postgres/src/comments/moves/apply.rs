//! Moves threads to their new pages and records it.
//!
//! Imports of the account may end concurrently and write the same rows. As there, pages are locked
//! first, in order, and then the threads; if what was read has changed, the transaction is retried.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rethread_model::{AccountId, MoveTally};
use rethread_stores::rules::moves::{Relocation, ThreadLocation};
use rethread_stores::stored_value::unsigned;

use super::super::pages::{self, Hold};
use super::super::refresh;
use super::look;
use crate::postgres::{DbResult, Failure, Transaction, parameters};

/// Pages counted in one statement.
const PAGES: usize = 200;

/// Moves threads. Threads without comments, and threads whose import has not ended yet, have no
/// page and get none.
pub(super) async fn apply(
    tx: &Transaction,
    account: &AccountId,
    move_no: i64,
    relocations: &[Relocation],
) -> DbResult<MoveTally> {
    if relocations.is_empty() {
        return Ok(MoveTally::default());
    }
    let placed = || relocations.iter().filter(|relocation| relocation.thread.page_no.is_some());
    let keys: BTreeSet<&str> = placed().map(Relocation::to).collect();
    let reached = pages::find_or_add(tx, account, &keys, Hold::Nothing).await?;
    let left = placed().filter_map(|relocation| relocation.thread.page_no);
    let touched: BTreeSet<i64> = reached.values().copied().chain(left).collect();
    let locked = pages::lock(tx, &touched).await?;
    // A page was dropped before it could be locked.
    if locked.len() != touched.len() {
        return Err(Failure::Raced);
    }
    hold_threads(tx, relocations).await?;
    write_threads(tx, relocations, &reached).await?;
    note_threads(tx, move_no, relocations).await?;

    let left: BTreeSet<&str> = placed().map(Relocation::from).collect();
    let changed = placed().filter(|relocation| relocation.from() != relocation.to()).map(Relocation::to).collect();
    let pages = note_pages(tx, move_no, "left", left).await?.len();
    // Counts as of before this move: the pages are refreshed below.
    let was_there =
        |key: &String| reached.get(key.as_str()).and_then(|no| locked.get(no)).is_some_and(|count| *count > 0);
    let merged = note_pages(tx, move_no, "reached", changed).await?.iter().filter(|key| was_there(key)).count();
    let nos = relocations.iter().map(|relocation| relocation.thread.no).collect();
    let comments = comments_on(tx, nos).await?.into_iter().sum();
    for some in touched.into_iter().collect::<Vec<_>>().chunks(PAGES) {
        refresh::refresh(tx, some).await?;
    }
    let (threads, pages, merged) = (relocations.len() as u64, pages as u64, merged as u64);
    Ok(MoveTally { threads, pages, comments, merged, kept: 0 })
}

/// Locks the threads, provided that they are where they were.
async fn hold_threads(tx: &Transaction, relocations: &[Relocation]) -> DbResult<()> {
    let nos: Vec<i64> = relocations.iter().map(|relocation| relocation.thread.no).collect();
    let held = look::hold(tx, &nos).await?;
    let now: HashMap<i64, &ThreadLocation> = held.iter().map(|thread| (thread.no, thread)).collect();
    let is_there = |relocation: &Relocation| now.get(&relocation.thread.no) == Some(&&relocation.thread);
    if relocations.iter().all(is_there) { Ok(()) } else { Err(Failure::Raced) }
}

async fn write_threads(tx: &Transaction, relocations: &[Relocation], reached: &BTreeMap<&str, i64>) -> DbResult<()> {
    let columns = Columns::of(relocations);
    let page = |relocation: &Relocation| relocation.thread.page_no.and_then(|_| reached.get(relocation.to()).copied());
    let page_nos: Vec<Option<i64>> = relocations.iter().map(page).collect();
    tx.execute(
        "UPDATE threads SET moved_url_id = new.url_id, moved_url = new.url, page_no = new.page_no \
         FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) AS new (no, url_id, url, page_no) \
         WHERE threads.no = new.no",
        &parameters![columns.nos, columns.url_ids, columns.urls, page_nos],
    )
    .await?;
    Ok(())
}

async fn note_threads(tx: &Transaction, move_no: i64, relocations: &[Relocation]) -> DbResult<()> {
    let columns = Columns::of(relocations);
    let before = |field: fn(&Relocation) -> Option<&str>| relocations.iter().map(field).collect::<Vec<_>>();
    let url_ids = before(|relocation| relocation.thread.moved.url_id.as_deref());
    let urls = before(|relocation| relocation.thread.moved.url.as_deref());
    tx.execute(
        "INSERT INTO moved_threads (move_no, thread_no, before_url_id, before_url, after_url_id, after_url) \
         SELECT $1, no, before_url_id, before_url, after_url_id, after_url \
         FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) \
           AS new (no, before_url_id, before_url, after_url_id, after_url)",
        &parameters![move_no, columns.nos, url_ids, urls, columns.url_ids, columns.urls],
    )
    .await?;
    Ok(())
}

/// Records pages; returns the keys of those that were not recorded yet.
async fn note_pages(tx: &Transaction, move_no: i64, side: &str, keys: BTreeSet<&str>) -> DbResult<Vec<String>> {
    let rows = tx
        .query(
            "INSERT INTO moved_pages (move_no, side, url_id) SELECT $1, $2, url_id FROM unnest($3::text[]) AS new (url_id) \
             ON CONFLICT DO NOTHING RETURNING url_id",
            &parameters![move_no, side, keys.into_iter().collect::<Vec<_>>()],
        )
        .await?;
    rows.into_iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The number of comments on each of these threads.
pub(super) async fn comments_on(tx: &Transaction, thread_nos: Vec<i64>) -> DbResult<Vec<u64>> {
    if thread_nos.is_empty() {
        return Ok(Vec::new());
    }
    let rows = tx
        .query(
            "SELECT (SELECT count(*) FROM comments WHERE thread_no = asked.no) \
             FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (no, index) ORDER BY index",
            &parameters![thread_nos],
        )
        .await?;
    rows.into_iter().map(|row| Ok(unsigned(row.try_get(0)?)?)).collect()
}

/// The numbers of pages that have comments, by key.
pub(super) async fn pages_with_comments<'a>(
    tx: &Transaction,
    account: &AccountId,
    keys: impl Iterator<Item = &'a str>,
) -> DbResult<HashMap<String, i64>> {
    let keys: Vec<&str> = keys.collect::<BTreeSet<_>>().into_iter().collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx
        .query(
            "SELECT pages.url_id, pages.no FROM unnest($2::text[]) AS asked (url_id) CROSS JOIN LATERAL (\
               SELECT url_id, no FROM pages WHERE account = $1 AND url_id = asked.url_id AND comments > 0 LIMIT 1) AS pages",
            &parameters![account.as_str(), keys],
        )
        .await?;
    rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// The new values of the threads, column by column.
struct Columns<'a> {
    nos: Vec<i64>,
    url_ids: Vec<Option<&'a str>>,
    urls: Vec<Option<&'a str>>,
}

impl<'a> Columns<'a> {
    fn of(relocations: &'a [Relocation]) -> Self {
        Self {
            nos: relocations.iter().map(|relocation| relocation.thread.no).collect(),
            url_ids: relocations.iter().map(|relocation| relocation.after.url_id.as_deref()).collect(),
            urls: relocations.iter().map(|relocation| relocation.after.url.as_deref()).collect(),
        }
    }
}
