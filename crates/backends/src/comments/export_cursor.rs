//! The way through a snapshot, on either side: which threads come next, and how far the first of them was read.

use std::collections::VecDeque;
use std::sync::Arc;

use rethread_model::{Exported, ExportedComment, ExportedPage, ExportedThread, PageId, Timestamp};

use super::ExportDepth;

/// Threads that are looked up at once.
pub(super) const THREADS: u16 = 1_000;
/// Most comments of a batch.
pub(super) const COMMENTS: u16 = 1_000;

/// A thread on a page.
#[derive(Debug)]
pub(super) struct ThreadRow {
    /// The thread's number in the store.
    pub(super) no: i64,
    pub(super) page: ExportedPage,
    pub(super) thread: ExportedThread,
}

/// The place of a comment within its thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    /// In microseconds.
    pub(super) created_at: Option<i64>,
    pub(super) source_id: String,
}

impl Cursor {
    pub(super) fn of(comment: &ExportedComment) -> Self {
        Self { created_at: comment.created_at.map(Timestamp::as_microsecond), source_id: comment.source_id.clone() }
    }
}

/// What the store is to read next.
#[derive(Debug)]
pub(super) enum NextQuery {
    /// The threads after this one; from the first, where there is none.
    Threads(Option<Arc<ThreadRow>>),
    /// Comments of these threads; of the first, those after the place.
    Comments(Vec<Arc<ThreadRow>>, Option<Cursor>),
    /// Nothing: this is the end.
    Nothing,
}

/// Comments in their order.
#[derive(Debug, Default)]
pub(super) struct Portion {
    /// With the index of their threads in [`NextQuery::Comments`].
    pub(super) comments: Vec<(usize, ExportedComment)>,
    /// So many of the threads were read to their end.
    pub(super) finished: usize,
    /// The last comment that was read of the thread after these, if that was begun.
    pub(super) within: Option<Cursor>,
}

#[derive(Debug, Default)]
pub(super) struct ExportCursor {
    depth: ExportDepth,
    /// Threads whose comments are still to be read.
    ahead: VecDeque<Arc<ThreadRow>>,
    /// How far the first of these was read.
    within: Option<Cursor>,
    /// The thread after which more are to be looked up.
    last: Option<Arc<ThreadRow>>,
    has_all_threads: bool,
    /// The page that was given last.
    page: Option<PageId>,
}

impl ExportCursor {
    pub(super) fn new(depth: ExportDepth) -> Self {
        Self { depth, ..Self::default() }
    }

    pub(super) const fn depth(&self) -> ExportDepth {
        self.depth
    }

    pub(super) fn ask(&self) -> NextQuery {
        if !self.ahead.is_empty() {
            NextQuery::Comments(self.ahead.iter().cloned().collect(), self.within.clone())
        } else if self.has_all_threads {
            NextQuery::Nothing
        } else {
            NextQuery::Threads(self.last.clone())
        }
    }

    /// Takes the threads that were looked up: they are all, if fewer than [`THREADS`].
    pub(super) fn found(&mut self, stops: Vec<ThreadRow>, out: &mut Vec<Exported>) {
        self.has_all_threads = stops.len() < usize::from(THREADS);
        for stop in stops.into_iter().map(Arc::new) {
            self.last = Some(Arc::clone(&stop));
            match self.depth {
                ExportDepth::Threads => self.enter(&stop, out),
                ExportDepth::Comments => self.ahead.push_back(stop),
            }
        }
    }

    /// Takes comments, and gives each thread and page before the first of its own.
    pub(super) fn read(&mut self, portion: Portion, out: &mut Vec<Exported>) {
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
