//! Threads, pages, authors, comments, findings and checkpoints.

mod import;
mod import_bookkeeping;
mod moves;
mod pages;
mod reader;
mod site_comments;
mod snapshot;

pub use import::{Batch, Checkpoint, ImportStore, LookupKeys, StoredRecords, Target};
pub use import_bookkeeping::{FindingPage, ImportBookkeeping, StoredFinding};
pub use moves::{MovePreview, MoveStep, MoveStore, MovedPage};
pub use pages::{PageList, PageQuery, StoredPage};
pub use reader::{CommentQuery, CommentReader, StoredAuthor, StoredComment, StoredCommentPage};
pub use site_comments::{CommentKey, SharedPage, SiteComments, SitePage};
pub use snapshot::{ExportDepth, ExportSource, Snapshot};

use crate::Health;

/// Stores comments: everything that is done with them, for callers that pass the store on. A
/// function takes the narrowest of these traits that it needs.
pub trait CommentStore:
    ImportStore + ImportBookkeeping + CommentReader + SiteComments + ExportSource + MoveStore + Health
{
}

impl<T> CommentStore for T where
    T: ImportStore + ImportBookkeeping + CommentReader + SiteComments + ExportSource + MoveStore + Health
{
}
