//! The cursor of a snapshot, for both databases: which threads come next, and how far the first of
//! them was read.

use std::collections::VecDeque;
use std::sync::Arc;

use rethread_model::{Exported, ExportedComment, ExportedPage, ExportedThread, PageId, Timestamp};

use crate::ExportDepth;

/// The number of threads looked up at a time.
pub const THREADS: u16 = 1_000;
/// The maximum number of comments in a batch.
pub const COMMENTS: u16 = 1_000;

/// A thread on a page.
#[derive(Debug)]
pub struct ThreadRow {
    /// The thread's number in the store.
    pub no: i64,
    /// Its page.
    pub page: ExportedPage,
    /// The thread.
    pub thread: ExportedThread,
}

/// The position of a comment within its thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When it was written, in microseconds since 1970.
    pub created_at: Option<i64>,
    /// The comment's source id.
    pub source_id: String,
}

impl Cursor {
    /// The position of a comment.
    pub fn of(comment: &ExportedComment) -> Self {
        Self { created_at: comment.created_at.map(Timestamp::as_microsecond), source_id: comment.source_id.clone() }
    }
}

/// What the store must read next.
#[derive(Debug)]
pub enum NextQuery {
    /// The threads after this one, or from the first.
    Threads(Option<Arc<ThreadRow>>),
    /// Comments of these threads; of the first thread, those after the cursor.
    Comments(Vec<Arc<ThreadRow>>, Option<Cursor>),
    /// Nothing: this is the end.
    Nothing,
}

/// The answer to [`NextQuery::Comments`]: comments in their order.
#[derive(Debug, Default)]
pub struct Portion {
    /// With the index of their thread in [`NextQuery::Comments`].
    pub comments: Vec<(usize, ExportedComment)>,
    /// The number of threads that were read to their end.
    pub finished: usize,
    /// The last comment read of the next thread, if that was started.
    pub within: Option<Cursor>,
}

/// How far an export has read.
#[derive(Debug, Default)]
pub struct ExportCursor {
    depth: ExportDepth,
    /// Threads whose comments are not read yet.
    ahead: VecDeque<Arc<ThreadRow>>,
    /// How far the first of them was read.
    within: Option<Cursor>,
    /// The thread after which the next ones are looked up.
    last: Option<Arc<ThreadRow>>,
    has_all_threads: bool,
    /// The last page returned.
    page: Option<PageId>,
}

impl ExportCursor {
    /// The start of a pass.
    #[must_use]
    pub fn new(depth: ExportDepth) -> Self {
        Self { depth, ..Self::default() }
    }

    /// The depth of the pass.
    #[must_use]
    pub const fn depth(&self) -> ExportDepth {
        self.depth
    }

    /// What to read next.
    #[must_use]
    pub fn next_query(&self) -> NextQuery {
        if !self.ahead.is_empty() {
            NextQuery::Comments(self.ahead.iter().cloned().collect(), self.within.clone())
        } else if self.has_all_threads {
            NextQuery::Nothing
        } else {
            NextQuery::Threads(self.last.clone())
        }
    }

    /// Adds the threads that were looked up. If there are fewer than [`THREADS`], they are the
    /// last.
    pub fn found(&mut self, stops: Vec<ThreadRow>, out: &mut Vec<Exported>) {
        self.has_all_threads = stops.len() < usize::from(THREADS);
        for stop in stops.into_iter().map(Arc::new) {
            self.last = Some(Arc::clone(&stop));
            match self.depth {
                ExportDepth::Threads => self.enter(&stop, out),
                ExportDepth::Comments => self.ahead.push_back(stop),
            }
        }
    }

    /// Adds comments, and emits each thread and page before its first comment.
    pub fn read(&mut self, portion: Portion, out: &mut Vec<Exported>) {
        // A thread that was already started was emitted with an earlier portion.
        let mut entered = self.within.is_some().then_some(0);
        for (index, comment) in portion.comments {
            if entered != Some(index) {
                entered = Some(index);
                if let Some(stop) = self.ahead.get(index).cloned() {
                    self.enter(&stop, out);
                }
            }
            out.push(Exported::Comment(Box::new(comment)));
        }
        self.ahead.drain(..portion.finished);
        self.within = portion.within;
    }

    fn enter(&mut self, stop: &ThreadRow, out: &mut Vec<Exported>) {
        if self.page != Some(stop.page.id) {
            self.page = Some(stop.page.id);
            out.push(Exported::Page(stop.page.clone()));
        }
        out.push(Exported::Thread(stop.thread.clone()));
    }
}
