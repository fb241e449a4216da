//! The comments that a site which syncs keeps copies of.

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{PageId, Scope, Status, Vendor};

use crate::Result;

/// A thread of an origin and its page; for [`crate::SiteComments::shared_pages`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedPage {
    /// The vendor's id of the thread.
    pub thread: String,
    /// The page.
    pub page: PageId,
}

/// A page that an origin has a thread on, and how many comments a copy of it would have; for
/// [`crate::SiteComments::site_pages`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePage {
    /// The vendor's id of the origin's first thread on the page, by source id.
    pub thread: String,
    /// The page.
    pub page: PageId,
    /// How many comments [`crate::SiteComments::site_comments`] returns for it.
    pub comments: u64,
}

/// The key of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentKey {
    /// The system it comes from.
    pub vendor: Vendor,
    /// The site there.
    pub origin: String,
    /// Its id there.
    pub source_id: String,
}

/// What a site that syncs needs to know of its pages, and what it changes.
#[async_trait]
pub trait SiteComments: Send + Sync + Debug {
    /// The threads of an origin that share a page with a thread of another origin, or that have a
    /// comment whose status was changed here. In order of source id, after `after`, at most
    /// `limit`.
    async fn shared_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SharedPage>>;

    /// The pages that an origin has a thread on, each once. In order of that thread's source id,
    /// after `after`, at most `limit`.
    async fn site_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SitePage>>;

    /// The comments of a page that the site with this origin keeps, or should keep, a copy of:
    /// public and pending ones, and its own spam. In the order of
    /// [`rethread_model::parents_first`], without the first `skip`, at most `limit`. Takes some
    /// tens of bytes of memory per comment of the page.
    async fn site_comments(&self, scope: &Scope, page: PageId, skip: u64, limit: u32) -> Result<Vec<CommentKey>>;

    /// The first thread of an origin on a page, by source id.
    async fn thread_on(&self, scope: &Scope, page: PageId) -> Result<Option<String>>;

    /// Changes the status of a comment here; imports keep it. A comment that is deleted here loses
    /// its text and author, and imports do not restore them until it gets another status. Returns
    /// `false` when the account has no such comment.
    async fn set_status(&self, scope: &Scope, source_id: &str, status: Status) -> Result<bool>;
}
