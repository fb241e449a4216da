use std::collections::BTreeMap;

use rethread_model::{CommentId, PageId, SafeHtml, Status, TextKind, ThreadId, Timestamp, Vendor};
use rethread_stores::{StoredAuthor, StoredComment, StoredPage};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::extract::cursor;

/// A list of an account's pages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pages)]
pub(crate) struct PagesView {
    /// Ordered by key.
    pub(crate) pages: Vec<PageView>,
    /// Cursor for the next pages; null at the end.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// A page with comments.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page)]
pub(crate) struct PageView {
    /// Computed from account and key.
    id: PageId,
    /// The page's key, shared by all conversations displayed on it.
    url_id: String,
    /// The page's address, if it is a web address.
    #[schema(required)]
    url: Option<String>,
    /// Addresses under which the page was found, at most 20.
    urls: Vec<String>,
    /// Total number of addresses.
    url_count: i64,
    /// The page's title, as plain text.
    #[schema(required)]
    title: Option<String>,
    /// Number of comments on the page.
    comments: i64,
    /// Reactions to the page, by kind.
    reactions: BTreeMap<String, u64>,
}

impl From<StoredPage> for PageView {
    fn from(page: StoredPage) -> Self {
        let StoredPage { id, url_id, url, urls, url_count, title, comments, reactions } = page;
        let reactions = reactions.into_iter().map(|reaction| (reaction.kind, reaction.count)).collect();
        let urls = urls.into_iter().filter_map(web_address).collect();
        Self { id, url_id, url: url.and_then(web_address), urls, url_count, title, comments, reactions }
    }
}

/// A list of a page's comments.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comments)]
pub(crate) struct CommentsView {
    /// The page.
    pub(crate) page: PageView,
    /// Oldest first.
    pub(crate) comments: Vec<CommentView>,
    /// Cursor for the next comments; null at the end.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub(crate) struct CommentView {
    /// Computed: the same on every import of the same comment.
    id: CommentId,
    /// The conversation that the comment belongs to.
    thread: ThreadId,
    /// The comment that this one replies to.
    #[schema(required)]
    parent: Option<CommentId>,
    /// The origin of the comment.
    source: SourceView,
    /// The commenter; null for a deleted comment.
    #[schema(required)]
    author: Option<AuthorView>,
    /// When the comment was written; null if the file does not say.
    #[schema(required)]
    created_at: Option<Timestamp>,
    /// Publication status of the comment.
    status: Status,
    /// The vendor's text; lists contain at most 64 KiB of it. Must not be rendered as HTML.
    text: String,
    /// The format of `text`.
    text_kind: TextKind,
    /// The whole text as sanitised HTML, safe to render. Null if the comment is truncated.
    #[schema(required)]
    html: Option<SafeHtml>,
    /// Whether the comment is too long for a list, so that `text` is only its beginning.
    truncated: bool,
    /// Path of the whole comment, if it is truncated.
    #[schema(required)]
    whole: Option<String>,
    /// Net votes.
    #[schema(required)]
    score: Option<i64>,
}

/// The origin of a comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommentSource)]
struct SourceView {
    /// The vendor's system.
    vendor: Vendor,
    /// The site at the vendor.
    origin: String,
    /// The vendor's id.
    id: String,
}

/// The commenter, as the comment was signed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommentAuthor)]
struct AuthorView {
    /// The name shown in this comment, whatever the same person is called in others.
    #[schema(required)]
    name: Option<String>,
    /// E-mail address; only admins have access to it.
    #[schema(required)]
    email: Option<String>,
    /// The commenter's own site, if it is a web address.
    #[schema(required)]
    link: Option<String>,
    /// Address of a picture, if it is a web address.
    #[schema(required)]
    avatar: Option<String>,
}

impl From<StoredComment> for CommentView {
    fn from(comment: StoredComment) -> Self {
        let cursor = cursor::outer(&comment.cursor);
        Self {
            truncated: comment.truncated,
            whole: comment.truncated.then(|| format!("/api/v1/comments/{}?cursor={cursor}", comment.id)),
            id: comment.id,
            thread: comment.thread,
            parent: comment.parent,
            source: SourceView { vendor: comment.vendor, origin: comment.origin, id: comment.source_id },
            author: comment.author.map(AuthorView::from),
            created_at: comment.created_at,
            status: comment.status,
            text: comment.text,
            text_kind: comment.text_kind,
            html: (!comment.truncated).then_some(comment.html),
            score: comment.score,
        }
    }
}

impl From<StoredAuthor> for AuthorView {
    fn from(author: StoredAuthor) -> Self {
        Self {
            name: author.name,
            email: author.email,
            link: author.link.and_then(web_address),
            avatar: author.avatar.and_then(web_address),
        }
    }
}

/// Returns web addresses only: a client that renders an address as a link must not execute
/// its content.
fn web_address(address: String) -> Option<String> {
    let is_web = match Url::parse(&address) {
        Ok(url) => matches!(url.scheme(), "http" | "https"),
        Err(_) => address.starts_with("//"),
    };
    is_web.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_leave_as_links() {
        for address in ["https://a.example/", "http://a.example/?p=1", "//cdn.example/x.png"] {
            assert_eq!(web_address(address.to_owned()).as_deref(), Some(address));
        }
        for address in ["javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "data:text/html,x", "x"] {
            assert_eq!(web_address(address.to_owned()), None, "{address}");
        }
    }
}
