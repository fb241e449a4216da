//! What an export reads.

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::Exported;

use crate::Result;

/// How far down a pass over a [`Snapshot`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExportDepth {
    /// Pages and threads alone: those that a pass with comments would yield.
    Threads,
    /// Comments as well.
    #[default]
    Comments,
}

/// An account's comments as they were when the snapshot was made; what is committed later is not seen.
///
/// # Order
///
/// Pages by key; the threads of a page by vendor, origin and source id; the comments of a thread by time and source id,
/// those without a time last. Keys and ids go by their bytes. So stores that hold the same give the same, whatever they are
/// and in whatever order it was written. No page and no thread comes without a comment.
///
/// Comments on threads that have no page are left out: an import puts its threads on pages when it ends.
///
/// # What it costs
///
/// Memory for about two batches and a thousand threads. It blocks no reading or writing. But for as long as it is kept, what
/// is overwritten and deleted meanwhile stays on the disk: the embedded side's log grows with what is written to the store
/// until the snapshot is dropped, and the distributed side's server cannot clean up rows (vacuum) nor change tables, so that a
/// newer version waits with its migrations. A snapshot has a connection of its own, apart from those that others share. On the
/// distributed side it ends when nothing was asked of it for twenty times the limit of a statement.
///
/// A batch that failed, or was not waited for, ends the snapshot: later ones fail too. There is nothing to clean up.
#[async_trait]
pub trait Snapshot: Send + Debug {
    /// The next items, about 1,000 comments, or a thousand threads where there are only these; nothing at the end. May be
    /// cut anywhere, within a thread too.
    async fn next(&mut self) -> Result<Vec<Exported>>;

    /// Begins a pass anew from the first page. A new snapshot is at the start of a pass with comments.
    fn rewind(&mut self, depth: ExportDepth);
}
