//! Reads what is needed to link a few threads, in a few statements however many replies there are.

use std::collections::{BTreeMap, BTreeSet};

use rethread_model::{Outcome, Position};
use rethread_stores::rules::reply_graph::{Above, ParentContext, StoredComment, ThreadComment};
use rethread_stores::stored_value::unsigned;

use super::ledgers::LedgerOf;
use crate::postgres::{DbResult, Transaction, parameters};

/// The accepted comments of threads of the ledger.
pub(super) async fn comments_of(
    tx: &Transaction,
    ledger_no: i64,
    thread_nos: &[i64],
) -> DbResult<BTreeMap<i64, Vec<ThreadComment>>> {
    let rows = tx
        .query(
            "SELECT thread_no, source_id, part, byte, parent, comment_no, outcome = $3 FROM ledger_comments \
             WHERE thread_no = ANY ($2) AND ledger_no = $1",
            &parameters![ledger_no, thread_nos.to_vec(), Outcome::Created.as_str()],
        )
        .await?;
    let mut comments: BTreeMap<i64, Vec<ThreadComment>> = BTreeMap::new();
    for row in rows {
        let entry = ThreadComment {
            source_id: row.try_get(1)?,
            at: Position { part: unsigned(row.try_get(2)?)?, offset: unsigned(row.try_get(3)?)? },
            parent: row.try_get(4)?,
            comment_no: row.try_get(5)?,
            is_created: row.try_get(6)?,
        };
        comments.entry(row.try_get(0)?).or_default().push(entry);
    }
    Ok(comments)
}

/// What is known of the parents that are not among the comments themselves.
pub(super) async fn read(tx: &Transaction, ledger: LedgerOf, comments: &[&ThreadComment]) -> DbResult<ParentContext> {
    // A comment of another of these threads cannot be a parent, but must be known for the finding,
    // so all parents are looked up.
    let parents: BTreeSet<&str> = comments.iter().filter_map(|comment| comment.parent.as_deref()).collect();
    let mut around = ParentContext::default();
    if parents.is_empty() {
        return Ok(around);
    }
    let rows = tx
        .query(
            // Looked up one by one; see `ledger::known`.
            "SELECT id, ledger.part IS NOT NULL, ledger.thread_no IS NOT NULL, comments.no, comments.thread_no \
             FROM unnest($3::text[]) AS given (id) \
               LEFT JOIN LATERAL (\
                 SELECT part, thread_no FROM ledger_comments WHERE ledger_no = $1 AND source_id = id LIMIT 1) AS ledger \
               ON TRUE \
               LEFT JOIN LATERAL (\
                 SELECT no, thread_no FROM comments WHERE origin_no = $2 AND source_id = id LIMIT 1) AS comments \
               ON TRUE \
             WHERE ledger.part IS NOT NULL OR comments.no IS NOT NULL",
            &parameters![ledger.no, ledger.origin_no, parents.into_iter().collect::<Vec<_>>()],
        )
        .await?;
    for row in rows {
        let (id, is_in_file, is_accepted): (String, bool, bool) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        match row.try_get::<_, Option<i64>>(3)? {
            // This includes comments that the file has and leaves out, because an earlier import
            // brought them.
            Some(no) if !is_accepted => {
                around.stored.insert(id, StoredComment { no, thread_no: row.try_get(4)? });
            }
            _ if is_in_file => {
                around.in_file.insert(id, is_accepted);
            }
            _ => {}
        }
    }
    let only_stored: Vec<i64> = around.stored.values().map(|stored| stored.no).collect();
    if !only_stored.is_empty() {
        climb(tx, ledger, only_stored, &mut around).await?;
    }
    Ok(around)
}

/// Adds the parents of stored comments, up to the top of their threads.
async fn climb(tx: &Transaction, ledger: LedgerOf, from: Vec<i64>, around: &mut ParentContext) -> DbResult<()> {
    let rows = tx
        .query(
            "WITH RECURSIVE up (child, parent, is_on_thread) AS (\
               SELECT replies.comment_no, replies.parent_no, children.thread_no = parents.thread_no \
               FROM replies JOIN comments AS children ON children.no = replies.comment_no \
                 JOIN comments AS parents ON parents.no = replies.parent_no \
               WHERE replies.comment_no = ANY ($2) \
               UNION \
               SELECT replies.comment_no, replies.parent_no, children.thread_no = parents.thread_no \
               FROM up JOIN replies ON replies.comment_no = up.parent AND up.is_on_thread \
                 JOIN comments AS children ON children.no = replies.comment_no \
                 JOIN comments AS parents ON parents.no = replies.parent_no) \
             SELECT up.child, up.parent, comments.source_id, up.is_on_thread, \
               EXISTS (SELECT 1 FROM ledger_comments AS ledger WHERE ledger.ledger_no = $1 \
                 AND ledger.source_id = comments.source_id AND ledger.thread_no IS NOT NULL) \
             FROM up JOIN comments ON comments.no = up.parent",
            &parameters![ledger.no, from],
        )
        .await?;
    for row in rows {
        let above = Above {
            no: row.try_get(1)?,
            source_id: row.try_get(2)?,
            is_on_thread: row.try_get(3)?,
            is_accepted: row.try_get(4)?,
        };
        around.above.insert(row.try_get(0)?, above);
    }
    Ok(())
}
