//! Moves of threads to other pages.

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{AccountId, JobId, MoveTally, Moving};

use crate::Result;

/// What a move would do at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MovePreview {
    /// The counts.
    pub tally: MoveTally,
    /// The first [`MovePreview::PAGES`] pages with comments that threads would leave, by key.
    pub pages: Vec<MovedPage>,
}

impl MovePreview {
    /// The maximum number of pages in [`MovePreview::pages`].
    pub const PAGES: usize = 20;
}

/// A page with comments whose threads would move to another page or get another address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedPage {
    /// Its key.
    pub from: String,
    /// The key of the destination; the same if only the address changes.
    pub to: String,
    /// Comments on the threads that move there.
    pub comments: u64,
    /// Whether they join existing threads: the destination page already exists.
    pub is_merged: bool,
}

/// The progress of a move job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoveStep {
    /// What the job has done so far, in all its steps.
    pub tally: MoveTally,
    /// Whether the job is complete.
    pub complete: bool,
}

/// Moves threads, and undoes moves.
#[async_trait]
pub trait MoveStore: Send + Sync + Debug {
    /// Returns what a move would do now, without doing it. Threads count at their current location,
    /// so for an undo, threads that were moved again since are `kept`. Takes time proportional to
    /// the account's threads, and a few bytes of memory per affected page.
    ///
    /// Fails with [`crate::ErrorKind::NotFound`] when the account has no record of the move to
    /// undo.
    async fn preview_move(&self, account: &AccountId, moving: &Moving) -> Result<MovePreview>;

    /// Moves the next threads of a move job, about `threads` of them and at most 500, and returns
    /// the job's progress. The moved threads, the record and the progress are committed together:
    /// whatever is repeated, and however many workers run the same job, each thread is moved once
    /// and counted once. Call it until the step is complete; then it does nothing.
    ///
    /// A move covers the threads that exist when it reaches them, including those without comments,
    /// at their location after earlier moves. It writes no comment. From then on imports do not
    /// change the thread's location, while the vendor's description remains what exports contain.
    /// Threads whose import has not ended get their page when it does.
    ///
    /// An undo restores the threads in the record of an earlier job that are still where that job
    /// put them, and leaves the others (`kept`). It has its own record and can be undone like any
    /// move.
    ///
    /// Fails with [`crate::ErrorKind::NotFound`] when the account has no record of the move to
    /// undo.
    async fn move_threads(&self, account: &AccountId, job: JobId, moving: &Moving, threads: u32) -> Result<MoveStep>;
}
