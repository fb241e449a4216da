//! The end of an import: pages, and what the file no longer contains. Each step may be repeated,
//! and none writes for longer than a few hundred threads or pages take, because other imports of
//! the account write the same pages.

use std::collections::BTreeSet;

use rethread_model::AccountId;
use rethread_stores::{Result, Target};

use super::ledgers::{self, LedgerOf};
use super::pages::{self, Hold};
use super::{import, refresh};
use crate::postgres::{Database, DbResult, Failure, Transaction, parameters};

/// Threads examined in one transaction.
const THREADS: i64 = 500;
/// Pages counted in one transaction.
const PAGES: usize = 200;

struct ThreadOnPage {
    no: i64,
    source_id: String,
    url_id: String,
    page_no: Option<i64>,
    has_comments: bool,
    /// Whether the file has comments on it.
    is_commented_on: bool,
}

/// Some threads that were assigned to their pages.
struct Placed {
    pages: BTreeSet<i64>,
    /// The pages among them that the file has comments on.
    pages_of_file: BTreeSet<i64>,
    /// The last of the threads.
    last: Option<String>,
}

/// Assigns the import's threads with comments to their pages (other ones than the file names if
/// threads were moved), and counts the comments of these pages. Pages are shared with other origins
/// of the account; those that lost their last comment are dropped. Returns the number of pages that
/// the file has comments on.
pub(super) async fn make_pages(database: &Database, target: &Target) -> Result<i64> {
    let account = &target.scope.account;
    let ledgers = database.read("cannot look up an import", move |tx| async move { all_ledgers(&tx, target).await });
    let (mut pages, mut pages_of_file) = (BTreeSet::new(), BTreeSet::new());
    for ledger in ledgers.await? {
        let Some(origin_no) = ledger.origin_no else { continue };
        let mut after = Some(String::new());
        while let Some(cursor) = after.as_deref() {
            let placed = database.write("cannot put threads on pages", move |tx| async move {
                place_threads(&tx, account, (ledger.no, origin_no), cursor).await
            });
            let placed = placed.await?;
            pages.extend(placed.pages);
            pages_of_file.extend(placed.pages_of_file);
            after = placed.last;
        }
    }
    let all: Vec<i64> = pages.into_iter().collect();
    for some in all.chunks(PAGES) {
        database
            .write("cannot count the comments of pages", move |tx| async move { refresh::refresh(&tx, some).await })
            .await?;
    }
    Ok(i64::try_from(pages_of_file.len()).unwrap_or(i64::MAX))
}

async fn all_ledgers(tx: &Transaction, target: &Target) -> DbResult<Vec<LedgerOf>> {
    match import::number(tx, &target.scope.account, target.job).await? {
        Some(import_no) => ledgers::all(tx, import_no, &target.scope).await,
        None => Ok(Vec::new()),
    }
}

/// Assigns the next threads to their pages. Pages that they left are counted in the same
/// transaction, because nothing would find them later.
async fn place_threads(
    tx: &Transaction,
    account: &AccountId,
    (ledger_no, origin_no): (i64, i64),
    after: &str,
) -> DbResult<Placed> {
    let threads = threads_after(tx, ledger_no, origin_no, after).await?;
    let keys: BTreeSet<&str> =
        threads.iter().filter(|thread| thread.has_comments).map(|thread| thread.url_id.as_str()).collect();
    let pages = pages::find_or_add(tx, account, &keys, Hold::Share).await?;
    let (mut placed, mut keys, mut to) = (Vec::new(), Vec::new(), Vec::new());
    let (mut left, mut pages_of_file) = (BTreeSet::new(), BTreeSet::new());
    for thread in &threads {
        let page_no = if thread.has_comments { pages.get(thread.url_id.as_str()).copied() } else { None };
        if page_no != thread.page_no {
            placed.push(thread.no);
            keys.push(thread.url_id.as_str());
            to.push(page_no);
            left.extend(thread.page_no);
        }
        if thread.is_commented_on {
            pages_of_file.extend(page_no);
        }
    }
    if !placed.is_empty() {
        let count = placed.len();
        let written = tx
            .execute(
                "UPDATE threads SET page_no = placed.page_no \
                 FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS placed (no, url_id, page_no) \
                 WHERE threads.no = placed.no AND coalesce(threads.moved_url_id, threads.url_id) = placed.url_id",
                &parameters![placed, keys, to],
            )
            .await?;
        // The others were moved since they were read.
        if usize::try_from(written) != Ok(count) {
            return Err(Failure::Raced);
        }
    }
    if !left.is_empty() {
        refresh::refresh(tx, &left.into_iter().collect::<Vec<_>>()).await?;
    }
    Ok(Placed {
        pages: pages.into_values().collect(),
        pages_of_file,
        last: threads.into_iter().next_back().map(|thread| thread.source_id),
    })
}

/// `LIMIT 1` makes the server look each thread up in the indexes. Otherwise it reads all comments
/// for every few hundred threads, as long as a table is small enough to look cheap.
async fn threads_after(tx: &Transaction, ledger_no: i64, origin_no: i64, after: &str) -> DbResult<Vec<ThreadOnPage>> {
    let rows = tx
        .query(
            "SELECT threads.no, threads.source_id, threads.url_id, threads.page_no, \
               (SELECT TRUE FROM comments WHERE thread_no = threads.no LIMIT 1) IS NOT NULL, \
               (SELECT TRUE FROM ledger_comments WHERE thread_no = ledger_threads.no LIMIT 1) IS NOT NULL \
             FROM ledger_threads CROSS JOIN LATERAL (\
               SELECT no, source_id, coalesce(moved_url_id, url_id) AS url_id, page_no FROM threads \
               WHERE origin_no = $2 AND source_id = ledger_threads.source_id LIMIT 1) AS threads \
             WHERE ledger_threads.ledger_no = $1 AND ledger_threads.source_id > $3 \
             ORDER BY ledger_threads.source_id LIMIT $4",
            &parameters![ledger_no, origin_no, after, THREADS],
        )
        .await?;
    let threads = rows.into_iter().map(|row| {
        Ok(ThreadOnPage {
            no: row.try_get(0)?,
            source_id: row.try_get(1)?,
            url_id: row.try_get(2)?,
            page_no: row.try_get(3)?,
            has_comments: row.try_get(4)?,
            is_commented_on: row.try_get(5)?,
        })
    });
    threads.collect()
}

/// The number of pages that a dry run's file would fill.
pub(super) async fn count_pages_of_dry_run(tx: &Transaction, target: &Target) -> DbResult<i64> {
    let ledgers = all_ledgers(tx, target).await?;
    let (nos, origin_nos): (Vec<i64>, Vec<Option<i64>>) =
        ledgers.iter().map(|ledger| (ledger.no, ledger.origin_no)).unzip();
    let row = tx
        .first(
            "SELECT count(DISTINCT coalesce(\
               threads.moved_url_id, ledger_threads.url_id, threads.url_id, ledger_threads.source_id)) \
             FROM unnest($1::bigint[], $2::bigint[]) AS ledgers (no, origin_no) \
               JOIN ledger_threads ON ledger_threads.ledger_no = ledgers.no \
               LEFT JOIN threads \
               ON threads.origin_no = ledgers.origin_no AND threads.source_id = ledger_threads.source_id \
             WHERE EXISTS (SELECT 1 FROM ledger_comments WHERE ledger_comments.thread_no = ledger_threads.no)",
            &parameters![nos, origin_nos],
        )
        .await?;
    Ok(row.map_or(Ok(0), |row| row.try_get(0))?)
}

/// Counts stored comments of the file's origins that the file does not contain. Each is looked up
/// in the ledger's index: as a join, with statistics from before this import's ledger, every
/// comment was compared with every entry.
pub(super) async fn count_removed(tx: &Transaction, target: &Target) -> DbResult<i64> {
    let mut removed = 0;
    for ledger in all_ledgers(tx, target).await? {
        let row = tx
            .first(
                "SELECT count(*) FROM comments LEFT JOIN LATERAL (\
                   SELECT 1 AS one FROM ledger_comments \
                   WHERE ledger_no = $1 AND ledger_comments.source_id = comments.source_id LIMIT 1) AS held ON true \
                 WHERE origin_no = $2 AND held.one IS NULL",
                &parameters![ledger.no, ledger.origin_no],
            )
            .await?;
        removed += row.map_or(Ok(0), |row| row.try_get::<_, i64>(0))?;
    }
    Ok(removed)
}
