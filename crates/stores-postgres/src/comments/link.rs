//! Links replies to their parents, a few whole threads at a time.

use std::collections::BTreeMap;

use rethread_model::{Finding, Position, Reason, Step, Tally, leads_elsewhere};
use rethread_stores::rules::link_cursor::Cursor;
use rethread_stores::rules::reply_graph::{ReplyGraph, ThreadComment};
use rethread_stores::stored_value::unsigned;
use rethread_stores::{Checkpoint, Target};

use super::import::{self, Import};
use super::ledgers::{self, LedgerOf};
use super::{findings, ledger, parent_context, threads};
use crate::postgres::{DbResult, Transaction, parameters};

/// The maximum number of threads examined in one transaction.
const THREADS: i64 = 1_000;

/// A thread of the file.
struct LedgerThread {
    no: i64,
    source_id: String,
    /// Whether the file describes it.
    is_described: bool,
    /// The page's address, if the file has it.
    url: Option<String>,
    /// The number of accepted comments in the file.
    comments: usize,
}

/// Links the next threads of an import, in order of their source ids.
pub(super) async fn link(tx: &Transaction, target: &Target, comments: u32) -> DbResult<Checkpoint> {
    let done = import::checkpoint(tx, &target.scope.account, target.job, Step::Finish).await?;
    if done.complete {
        return Ok(done);
    }
    let import = Import::open(tx, target).await?;
    let (before, cursor) = import.checkpoint(tx, Step::Finish).await?;
    if before.complete {
        return Ok(before);
    }
    let mut cursor = Cursor::parse(cursor.as_deref());
    let mut tally = before.tally.clone();
    let mut ledgers = ledgers::all(tx, import.no, &target.scope).await?;
    ledgers.retain(|ledger| ledger.no >= cursor.ledger_no);
    let mut complete = ledgers.is_empty();
    if let Some(ledger) = ledgers.first() {
        if ledger.no > cursor.ledger_no {
            cursor = Cursor { ledger_no: ledger.no, source_id: String::new() };
        }
        let (next, is_end) = next_threads(tx, &cursor, comments as usize).await?;
        link_threads(tx, target, ThreadPage { import_no: import.no, ledger: *ledger }, &next, &mut tally).await?;
        if let Some(last) = next.into_iter().next_back() {
            cursor.source_id = last.source_id;
        }
        match ledgers.get(1) {
            Some(following) if is_end => cursor = Cursor { ledger_no: following.no, source_id: String::new() },
            _ => complete = is_end,
        }
    }
    if complete {
        findings::add(tx, import.no, &ledger::shared_addresses(tx, import.no).await?, &mut tally).await?;
    }
    let after = Checkpoint { batches: before.batches + 1, complete, tally, ..before };
    import.save(tx, Step::Finish, &after, Some(&cursor.to_string())).await?;
    Ok(after)
}

/// At least one thread, and as many as have about `comments` comments; and whether they are the
/// last. Threads count too: an export may contain many without comments.
async fn next_threads(tx: &Transaction, cursor: &Cursor, comments: usize) -> DbResult<(Vec<LedgerThread>, bool)> {
    let rows = tx
        .query(
            "SELECT no, source_id, fingerprint IS NOT NULL, url, \
               (SELECT count(*) FROM ledger_comments WHERE ledger_comments.thread_no = next.no) \
             FROM (SELECT * FROM ledger_threads WHERE ledger_no = $1 AND source_id > $2 ORDER BY source_id LIMIT $3) \
               AS next ORDER BY source_id",
            // Source ids are never empty.
            &parameters![cursor.ledger_no, cursor.source_id.as_str(), THREADS],
        )
        .await?;
    let is_end = (rows.len() as u64) < THREADS.unsigned_abs();
    let mut next = Vec::new();
    let mut looked_at = 0;
    for row in rows {
        if looked_at >= comments && !next.is_empty() {
            return Ok((next, false));
        }
        let thread = LedgerThread {
            no: row.try_get(0)?,
            source_id: row.try_get(1)?,
            is_described: row.try_get(2)?,
            url: row.try_get(3)?,
            comments: unsigned(row.try_get(4)?)?,
        };
        looked_at += 1 + thread.comments;
        next.push(thread);
    }
    Ok((next, is_end))
}

/// The origin whose threads are linked.
#[derive(Clone, Copy)]
struct ThreadPage {
    import_no: i64,
    ledger: LedgerOf,
}

async fn link_threads(
    tx: &Transaction,
    target: &Target,
    ThreadPage { import_no, ledger }: ThreadPage,
    next: &[LedgerThread],
    tally: &mut Tally,
) -> DbResult<()> {
    let with_comments: Vec<&LedgerThread> = next.iter().filter(|thread| thread.comments > 0).collect();
    if with_comments.is_empty() {
        return Ok(());
    }
    let source_ids: Vec<&str> = with_comments.iter().map(|thread| thread.source_id.as_str()).collect();
    let stored = match ledger.origin_no {
        Some(origin_no) => threads::lookup(tx, origin_no, &source_ids).await?,
        None => BTreeMap::new(),
    };
    let nos: Vec<i64> = with_comments.iter().map(|thread| thread.no).collect();
    let mut comments = parent_context::comments_of(tx, ledger.no, &nos).await?;
    let all: Vec<&ThreadComment> = comments.values().flatten().collect();
    let around = parent_context::read(tx, ledger, &all).await?;
    drop(all);

    let mut found = Vec::new();
    let mut links = Links::default();
    for thread in with_comments {
        let comments = comments.remove(&thread.no).unwrap_or_default();
        let stored = stored.get(&thread.source_id);
        examine(thread, &comments, stored.is_some_and(|(_, is_described)| *is_described), &mut found);
        let graph = ReplyGraph::link_replies(&comments, stored.map(|(no, _)| *no), &around, &mut found);
        links.collect(&comments, &graph);
    }
    findings::add(tx, import_no, &found, tally).await?;
    if target.dry_run { Ok(()) } else { links.write(tx).await }
}

/// Records the findings about a thread as a whole.
fn examine(thread: &LedgerThread, comments: &[ThreadComment], was_described: bool, found: &mut Vec<Finding>) {
    let mut find = |at: Position, reason: Reason, source_id: &str| {
        found.push(Finding { at, reason, source_id: Some(source_id.to_owned()) });
    };
    if !thread.is_described && !was_described {
        for comment in comments {
            find(comment.at, Reason::ThreadNotInFile, &comment.source_id);
        }
    }
    if thread.url.as_deref().is_some_and(leads_elsewhere) {
        let first = comments.iter().map(|comment| comment.at).min().unwrap_or_default();
        find(first, Reason::PageElsewhere, &thread.source_id);
    }
}

/// What to write: the number of each comment and of its parent.
#[derive(Default)]
struct Links {
    set: BTreeMap<i64, i64>,
    unset: Vec<i64>,
}

impl Links {
    fn collect(&mut self, comments: &[ThreadComment], graph: &ReplyGraph<'_>) {
        for (index, comment) in comments.iter().enumerate() {
            match (comment.comment_no, graph.parent_no(index)) {
                (Some(no), Some(parent_no)) => {
                    self.set.insert(no, parent_no);
                }
                // A comment that this import created has no link yet.
                (Some(no), None) if !comment.is_created => self.unset.push(no),
                _ => {}
            }
        }
    }

    async fn write(self, tx: &Transaction) -> DbResult<()> {
        if !self.set.is_empty() {
            let (children, parents): (Vec<i64>, Vec<i64>) = self.set.into_iter().unzip();
            tx.execute(
                "INSERT INTO replies (comment_no, parent_no) \
                 SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS new (child, parent) ORDER BY child \
                 ON CONFLICT (comment_no) DO UPDATE SET parent_no = EXCLUDED.parent_no \
                 WHERE replies.parent_no <> EXCLUDED.parent_no",
                &parameters![children, parents],
            )
            .await?;
        }
        if !self.unset.is_empty() {
            tx.execute("DELETE FROM replies WHERE comment_no = ANY ($1)", &parameters![self.unset]).await?;
        }
        Ok(())
    }
}
