//! Finds the threads that a move concerns, in portions along the index of an origin's threads, or
//! along a record. Each is examined once, so that none is moved twice.

use rethread_model::{AccountId, PageLocation};
use rethread_stores::rules::moves::{
    self, Chunk, Cursor, Decider, EXAMINED_AT_ONCE, MAX_STATEMENTS, Moved, ThreadLocation, Way,
};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::sqlite::DbResult;

/// The next threads to move, at most [`moves::MAX_MOVED`] of them; none if finding any takes too
/// long.
pub(super) fn next(
    tx: &Transaction<'_>,
    account: &AccountId,
    way: &Way,
    after: &Cursor,
    threads: u32,
) -> DbResult<Chunk> {
    let limit = threads.clamp(1, moves::MAX_MOVED);
    let mut chunk = Chunk { cursor: after.clone(), ..Chunk::default() };
    for _ in 0..MAX_STATEMENTS {
        chunk = match way {
            Way::Rule(decider) => of_rule(tx, account, decider, &chunk.cursor, limit)?,
            Way::Undo(move_no) => of_record(tx, *move_no, &chunk.cursor, limit)?,
        };
        if chunk.is_last || !chunk.is_idle() {
            break;
        }
    }
    Ok(chunk)
}

fn of_rule(
    tx: &Transaction<'_>,
    account: &AccountId,
    decider: &Decider,
    after: &Cursor,
    limit: u32,
) -> DbResult<Chunk> {
    let Some(origin_no) = origin_from(tx, account, after.no)? else {
        return Ok(Chunk { is_last: true, cursor: after.clone(), ..Chunk::default() });
    };
    let after = if origin_no == after.no { after.source_id.as_str() } else { "" };
    let border = border(tx, origin_no, after)?;
    let found = candidates(tx, origin_no, after, border.as_deref(), decider, limit)?;
    let is_cut = found.len() >= limit as usize;
    let last = found.last().map(|(source_id, _)| source_id.clone());
    let cursor = match if is_cut { last } else { border } {
        Some(source_id) => Cursor { no: origin_no, source_id },
        None => Cursor { no: origin_no + 1, source_id: String::new() },
    };
    let relocations = found.into_iter().filter_map(|(_, thread)| decider.relocate(thread)).collect();
    Ok(Chunk { relocations, cursor, ..Chunk::default() })
}

/// The first origin with this number or a later one.
fn origin_from(tx: &Transaction<'_>, account: &AccountId, no: i64) -> DbResult<Option<i64>> {
    let mut statement = tx.prepare_cached("SELECT min(no) FROM origins WHERE account = ?1 AND no >= ?2")?;
    Ok(statement.query_row(params![account.as_str(), no], |row| row.get(0))?)
}

/// The last thread to examine; `None` where there are fewer.
fn border(tx: &Transaction<'_>, origin_no: i64, after: &str) -> DbResult<Option<String>> {
    let mut statement = tx.prepare_cached(
        "SELECT source_id FROM threads WHERE origin_no = ?1 AND source_id > ?2 ORDER BY source_id LIMIT 1 OFFSET ?3",
    )?;
    Ok(statement.query_row(params![origin_no, after, EXAMINED_AT_ONCE - 1], |row| row.get(0)).optional()?)
}

/// Candidate threads with their source ids. A thread whose address may hide the host is always a
/// candidate.
fn candidates(
    tx: &Transaction<'_>,
    origin_no: i64,
    after: &str,
    border: Option<&str>,
    decider: &Decider,
    limit: u32,
) -> DbResult<Vec<(String, ThreadLocation)>> {
    let (key, host) = decider.sought();
    let mut statement = tx.prepare_cached(
        "SELECT no, page_no, url_id, url, moved_url_id, moved_url, source_id FROM threads \
         WHERE origin_no = ?1 AND source_id > ?2 AND (?3 IS NULL OR source_id <= ?3) \
           AND CASE WHEN ?4 IS NOT NULL THEN coalesce(moved_url_id, url_id) = ?4 \
             ELSE instr(coalesce(moved_url_id, url_id), ?5) OR instr(lower(coalesce(moved_url, url)), ?5) \
               OR instr(coalesce(moved_url, url), '%') OR coalesce(moved_url, url) GLOB '*[^!-~]*' END \
         ORDER BY source_id LIMIT ?6",
    )?;
    let rows = statement
        .query_map(params![origin_no, after, border, key, host, limit], |row| Ok((row.get(6)?, location(row)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn of_record(tx: &Transaction<'_>, move_no: i64, after: &Cursor, limit: u32) -> DbResult<Chunk> {
    let mut statement = tx.prepare_cached(
        "SELECT threads.no, page_no, url_id, url, moved_url_id, moved_url, before_url_id, before_url, after_url_id, \
           after_url \
         FROM moved_threads JOIN threads ON threads.no = moved_threads.thread_no \
         WHERE move_no = ?1 AND thread_no > ?2 ORDER BY thread_no LIMIT ?3",
    )?;
    let rows = statement.query_map(params![move_no, after.no, limit], |row| {
        let before = Moved { url_id: row.get(6)?, url: row.get(7)? };
        let put = Moved { url_id: row.get(8)?, url: row.get(9)? };
        Ok((location(row)?, before, put))
    })?;
    let mut chunk = Chunk { cursor: after.clone(), ..Chunk::default() };
    let mut looked_at = 0;
    for row in rows {
        let (thread, before, put) = row?;
        looked_at += 1;
        chunk.cursor.no = thread.no;
        match moves::back(thread, before, &put) {
            Some(relocation) => chunk.relocations.push(relocation),
            None => chunk.kept += 1,
        }
    }
    chunk.is_last = looked_at < limit;
    Ok(chunk)
}

fn location(row: &Row<'_>) -> rusqlite::Result<ThreadLocation> {
    Ok(ThreadLocation {
        no: row.get(0)?,
        page_no: row.get(1)?,
        vendors: PageLocation { url_id: row.get(2)?, url: row.get(3)? },
        moved: Moved { url_id: row.get(4)?, url: row.get(5)? },
    })
}
