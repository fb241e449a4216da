//! Finds the threads that a move concerns, in portions along the index of an origin's threads, or
//! along a record. Each is examined once, so that none is moved twice.

use rethread_model::{AccountId, PageLocation};
use rethread_stores::rules::moves::{
    self, Chunk, Cursor, Decider, EXAMINED_AT_ONCE, MAX_STATEMENTS, Moved, ThreadLocation, Way,
};
use tokio_postgres::Row;

use crate::postgres::{DbResult, Transaction, parameters};

/// The columns that [`location`] takes.
const LOCATION: &str = "threads.no, page_no, url_id, url, moved_url_id, moved_url";

/// With few statistics on a table, the server would read and sort the whole rest of an origin or a
/// record for each portion.
const ALONG_INDEXES: &str =
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off";
const ANY_WAY: &str = "SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL enable_bitmapscan TO DEFAULT; \
     SET LOCAL enable_sort TO DEFAULT";

/// The next threads to move, at most [`moves::MAX_MOVED`] of them; none if finding any takes too
/// long.
pub(super) async fn next(
    tx: &Transaction,
    account: &AccountId,
    way: &Way,
    after: &Cursor,
    threads: u32,
) -> DbResult<Chunk> {
    let limit = i64::from(threads.clamp(1, moves::MAX_MOVED));
    let mut chunk = Chunk { cursor: after.clone(), ..Chunk::default() };
    tx.script(ALONG_INDEXES).await?;
    for _ in 0..MAX_STATEMENTS {
        chunk = match way {
            Way::Rule(decider) => of_rule(tx, account, decider, &chunk.cursor, limit).await?,
            Way::Undo(move_no) => of_record(tx, *move_no, &chunk.cursor, limit).await?,
        };
        if chunk.is_last || !chunk.is_idle() {
            break;
        }
    }
    tx.script(ANY_WAY).await?;
    Ok(chunk)
}

async fn of_rule(
    tx: &Transaction,
    account: &AccountId,
    decider: &Decider,
    after: &Cursor,
    limit: i64,
) -> DbResult<Chunk> {
    let Some(origin_no) = origin_from(tx, account, after.no).await? else {
        return Ok(Chunk { is_last: true, cursor: after.clone(), ..Chunk::default() });
    };
    let after = if origin_no == after.no { after.source_id.as_str() } else { "" };
    let border = border(tx, origin_no, after).await?;
    let found = candidates(tx, origin_no, (after, border.as_deref()), decider, limit).await?;
    // If the limit cut the candidates short, continue after the last one, not after the portion.
    let is_cut = i64::try_from(found.len()).is_ok_and(|count| count >= limit);
    let last = found.last().map(|(source_id, _)| source_id.clone());
    let cursor = match if is_cut { last } else { border } {
        Some(source_id) => Cursor { no: origin_no, source_id },
        // The origin is done.
        None => Cursor { no: origin_no + 1, source_id: String::new() },
    };
    let relocations = found.into_iter().filter_map(|(_, thread)| decider.relocate(thread)).collect();
    Ok(Chunk { relocations, cursor, ..Chunk::default() })
}

/// The first origin with this number or a later one.
async fn origin_from(tx: &Transaction, account: &AccountId, no: i64) -> DbResult<Option<i64>> {
    let sql = "SELECT min(no) FROM origins WHERE account = $1 AND no >= $2";
    let row = tx.first(sql, &parameters![account.as_str(), no]).await?;
    Ok(row.map_or(Ok(None), |row| row.try_get(0))?)
}

/// The last thread to examine; `None` where there are fewer.
async fn border(tx: &Transaction, origin_no: i64, after: &str) -> DbResult<Option<String>> {
    let sql = "SELECT source_id FROM threads WHERE origin_no = $1 AND source_id > $2 \
               ORDER BY source_id LIMIT 1 OFFSET $3";
    let row = tx.first(sql, &parameters![origin_no, after, i64::from(EXAMINED_AT_ONCE - 1)]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Candidate threads with their source ids. A thread whose address may hide the host is always a
/// candidate.
async fn candidates(
    tx: &Transaction,
    origin_no: i64,
    (after, border): (&str, Option<&str>),
    decider: &Decider,
    limit: i64,
) -> DbResult<Vec<(String, ThreadLocation)>> {
    let (key, host) = decider.sought();
    let rows = tx
        .query(
            &format!(
                "SELECT {LOCATION}, source_id FROM threads \
                 WHERE origin_no = $1 AND source_id > $2 AND ($3::text IS NULL OR source_id <= $3) \
                   AND CASE WHEN $4::text IS NOT NULL THEN coalesce(moved_url_id, url_id) = $4 \
                     ELSE strpos(coalesce(moved_url_id, url_id), $5) > 0 \
                       OR strpos(lower(coalesce(moved_url, url)), $5) > 0 \
                       OR coalesce(moved_url, url) ~ '%|[^!-~]' END \
                 ORDER BY source_id LIMIT $6"
            ),
            &parameters![origin_no, after, border, key.as_deref(), host, limit],
        )
        .await?;
    rows.iter().map(|row| Ok((row.try_get(6)?, location(row)?))).collect()
}

/// `LIMIT 1` makes the server look each thread up by its number.
async fn of_record(tx: &Transaction, move_no: i64, after: &Cursor, limit: i64) -> DbResult<Chunk> {
    let rows = tx
        .query(
            &format!(
                "SELECT {LOCATION}, before_url_id, before_url, after_url_id, after_url \
                 FROM (SELECT * FROM moved_threads WHERE move_no = $1 AND thread_no > $2 \
                   ORDER BY thread_no LIMIT $3) AS recorded \
                 CROSS JOIN LATERAL (SELECT * FROM threads WHERE no = recorded.thread_no LIMIT 1) AS threads \
                 ORDER BY thread_no"
            ),
            &parameters![move_no, after.no, limit],
        )
        .await?;
    let mut chunk = Chunk { cursor: after.clone(), ..Chunk::default() };
    chunk.is_last = i64::try_from(rows.len()).is_ok_and(|count| count < limit);
    for row in rows {
        let thread = location(&row)?;
        let before = Moved { url_id: row.try_get(6)?, url: row.try_get(7)? };
        let put = Moved { url_id: row.try_get(8)?, url: row.try_get(9)? };
        chunk.cursor.no = thread.no;
        match moves::back(thread, before, &put) {
            Some(relocation) => chunk.relocations.push(relocation),
            None => chunk.kept += 1,
        }
    }
    Ok(chunk)
}

/// The current state of threads, locked until the transaction ends. In the order in which imports
/// write them.
pub(super) async fn hold(tx: &Transaction, nos: &[i64]) -> DbResult<Vec<ThreadLocation>> {
    let rows = tx
        .query(
            &format!(
                "SELECT {LOCATION} FROM threads WHERE no = ANY ($1) ORDER BY origin_no, source_id FOR NO KEY UPDATE"
            ),
            &parameters![nos.to_vec()],
        )
        .await?;
    rows.iter().map(location).collect()
}

fn location(row: &Row) -> DbResult<ThreadLocation> {
    Ok(ThreadLocation {
        no: row.try_get(0)?,
        page_no: row.try_get(1)?,
        vendors: PageLocation { url_id: row.try_get(2)?, url: row.try_get(3)? },
        moved: Moved { url_id: row.try_get(4)?, url: row.try_get(5)? },
    })
}
