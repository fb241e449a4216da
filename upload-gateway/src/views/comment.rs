use std::collections::BTreeMap;

use rethread_backends::{StoredAuthor, StoredComment, StoredPage};
use rethread_model::{CommentId, PageId, SafeHtml, Status, TextKind, ThreadId, Timestamp, Vendor};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::cursor;

/// Some pages of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pages)]
pub(crate) struct PagesView {
    /// By key.
    pub(crate) pages: Vec<PageView>,
    /// Cursor of the pages after these; null at the end.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// A page with comments.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page)]
pub(crate) struct PageView {
    /// Computed from account and key.
    id: PageId,
    /// Its key: what conversations that show on it have in common.
    url_id: String,
    /// Its address, if that leads to the web.
    #[schema(required)]
    url: Option<String>,
    /// Addresses under which it was met, at most 20.
    urls: Vec<String>,
    /// How many it has.
    url_count: i64,
    /// Its title, plain text.
    #[schema(required)]
    title: Option<String>,
    /// Comments on it.
    comments: i64,
    /// Reactions to it, by kind.
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

/// Some comments of a page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comments)]
pub(crate) struct CommentsView {
    /// The page.
    pub(crate) page: PageView,
    /// Oldest first.
    pub(crate) comments: Vec<CommentView>,
    /// Cursor of the comments after these; null at the end.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub(crate) struct CommentView {
    /// Computed: the same at every import of the same comment.
    id: CommentId,
    /// The conversation that it belongs to.
    thread: ThreadId,
    /// The comment that it answers.
    #[schema(required)]
    parent: Option<CommentId>,
    /// Where it comes from.
    source: SourceView,
    /// Who wrote it; null for a deleted one.
    #[schema(required)]
    author: Option<AuthorView>,
    /// When; null where the file does not say.
    #[schema(required)]
    created_at: Option<Timestamp>,
    /// What the public may see of it.
    status: Status,
    /// As the vendor had it, in lists at most 64 KiB of it. Not to be shown as HTML.
    text: String,
    /// What `text` is written in.
    text_kind: TextKind,
    /// The whole text, sanitised; may be shown. Null where the comment is truncated.
    #[schema(required)]
    html: Option<SafeHtml>,
    /// Whether it is too long for a list: `text` is its beginning.
    truncated: bool,
    /// Path of the whole comment, where it is truncated.
    #[schema(required)]
    whole: Option<String>,
    /// Net votes.
    #[schema(required)]
    score: Option<i64>,
}

/// Where a comment comes from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommentSource)]
struct SourceView {
    /// The system.
    vendor: Vendor,
    /// The site at the vendor.
    origin: String,
    /// The vendor's id.
    id: String,
}

/// Who wrote a comment, as it was signed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommentAuthor)]
struct AuthorView {
    /// As the comment shows it, whatever the same person is called in others.
    #[schema(required)]
    name: Option<String>,
    /// For admins, who are the only ones that get here.
    #[schema(required)]
    email: Option<String>,
    /// The author's own site, if it leads to the web.
    #[schema(required)]
    link: Option<String>,
    /// Address of a picture, if it leads to the web.
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

/// Only what leads to the web: whoever shows an address as a link must not be made to run what it holds.
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
