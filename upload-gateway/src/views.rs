//! The JSON of answers. docs/api.md shows each shape.

mod comment;
mod finding;
mod job;

pub(crate) use comment::{CommentView, CommentsView, PageView, PagesView};
pub(crate) use finding::{FindingView, FindingsView};
pub(crate) use job::{JobView, JobsView};
