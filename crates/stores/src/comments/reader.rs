//! Stored comments as listed, and how they are read.

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{AccountId, CommentId, PageId, SafeHtml, Scope, Status, TextKind, ThreadId, Timestamp, Vendor};

use super::pages::{PageList, PageQuery, StoredPage};
use crate::Result;

/// Which comments of a page to list.
#[derive(Debug, Clone, Default)]
pub struct CommentQuery {
    /// The cursor of the last comment of the previous list.
    pub after: Option<String>,
    /// The page size, 1 to 200.
    pub limit: u32,
}

/// The author of a stored comment, as signed: name, link and picture are those of the comment's
/// [`rethread_model::Signature`] or, where it has none, those of the author's description.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredAuthor {
    /// Display name, plain text.
    pub name: Option<String>,
    /// The author's e-mail address; only for the account's admins.
    pub email: Option<String>,
    /// The author's own site, unchecked.
    pub link: Option<String>,
    /// The address of a picture, unchecked.
    pub avatar: Option<String>,
}

/// A comment as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredComment {
    /// Cursor for [`CommentQuery::after`].
    pub cursor: String,
    /// Its id.
    pub id: CommentId,
    /// Its thread.
    pub thread: ThreadId,
    /// The comment it replies to, once linked; always on the same thread and never in a circle.
    pub parent: Option<CommentId>,
    /// The vendor it comes from.
    pub vendor: Vendor,
    /// The site at the vendor.
    pub origin: String,
    /// The vendor's id.
    pub source_id: String,
    /// Who wrote it; `None` for tombstones.
    pub author: Option<StoredAuthor>,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// Its current status: as imported, or as changed since.
    pub status: Status,
    /// The text as the vendor gave it.
    pub text: String,
    /// The format of `text`.
    pub text_kind: TextKind,
    /// Sanitised HTML.
    pub html: SafeHtml,
    /// Net votes, where known.
    pub score: Option<i64>,
    /// Whether its status was changed here, after an import.
    pub changed_here: bool,
    /// Whether it was too long for a list: then `text` is a prefix, and `html`, which cannot be
    /// cut, is empty.
    pub truncated: bool,
}

impl StoredComment {
    /// The bytes of text, and of HTML, above which a list truncates a comment.
    pub const LISTED_BYTES: usize = 64 << 10;

    /// Cuts the text to at most [`StoredComment::LISTED_BYTES`] bytes.
    fn shorten(&mut self) {
        let end = (0..=Self::LISTED_BYTES.min(self.text.len())).rev().find(|end| self.text.is_char_boundary(*end));
        self.text.truncate(end.unwrap_or(0));
    }

    fn listed_bytes(&self) -> usize {
        self.text.len() + self.html.as_str().len()
    }
}

/// A page of comments, oldest first. Ends early once they exceed [`StoredCommentPage::BYTES`].
#[derive(Debug, Clone)]
pub struct StoredCommentPage {
    /// The comments.
    pub comments: Vec<StoredComment>,
    /// Whether there are more.
    pub has_more: bool,
}

impl StoredCommentPage {
    /// The bytes of text and HTML after which a list ends, whatever its limit.
    pub const BYTES: usize = 4 << 20;

    /// A list of these comments, in order; there may be one more than `limit`.
    pub fn of<E>(found: impl IntoIterator<Item = Result<StoredComment, E>>, limit: u32) -> Result<Self, E> {
        let mut page = Self { comments: Vec::new(), has_more: false };
        let mut bytes = 0;
        for comment in found {
            let mut comment = comment?;
            if comment.truncated {
                comment.shorten();
            }
            bytes += comment.listed_bytes();
            if page.comments.len() == limit as usize || (bytes > Self::BYTES && !page.comments.is_empty()) {
                page.has_more = true;
                break;
            }
            page.comments.push(comment);
        }
        Ok(page)
    }
}

/// Reads what is stored, a page at a time.
#[async_trait]
pub trait CommentReader: Send + Sync + Debug {
    /// An account's pages, by key.
    async fn pages(&self, account: &AccountId, query: &PageQuery) -> Result<PageList>;

    /// One page of an account.
    async fn page(&self, account: &AccountId, id: PageId) -> Result<Option<StoredPage>>;

    /// The comments of an account's page, oldest first (those without a time last). Long ones are
    /// [truncated](StoredComment::truncated).
    async fn comments(&self, account: &AccountId, page: PageId, query: &CommentQuery) -> Result<StoredCommentPage>;

    /// The comment of an account with this id, untruncated. `cursor` is its
    /// [`StoredComment::cursor`], which makes the lookup fast; without it, or with the cursor of
    /// another comment, all comments of the account are searched.
    async fn find_comment(
        &self,
        account: &AccountId,
        id: CommentId,
        cursor: Option<&str>,
    ) -> Result<Option<StoredComment>>;

    /// One comment, untruncated.
    async fn comment(&self, scope: &Scope, source_id: &str) -> Result<Option<StoredComment>>;

    /// The number of stored comments of an account from a vendor, over all its sites.
    async fn count_comments(&self, account: &AccountId, vendor: Vendor) -> Result<i64>;
}
