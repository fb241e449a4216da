use rethread_backends::{MovePreview, MovedPage};
use rethread_model::{MoveTally, Moving};
use serde::Serialize;
use utoipa::ToSchema;

/// A move.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Move)]
pub(crate) struct MoveView {
    /// What was asked for.
    pub(crate) options: Moving,
    /// What was moved so far.
    pub(crate) moved: MoveTally,
}

/// What a move would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MovePreview)]
pub(crate) struct MovePreviewView {
    /// The counts.
    tally: MoveTally,
    /// The first 20 pages that comments would leave, by key.
    pages: Vec<MovedPageView>,
}

/// A page that comments would leave.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MovedPage)]
pub(crate) struct MovedPageView {
    /// Its key.
    from: String,
    /// Key of the page that they go to; the same where only the address changes.
    to: String,
    /// Comments that go there.
    comments: u64,
    /// Whether that page is there already.
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
