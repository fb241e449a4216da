//! Links replies to their parents, a whole thread at a time.

use std::collections::{BTreeSet, HashSet};

use rethread_model::{Finding, Position, Reason, Step, Tally, leads_elsewhere};
use rethread_stores::rules::link_cursor::Cursor;
use rethread_stores::rules::reply_graph::{Above, ParentContext, ReplyGraph, StoredComment, ThreadComment};
use rethread_stores::{Checkpoint, Target};
use rusqlite::{OptionalExtension, Transaction, params};

use super::import::{self, Import};
use super::ledger::{self, Ledger, LedgerThread};
use super::{findings, ledgers, threads};
use crate::sqlite::DbResult;

/// Links the next threads of an import, in order of their source ids.
pub(super) fn link(tx: &Transaction<'_>, target: &Target, comments: u32) -> DbResult<Checkpoint> {
    let done = import::checkpoint(tx, &target.scope.account, target.job, Step::Finish)?;
    if done.complete {
        return Ok(done);
    }
    let import = Import::open(tx, target)?;
    let (before, cursor) = import.checkpoint(tx, Step::Finish)?;
    let mut cursor = Cursor::parse(cursor.as_deref());
    let mut tally = before.tally;
    let mut left = comments.max(1) as usize;
    let mut complete = true;
    for ledger in ledgers::all(tx, import.no, &target.scope)? {
        if ledger.no < cursor.ledger_no {
            continue;
        }
        if ledger.no > cursor.ledger_no {
            cursor = Cursor { ledger_no: ledger.no, source_id: String::new() };
        }
        let (ledger, origin_no) = (Ledger::new(tx, ledger.no), ledger.origin_no);
        let mut linker = Linker { tx, import: &import, ledger, origin_no, tally };
        complete = linker.threads(&mut cursor, &mut left)?;
        tally = linker.tally;
        if !complete {
            break;
        }
    }
    if complete {
        for (at, source_id) in ledger::shared(tx, import.no)? {
            let finding = Finding { at, reason: Reason::SharedAddress, source_id: Some(source_id) };
            find(tx, &import, &mut tally, &finding)?;
        }
    }
    let after = Checkpoint { batches: before.batches + 1, complete, tally, ..before };
    import.save(tx, Step::Finish, &after, Some(&cursor.to_string()))?;
    Ok(after)
}

/// Links the threads of one origin.
struct Linker<'a> {
    tx: &'a Transaction<'a>,
    import: &'a Import,
    ledger: Ledger<'a>,
    origin_no: Option<i64>,
    tally: Tally,
}

impl Linker<'_> {
    /// Links threads until about `left` comments have been examined; returns whether there are no
    /// more. Threads count too: an export may contain many without comments.
    fn threads(&mut self, cursor: &mut Cursor, left: &mut usize) -> DbResult<bool> {
        while *left > 0 {
            let Some(thread) = self.ledger.thread_after(&cursor.source_id)? else { return Ok(true) };
            *left = left.saturating_sub(1 + self.thread(&thread)?);
            cursor.source_id = thread.source_id;
        }
        Ok(false)
    }

    /// Links one thread and returns the number of its comments in the file.
    fn thread(&mut self, thread: &LedgerThread) -> DbResult<usize> {
        let comments = self.ledger.comments_of(thread.no)?;
        if comments.is_empty() {
            return Ok(0);
        }
        let stored = match self.origin_no {
            Some(origin_no) => threads::lookup(self.tx, origin_no, &thread.source_id)?,
            None => None,
        };
        let was_described = stored.is_some_and(|(_, is_described)| is_described);
        if !thread.is_described && !was_described {
            for comment in &comments {
                self.find(comment.at, Reason::ThreadNotInFile, &comment.source_id)?;
            }
        }
        if thread.url.as_deref().is_some_and(leads_elsewhere) {
            let first = comments.iter().map(|comment| comment.at).min().unwrap_or_default();
            self.find(first, Reason::PageElsewhere, &thread.source_id)?;
        }
        self.link_replies(&comments, stored.map(|(no, _)| no))?;
        Ok(comments.len())
    }

    fn link_replies(&mut self, comments: &[ThreadComment], stored_thread: Option<i64>) -> DbResult<()> {
        let context = self.parent_context(comments)?;
        let mut found = Vec::new();
        let graph = ReplyGraph::link_replies(comments, stored_thread, &context, &mut found);
        for finding in &found {
            find(self.tx, self.import, &mut self.tally, finding)?;
        }
        for (index, comment) in comments.iter().enumerate() {
            if let Some(no) = comment.comment_no {
                self.set_parent(no, graph.parent_no(index), comment.is_created)?;
            }
        }
        Ok(())
    }

    /// Reads what is known of the parents that are not among the comments themselves.
    fn parent_context(&self, comments: &[ThreadComment]) -> DbResult<ParentContext> {
        let own: HashSet<&str> = comments.iter().map(|comment| comment.source_id.as_str()).collect();
        let parents: BTreeSet<&str> = comments.iter().filter_map(|comment| comment.parent.as_deref()).collect();
        let mut context = ParentContext::default();
        for parent in parents.into_iter().filter(|parent| !own.contains(parent)) {
            let accepted = self.is_accepted(parent)?;
            let stored = if accepted == Some(true) { None } else { self.stored(parent)? };
            match (stored, accepted) {
                // This includes comments that the file has and leaves out, because an earlier
                // import brought them.
                (Some(stored), _) => {
                    context.stored.insert(parent.to_owned(), stored);
                    self.climb(stored.no, &mut context)?;
                }
                (None, Some(is_accepted)) => {
                    context.in_file.insert(parent.to_owned(), is_accepted);
                }
                (None, None) => {}
            }
        }
        Ok(context)
    }

    /// Adds the parents of a stored comment, up to the top of its thread.
    fn climb(&self, from: i64, context: &mut ParentContext) -> DbResult<()> {
        let mut child = from;
        while !context.above.contains_key(&child) {
            let Some((no, source_id, is_on_thread)) = self.stored_parent(child)? else { return Ok(()) };
            let is_accepted = self.is_accepted(&source_id)? == Some(true);
            context.above.insert(child, Above { no, source_id, is_on_thread, is_accepted });
            if is_accepted || !is_on_thread {
                return Ok(());
            }
            child = no;
        }
        Ok(())
    }

    /// Whether the file's comment with this id is accepted; `None` if the file has none.
    fn is_accepted(&self, source_id: &str) -> DbResult<Option<bool>> {
        Ok(self.ledger.find(source_id)?.map(|entry| entry.taken.is_some()))
    }

    /// The numbers of a stored comment and of its thread.
    fn stored(&self, source_id: &str) -> DbResult<Option<StoredComment>> {
        let mut statement =
            self.tx.prepare_cached("SELECT no, thread_no FROM comments WHERE origin_no = ?1 AND source_id = ?2")?;
        let found = statement.query_row(params![self.origin_no, source_id], |row| {
            Ok(StoredComment { no: row.get(0)?, thread_no: row.get(1)? })
        });
        Ok(found.optional()?)
    }

    /// The number and source id of a stored comment's parent, and whether both are stored on the
    /// same thread.
    fn stored_parent(&self, comment_no: i64) -> DbResult<Option<(i64, String, bool)>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT parents.no, parents.source_id, parents.thread_no = comments.thread_no FROM replies \
               JOIN comments ON comments.no = replies.comment_no JOIN comments AS parents ON parents.no = replies.parent_no \
             WHERE replies.comment_no = ?1",
        )?;
        let found = statement.query_row([comment_no], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        Ok(found.optional()?)
    }

    /// Writes a link unless it is already stored.
    fn set_parent(&self, comment_no: i64, parent_no: Option<i64>, is_created: bool) -> DbResult<()> {
        match parent_no {
            Some(parent_no) => self
                .tx
                .prepare_cached(
                    "INSERT INTO replies (comment_no, parent_no) VALUES (?1, ?2) \
                     ON CONFLICT (comment_no) DO UPDATE SET parent_no = ?2 WHERE parent_no <> ?2",
                )?
                .execute(params![comment_no, parent_no])?,
            // A comment that this import created has no link yet.
            None if is_created => 0,
            None => self.tx.prepare_cached("DELETE FROM replies WHERE comment_no = ?1")?.execute([comment_no])?,
        };
        Ok(())
    }

    fn find(&mut self, at: Position, reason: Reason, source_id: &str) -> DbResult<()> {
        let finding = Finding { at, reason, source_id: Some(source_id.to_owned()) };
        find(self.tx, self.import, &mut self.tally, &finding)
    }
}

/// Stores a finding, and counts it if it is new.
fn find(tx: &Transaction<'_>, import: &Import, tally: &mut Tally, finding: &Finding) -> DbResult<()> {
    if findings::add(tx, import.no, finding)? {
        tally.found(finding);
    }
    Ok(())
}
