//! Moves threads to their new pages and records it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use rethread_model::{AccountId, MoveTally};
use rethread_stores::rules::moves::Relocation;
use rethread_stores::stored_value::unsigned;
use rusqlite::{OptionalExtension, Transaction, params};

use super::super::pages;
use crate::sqlite::DbResult;

/// Moves threads. Threads without comments, and threads whose import has not ended yet, have no
/// page and get none.
pub(super) fn apply(
    tx: &Transaction<'_>,
    account: &AccountId,
    move_no: i64,
    relocations: &[Relocation],
) -> DbResult<MoveTally> {
    let mut tally = MoveTally::default();
    // The state before this transaction.
    let mut was_there = HashMap::new();
    let mut touched = BTreeSet::new();
    for relocation in relocations {
        let (from, to) = (relocation.from(), relocation.to());
        tally.threads += 1;
        tally.comments += comments_on(tx, relocation.thread.no)?;
        note(tx, move_no, relocation)?;
        let mut page_no = None;
        if let Some(left) = relocation.thread.page_no {
            if let Entry::Vacant(entry) = was_there.entry(to) {
                entry.insert(page_with_comments(tx, account, to)?.is_some());
            }
            tally.pages += u64::from(note_page(tx, move_no, "left", from)?);
            if from != to && note_page(tx, move_no, "reached", to)? {
                tally.merged += u64::from(was_there.get(to) == Some(&true));
            }
            let reached = pages::find_or_add(tx, account, to)?;
            touched.extend([left, reached]);
            page_no = Some(reached);
        }
        let after = &relocation.after;
        tx.prepare_cached("UPDATE threads SET moved_url_id = ?2, moved_url = ?3, page_no = ?4 WHERE no = ?1")?
            .execute(params![relocation.thread.no, after.url_id, after.url, page_no])?;
    }
    for page_no in touched {
        pages::refresh(tx, page_no)?;
    }
    Ok(tally)
}

pub(super) fn comments_on(tx: &Transaction<'_>, thread_no: i64) -> DbResult<u64> {
    let mut statement = tx.prepare_cached("SELECT count(*) FROM comments WHERE thread_no = ?1")?;
    Ok(unsigned(statement.query_row([thread_no], |row| row.get(0))?)?)
}

/// The number of a page, if it has comments.
pub(super) fn page_with_comments(tx: &Transaction<'_>, account: &AccountId, url_id: &str) -> DbResult<Option<i64>> {
    let mut statement =
        tx.prepare_cached("SELECT no FROM pages WHERE account = ?1 AND url_id = ?2 AND comments > 0")?;
    Ok(statement.query_row(params![account.as_str(), url_id], |row| row.get(0)).optional()?)
}

fn note(tx: &Transaction<'_>, move_no: i64, Relocation { thread, after }: &Relocation) -> DbResult<()> {
    tx.prepare_cached(
        "INSERT INTO moved_threads (move_no, thread_no, before_url_id, before_url, after_url_id, after_url) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![move_no, thread.no, thread.moved.url_id, thread.moved.url, after.url_id, after.url])?;
    Ok(())
}

/// Records a page; returns whether it was not recorded yet.
fn note_page(tx: &Transaction<'_>, move_no: i64, side: &str, url_id: &str) -> DbResult<bool> {
    let noted = tx
        .prepare_cached("INSERT INTO moved_pages (move_no, side, url_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![move_no, side, url_id])?;
    Ok(noted > 0)
}
