//! Which replies of a thread are linked to which parents. Pure: from what was read to the parent of
//! each comment.

use std::collections::{BTreeMap, HashMap};

use rethread_model::{Finding, Position, Reason};

use super::circle::{self, Node};

/// An accepted comment of the file.
#[derive(Debug)]
pub struct ThreadComment {
    /// Its source id.
    pub source_id: String,
    /// Where it is in the file.
    pub at: Position,
    /// The source id of its parent.
    pub parent: Option<String>,
    /// The number of its row; `None` in a dry run.
    pub comment_no: Option<i64>,
    /// Whether this import created it.
    pub is_created: bool,
}

/// What is known of parents.
#[derive(Debug, Default)]
pub struct ParentContext {
    /// Comments in the file, and whether they are accepted.
    pub in_file: BTreeMap<String, bool>,
    /// Comments in the store that the file lacks or leaves out.
    pub stored: BTreeMap<String, StoredComment>,
    /// The parent of a stored comment, by its number.
    pub above: BTreeMap<i64, Above>,
}

/// A comment that this file does not bring.
#[derive(Debug, Clone, Copy)]
pub struct StoredComment {
    /// Its row.
    pub no: i64,
    /// The row of its thread.
    pub thread_no: i64,
}

/// The parent of a stored comment.
#[derive(Debug)]
pub struct Above {
    /// Its row.
    pub no: i64,
    /// Its source id.
    pub source_id: String,
    /// Whether both are stored on the same thread.
    pub is_on_thread: bool,
    /// Whether the file has it, and it was accepted.
    pub is_accepted: bool,
}

/// The nodes of a thread: first the comments of the file, then those that only the store has.
pub struct ReplyGraph<'a> {
    nodes: Vec<Node>,
    /// The row number of each node; `None` for what is not stored in a dry run.
    comment_nos: Vec<Option<i64>>,
    of_file: HashMap<&'a str, usize>,
    of_store: HashMap<&'a str, usize>,
    stored_thread: Option<i64>,
    around: &'a ParentContext,
}

impl<'a> ReplyGraph<'a> {
    /// Links the comments of a thread, and records a finding for each reply that becomes a
    /// top-level comment. `stored_thread` is the row of the thread, if it is stored.
    pub fn link_replies(
        comments: &'a [ThreadComment],
        stored_thread: Option<i64>,
        around: &'a ParentContext,
        found: &mut Vec<Finding>,
    ) -> Self {
        let mut find = |comment: &ThreadComment, reason: Reason| {
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
            // Stored comments form no circles, so the cut is at a comment of the file.
            if let Some(comment) = comments.get(cut) {
                find(comment, Reason::ParentCycle);
            }
        }
        graph
    }

    /// The row of the parent of a comment of the file, which is named by its index. `None` for a
    /// top-level comment, and in a dry run if the parent is not stored.
    #[must_use]
    pub fn parent_no(&self, index: usize) -> Option<i64> {
        self.nodes[index].parent.and_then(|parent| self.comment_nos[parent])
    }

    /// The node of a parent, or why the reply cannot be linked to it.
    fn resolve(&mut self, parent: &'a str) -> Result<usize, Reason> {
        if let Some(node) = self.of_file.get(parent).or_else(|| self.of_store.get(parent)) {
            return Ok(*node);
        }
        match (self.around.in_file.get(parent), self.around.stored.get(parent)) {
            (Some(false), _) => Err(Reason::ParentNotImported),
            (None, None) => Err(Reason::ParentNotInFile),
            (None, Some(stored)) if Some(stored.thread_no) == self.stored_thread => Ok(self.climb(parent, stored.no)),
            // Accepted or stored, but on another thread.
            (Some(true), _) | (None, Some(_)) => Err(Reason::ParentElsewhere),
        }
    }

    /// Adds a comment that only the store has, and its ancestors up to the first known node: an
    /// earlier import may have put it below a comment of this file.
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
            if above.is_accepted || !above.is_on_thread {
                // According to this file or an earlier one, it is on another thread, so the link is
                // invalid.
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
