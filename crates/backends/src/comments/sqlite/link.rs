//! Linking replies to what they answer, a whole thread at a time.

use std::collections::HashMap;

use rethread_model::{Finding, Outcome, Position, Reason, Step, Tally, leads_elsewhere};
use rusqlite::{OptionalExtension, Transaction, params};

use super::super::link_cursor::Cursor;
use super::circle::{self, Node};
use super::import::{self, Import};
use super::ledger::{self, AcceptedComment, Entry, Ledger, LedgerThread};
use super::{findings, ledgers, threads};
use crate::sqlite::DbResult;
use crate::{Checkpoint, Target};

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
            find(tx, &import, &mut tally, at, Reason::SharedAddress, source_id)?;
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

/// A thread while its replies are linked: first the comments of the file, then those that only the store has.
struct ReplyGraph {
    nodes: Vec<Node>,
    /// Numbers in the comments, of each node; `None` in a dry run for what is not stored.
    comment_nos: Vec<Option<i64>>,
    of_file: HashMap<String, usize>,
    of_store: HashMap<String, usize>,
    stored_thread: Option<i64>,
}

impl Linker<'_> {
    /// Links threads until about so many comments were looked at; whether there are no more. Threads count too: an export may
    /// hold many that nobody commented on.
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

    fn link_replies(&mut self, comments: &[Entry], stored_thread: Option<i64>) -> DbResult<()> {
        let mut graph = ReplyGraph::new(comments, stored_thread);
        for (index, comment) in comments.iter().enumerate() {
            let Some(parent) = parent_of(comment) else { continue };
            match self.resolve(&mut graph, parent)? {
                Ok(parent) => graph.nodes[index].parent = Some(parent),
                Err(reason) => self.find(comment.at, reason, &comment.source_id)?,
            }
        }
        for cut in circle::cuts(&graph.nodes) {
            graph.nodes[cut].parent = None;
            self.find(comments[cut].at, Reason::ParentCycle, &comments[cut].source_id)?;
        }
        for (index, comment) in comments.iter().enumerate() {
            if let Some(AcceptedComment { comment_no: Some(no), outcome, .. }) = comment.taken {
                let parent = graph.nodes[index].parent.and_then(|parent| graph.comment_nos[parent]);
                self.set_parent(no, parent, outcome)?;
            }
        }
        Ok(())
    }

    /// The node of a parent, or why the reply cannot stand below it.
    fn resolve(&self, graph: &mut ReplyGraph, parent: &str) -> DbResult<Result<usize, Reason>> {
        if let Some(node) = graph.of_file.get(parent) {
            return Ok(Ok(*node));
        }
        let in_file = self.ledger.find(parent)?;
        if in_file.as_ref().is_some_and(|entry| entry.taken.is_some()) {
            return Ok(Err(Reason::ParentElsewhere));
        }
        if let Some(node) = graph.of_store.get(parent) {
            return Ok(Ok(*node));
        }
        match self.stored(parent)? {
            None if in_file.is_some() => Ok(Err(Reason::ParentNotImported)),
            None => Ok(Err(Reason::ParentNotInFile)),
            Some((no, thread_no)) if Some(thread_no) == graph.stored_thread => Ok(Ok(self.climb(graph, parent, no)?)),
            Some(_) => Ok(Err(Reason::ParentElsewhere)),
        }
    }

    /// Adds a comment that only the store has, and what it answers, up to the first that is known: an earlier import may
    /// have put it below a comment of this file.
    fn climb(&self, graph: &mut ReplyGraph, source_id: &str, no: i64) -> DbResult<usize> {
        let first = graph.add_stored(source_id.to_owned(), no);
        let (mut child, mut child_no) = (first, no);
        while let Some((parent_no, parent, is_on_thread)) = self.stored_parent(child_no)? {
            if let Some(known) = graph.of_file.get(&parent).or_else(|| graph.of_store.get(&parent)) {
                graph.nodes[child].parent = Some(*known);
                break;
            }
            let is_taken = self.ledger.find(&parent)?.is_some_and(|entry| entry.taken.is_some());
            if is_taken || !is_on_thread {
                // By this file or an earlier one it is on another thread, so that the link does not hold.
                break;
            }
            let node = graph.add_stored(parent, parent_no);
            graph.nodes[child].parent = Some(node);
            (child, child_no) = (node, parent_no);
        }
        Ok(first)
    }

    /// The numbers of a stored comment and of its thread.
    fn stored(&self, source_id: &str) -> DbResult<Option<(i64, i64)>> {
        let mut statement =
            self.tx.prepare_cached("SELECT no, thread_no FROM comments WHERE origin_no = ?1 AND source_id = ?2")?;
        let found = statement.query_row(params![self.origin_no, source_id], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(found.optional()?)
    }

    /// The number and source id of what a stored comment answers, and whether both are stored on one thread.
    fn stored_parent(&self, comment_no: i64) -> DbResult<Option<(i64, String, bool)>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT parents.no, parents.source_id, parents.thread_no = comments.thread_no FROM replies \
               JOIN comments ON comments.no = replies.comment_no JOIN comments AS parents ON parents.no = replies.parent_no \
             WHERE replies.comment_no = ?1",
        )?;
        let found = statement.query_row([comment_no], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        Ok(found.optional()?)
    }

    /// Writes a link unless it is stored like this already.
    fn set_parent(&self, comment_no: i64, parent_no: Option<i64>, outcome: Outcome) -> DbResult<()> {
        match parent_no {
            Some(parent_no) => self
                .tx
                .prepare_cached(
                    "INSERT INTO replies (comment_no, parent_no) VALUES (?1, ?2) \
                     ON CONFLICT (comment_no) DO UPDATE SET parent_no = ?2 WHERE parent_no <> ?2",
                )?
                .execute(params![comment_no, parent_no])?,
            // There is no link of a comment that this import created.
            None if outcome == Outcome::Created => 0,
            None => self.tx.prepare_cached("DELETE FROM replies WHERE comment_no = ?1")?.execute([comment_no])?,
        };
        Ok(())
    }

    fn find(&mut self, at: Position, reason: Reason, source_id: &str) -> DbResult<()> {
        find(self.tx, self.import, &mut self.tally, at, reason, source_id.to_owned())
    }
}

/// Notes a finding, and counts it unless it was noted before.
fn find(
    tx: &Transaction<'_>,
    import: &Import,
    tally: &mut Tally,
    at: Position,
    reason: Reason,
    source_id: String,
) -> DbResult<()> {
    let finding = Finding { at, reason, source_id: Some(source_id) };
    if findings::add(tx, import.no, &finding)? {
        tally.found(&finding);
    }
    Ok(())
}

impl ReplyGraph {
    fn new(comments: &[Entry], stored_thread: Option<i64>) -> Self {
        let number = |comment: &Entry| comment.taken.as_ref().and_then(|taken| taken.comment_no);
        Self {
            nodes: comments.iter().map(|comment| Node { at: Some(comment.at), parent: None }).collect(),
            comment_nos: comments.iter().map(number).collect(),
            of_file: comments.iter().enumerate().map(|(i, comment)| (comment.source_id.clone(), i)).collect(),
            of_store: HashMap::new(),
            stored_thread,
        }
    }

    fn add_stored(&mut self, source_id: String, no: i64) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { at: None, parent: None });
        self.comment_nos.push(Some(no));
        self.of_store.insert(source_id, node);
        node
    }
}

fn parent_of(comment: &Entry) -> Option<&str> {
    comment.taken.as_ref().and_then(|taken| taken.parent.as_deref())
}
