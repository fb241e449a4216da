use rethread_model::{MoveTally, Moving};
use rethread_stores::{MovePreview, MovedPage};
use serde::Serialize;
use utoipa::ToSchema;

/// A move.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Move)]
pub(crate) struct MoveView {
    /// The options of the move.
    pub(crate) options: Moving,
    /// What was moved so far.
    pub(crate) moved: MoveTally,
}

/// The effect of a move.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MovePreview)]
pub(crate) struct MovePreviewView {
    /// The counts of the move.
    tally: MoveTally,
    /// The first 20 pages that comments would leave, ordered by key.
    pages: Vec<MovedPageView>,
}

/// A page that comments would leave.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MovedPage)]
pub(crate) struct MovedPageView {
    /// The page's key.
    from: String,
    /// Key of the target page; the same if only the address changes.
    to: String,
    /// Number of comments that would move.
    comments: u64,
    /// Whether the target page already exists.
    merged: bool,
}

impl From<MovePreview> for MovePreviewView {
    fn from(MovePreview { tally, pages }: MovePreview) -> Self {
        Self { tally, pages: pages.into_iter().map(Into::into).collect() }
    }
}

impl From<MovedPage> for MovedPageView {
    fn from(MovedPage { from, to, comments, is_merged }: MovedPage) -> Self {
        Self { from, to, comments, merged: is_merged }
    }
}
