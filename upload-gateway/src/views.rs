//! The JSON of responses. docs/api.md shows each shape.

mod comment;
mod finding;
mod job;
mod moves;
mod site;
mod token;
mod vendor;

pub(crate) use comment::{CommentView, CommentsView, PageView, PagesView};
pub(crate) use finding::{FindingView, FindingsView};
pub(crate) use job::{JobView, JobsView};
pub(crate) use moves::{MovePreviewView, MoveView};
pub(crate) use site::{AnsweredView, AskingView, SiteView, SitesView};
pub(crate) use token::{NewTokenView, SessionView, TokenView, TokensView};
pub(crate) use vendor::{VendorView, VendorsView};
