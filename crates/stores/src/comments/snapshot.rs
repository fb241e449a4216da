//! The source of an export.

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{AccountId, ExportFilter, Exported};

use crate::Result;

/// The depth of a pass over a [`Snapshot`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExportDepth {
    /// Only pages and threads: those that a pass with comments would yield.
    Threads,
    /// Comments as well.
    #[default]
    Comments,
}

/// A snapshot of an account's comments; later commits are not visible.
///
/// # Order
///
/// Pages by key; the threads of a page by vendor, origin and source id; the comments of a thread by
/// time and source id, those without a time last. Keys and ids are compared bytewise. So stores
/// with the same content yield the same sequence, whichever database they use and in whatever order
/// they were written. Every page and thread has at least one comment.
///
/// Comments on threads without a page are omitted: an import assigns its threads to pages when it
/// ends.
///
/// # Cost
///
/// Memory for about two batches and a thousand threads. It blocks neither reads nor writes. But
/// while it is held, data that is overwritten or deleted stays on disk: the embedded database's log
/// grows with every write until the snapshot is dropped, and the `PostgreSQL` server can neither
/// clean up rows (vacuum) nor change tables, so that a newer version waits with its migrations. A
/// snapshot has a dedicated connection, outside the shared ones. On `PostgreSQL` it ends when it is
/// idle for twenty times the limit of a statement.
///
/// A batch that failed or was cancelled ends the snapshot: later ones fail too. No cleanup is
/// needed.
#[async_trait]
pub trait Snapshot: Send + Debug {
    /// The next items: about 1,000 comments, or a thousand threads in a pass without comments;
    /// empty at the end. May be split anywhere, also within a thread.
    async fn next(&mut self) -> Result<Vec<Exported>>;

    /// Restarts from the first page. A new snapshot is at the start of a pass with comments.
    fn rewind(&mut self, depth: ExportDepth);
}

/// Yields what an account has, for export files and copies.
#[async_trait]
pub trait ExportSource: Send + Sync + Debug {
    /// A snapshot of an account's comments, to be read from first to last while imports continue.
    /// See [`Snapshot`] for the order and for the cost of holding one.
    async fn export(&self, account: &AccountId, filter: &ExportFilter) -> Result<Box<dyn Snapshot>>;
}
