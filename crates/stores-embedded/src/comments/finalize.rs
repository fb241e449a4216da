//! The end of an import: pages, and what the file no longer contains.

use std::collections::BTreeSet;

use rethread_model::AccountId;
use rethread_stores::Target;
use rusqlite::{Transaction, params};

use super::ledgers::{self, LedgerOf};
use super::{import, pages};
use crate::sqlite::DbResult;

/// Threads examined together.
const CHUNK: u32 = 1_000;

struct ThreadOnPage {
    no: i64,
    source_id: String,
    url_id: String,
    page_no: Option<i64>,
    has_comments: bool,
    /// Whether the file has comments on it.
    is_commented_on: bool,
}

/// Assigns the import's threads with comments to their pages (other ones than the file names if
/// threads were moved), and counts the comments of these pages. Pages are shared with other origins
/// of the account; those that lost their last comment are dropped. Returns the number of pages that
/// the file has comments on.
pub(super) fn make_pages(tx: &Transaction<'_>, target: &Target) -> DbResult<i64> {
    let mut placed = Placed::default();
    for ledger in all_ledgers(tx, target)? {
        if let Some(origin_no) = ledger.origin_no {
            placed.place(tx, &target.scope.account, ledger.no, origin_no)?;
        }
    }
    for page_no in placed.filled.union(&placed.others) {
        pages::refresh(tx, *page_no)?;
    }
    Ok(i64::try_from(placed.filled.len()).unwrap_or(i64::MAX))
}

fn all_ledgers(tx: &Transaction<'_>, target: &Target) -> DbResult<Vec<LedgerOf>> {
    match import::number(tx, &target.scope.account, target.job)? {
        Some(import_no) => ledgers::all(tx, import_no, &target.scope),
        None => Ok(Vec::new()),
    }
}

/// The pages that threads were assigned to, or left.
#[derive(Default)]
struct Placed {
    /// The pages that the file has comments on.
    filled: BTreeSet<i64>,
    others: BTreeSet<i64>,
}

impl Placed {
    /// Assigns the threads of an origin to their pages.
    fn place(&mut self, tx: &Transaction<'_>, account: &AccountId, ledger_no: i64, origin_no: i64) -> DbResult<()> {
        let mut after = String::new();
        loop {
            let chunk = threads_after(tx, ledger_no, origin_no, &after)?;
            for thread in &chunk {
                let page_no =
                    if thread.has_comments { Some(pages::find_or_add(tx, account, &thread.url_id)?) } else { None };
                if page_no != thread.page_no {
                    tx.prepare_cached("UPDATE threads SET page_no = ?2 WHERE no = ?1")?
                        .execute(params![thread.no, page_no])?;
                    self.others.extend(thread.page_no);
                }
                if thread.is_commented_on { &mut self.filled } else { &mut self.others }.extend(page_no);
            }
            match chunk.into_iter().next_back() {
                Some(last) => after = last.source_id,
                None => return Ok(()),
            }
        }
    }
}

fn threads_after(tx: &Transaction<'_>, ledger_no: i64, origin_no: i64, after: &str) -> DbResult<Vec<ThreadOnPage>> {
    let mut statement = tx.prepare_cached(
        "SELECT threads.no, threads.source_id, coalesce(threads.moved_url_id, threads.url_id), threads.page_no, \
           EXISTS (SELECT 1 FROM comments WHERE thread_no = threads.no), \
           EXISTS (SELECT 1 FROM ledger_comments WHERE thread_no = ledger_threads.no) \
         FROM ledger_threads JOIN threads ON threads.origin_no = ?2 AND threads.source_id = ledger_threads.source_id \
         WHERE ledger_threads.ledger_no = ?1 AND ledger_threads.source_id > ?3 \
         ORDER BY ledger_threads.source_id LIMIT ?4",
    )?;
    let rows = statement.query_map(params![ledger_no, origin_no, after, CHUNK], |row| {
        Ok(ThreadOnPage {
            no: row.get(0)?,
            source_id: row.get(1)?,
            url_id: row.get(2)?,
            page_no: row.get(3)?,
            has_comments: row.get(4)?,
            is_commented_on: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The number of pages that a dry run's file would fill.
pub(super) fn count_pages_of_dry_run(tx: &Transaction<'_>, target: &Target) -> DbResult<i64> {
    let import_no = import::number(tx, &target.scope.account, target.job)?;
    let mut statement = tx.prepare_cached(
        "SELECT count(DISTINCT coalesce(\
           threads.moved_url_id, ledger_threads.url_id, threads.url_id, ledger_threads.source_id)) \
         FROM ledgers LEFT JOIN origins \
             ON origins.account = ?2 AND origins.vendor = ?3 AND origins.origin = ledgers.origin \
           CROSS JOIN ledger_threads ON ledger_threads.ledger_no = ledgers.no \
           LEFT JOIN threads ON threads.origin_no = origins.no AND threads.source_id = ledger_threads.source_id \
         WHERE ledgers.import_no = ?1 \
           AND EXISTS (SELECT 1 FROM ledger_comments WHERE ledger_comments.thread_no = ledger_threads.no)",
    )?;
    let scope = &target.scope;
    Ok(statement.query_row(params![import_no, scope.account.as_str(), scope.vendor.as_str()], |row| row.get(0))?)
}

/// Counts stored comments of the file's origins that the file does not contain.
pub(super) fn count_removed(tx: &Transaction<'_>, target: &Target) -> DbResult<i64> {
    // All but the stored ones that the ledger has. The numbers of most stand there already.
    let mut statement = tx.prepare_cached(
        "SELECT (SELECT count(*) FROM comments WHERE origin_no = ?2) \
           - (SELECT count(*) FROM ledger_comments AS held WHERE ledger_no = ?1 AND (\
                comment_no IS NOT NULL OR EXISTS (\
                  SELECT 1 FROM comments WHERE origin_no = ?2 AND comments.source_id = held.source_id)))",
    )?;
    let mut removed = 0;
    for ledger in all_ledgers(tx, target)? {
        removed += statement.query_row(params![ledger.no, ledger.origin_no], |row| row.get::<_, i64>(0))?;
    }
    Ok(removed)
}
