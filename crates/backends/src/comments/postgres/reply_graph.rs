//! A thread while its replies are linked. Pure: from what was read to which comment stands below which.

use std::collections::{BTreeMap, HashMap};

use rethread_model::{Finding, Position, Reason};

use super::super::circle::{self, Node};

/// A comment of the file that is stored, or would be.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) source_id: String,
    pub(super) at: Position,
    pub(super) parent: Option<String>,
    /// In the comments; `None` in a dry run.
    pub(super) comment_no: Option<i64>,
    /// This import created it.
    pub(super) is_created: bool,
}

/// What is known of parents.
#[derive(Debug, Default)]
pub(super) struct ParentContext {
    /// Comments that the file holds, and whether they are to be stored.
    pub(super) in_file: BTreeMap<String, bool>,
    /// Those that the store has, and the file either lacks or leaves out.
    pub(super) stored: BTreeMap<String, StoredComment>,
    /// What a stored comment answers, by its number.
    pub(super) above: BTreeMap<i64, Above>,
}

/// A comment that this file does not bring.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoredComment {
    pub(super) no: i64,
    pub(super) thread_no: i64,
}

/// What a stored comment answers.
#[derive(Debug)]
pub(super) struct Above {
    pub(super) no: i64,
    pub(super) source_id: String,
    /// Both are stored on one thread.
    pub(super) is_on_thread: bool,
    /// The file holds it, too.
    pub(super) is_taken: bool,
}

/// A thread: first the comments of the file, then those that only the store has.
pub(super) struct ReplyGraph<'a> {
    nodes: Vec<Node>,
    /// Numbers in the comments, of each node; `None` in a dry run for what is not stored.
    comment_nos: Vec<Option<i64>>,
    of_file: HashMap<&'a str, usize>,
    of_store: HashMap<&'a str, usize>,
    stored_thread: Option<i64>,
    around: &'a ParentContext,
}

impl<'a> ReplyGraph<'a> {
    /// Ties the comments of a thread; whatever stands at the top for another reason than that it answers nothing is found.
    pub(super) fn link_replies(
        comments: &'a [Entry],
        stored_thread: Option<i64>,
        around: &'a ParentContext,
        found: &mut Vec<Finding>,
    ) -> Self {
        let mut find = |comment: &Entry, reason: Reason| {
            found.push(Finding { at: comment.at, reason, source_id: Some(comment.source_id.clone()) });
        };
        let mut graph = Self {
            nodes: comments.iter().map(|comment| Node { at: Some(comment.at), parent: None }).collect(),
            comment_nos: comments.iter().map(|comment| comment.comment_no).collect(),
            of_file: comments.iter().enumerate().map(|(i, comment)| (comment.source_id.as_str(), i)).collect(),
            of_store: HashMap::new(),
            stored_thread,
            around,
        };
        for (index, comment) in comments.iter().enumerate() {
            let Some(parent) = comment.parent.as_deref() else { continue };
            match graph.resolve(parent) {
                Ok(parent) => graph.nodes[index].parent = Some(parent),
                Err(reason) => find(comment, reason),
            }
        }
        for cut in circle::cuts(&graph.nodes) {
            graph.nodes[cut].parent = None;
            // What is stored has no circles, so that it is a comment of the file.
            if let Some(comment) = comments.get(cut) {
                find(comment, Reason::ParentCycle);
            }
        }
        graph
    }

    /// The number of what a comment of the file answers.
    pub(super) fn parent_no(&self, index: usize) -> Option<i64> {
        self.nodes[index].parent.and_then(|parent| self.comment_nos[parent])
    }

    /// The node of a parent, or why the reply cannot stand below it.
    fn resolve(&mut self, parent: &'a str) -> Result<usize, Reason> {
        if let Some(node) = self.of_file.get(parent).or_else(|| self.of_store.get(parent)) {
            return Ok(*node);
        }
        match (self.around.in_file.get(parent), self.around.stored.get(parent)) {
            (Some(false), _) => Err(Reason::ParentNotImported),
            (None, None) => Err(Reason::ParentNotInFile),
            (None, Some(stored)) if Some(stored.thread_no) == self.stored_thread => Ok(self.climb(parent, stored.no)),
            (Some(true), _) | (None, Some(_)) => Err(Reason::ParentElsewhere),
        }
    }

    /// Adds a comment that only the store has, and what it answers, up to the first that is known: an earlier import may
    /// have put it below a comment of this file.
    fn climb(&mut self, source_id: &'a str, no: i64) -> usize {
        let around = self.around;
        let first = self.add_stored(source_id, no);
        let (mut child, mut child_no) = (first, no);
        while let Some(above) = around.above.get(&child_no) {
            let source_id = above.source_id.as_str();
            if let Some(known) = self.of_file.get(source_id).or_else(|| self.of_store.get(source_id)) {
                self.nodes[child].parent = Some(*known);
                break;
            }
            if above.is_taken || !above.is_on_thread {
                // By this file or an earlier one it is on another thread, so that the link does not hold.
                break;
            }
            let node = self.add_stored(source_id, above.no);
            self.nodes[child].parent = Some(node);
            (child, child_no) = (node, above.no);
        }
        first
    }

    fn add_stored(&mut self, source_id: &'a str, no: i64) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { at: None, parent: None });
        self.comment_nos.push(Some(no));
        self.of_store.insert(source_id, node);
        node
    }
}
