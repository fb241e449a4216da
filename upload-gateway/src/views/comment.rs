use std::collections::BTreeMap;

use rethread_backends::{StoredAuthor, StoredComment, StoredPage};
use rethread_model::{CommentId, PageId, SafeHtml, Status, TextKind, ThreadId, Timestamp, Vendor};
use serde::Serialize;
use url::Url;

/// Some pages of an account.
#[derive(Debug, Serialize)]
pub(crate) struct PagesView {
    pub(crate) pages: Vec<PageView>,
    pub(crate) next: Option<String>,
}

/// A page with comments.
#[derive(Debug, Serialize)]
pub(crate) struct PageView {
    id: PageId,
    url_id: String,
    url: Option<String>,
    /// The first of its addresses.
    urls: Vec<String>,
    /// How many it has.
    url_count: i64,
    title: Option<String>,
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
#[derive(Debug, Serialize)]
pub(crate) struct CommentsView {
    pub(crate) page: PageView,
    pub(crate) comments: Vec<CommentView>,
    pub(crate) next: Option<String>,
}

/// A comment.
#[derive(Debug, Serialize)]
pub(crate) struct CommentView {
    id: CommentId,
    thread: ThreadId,
    parent: Option<CommentId>,
    source: SourceView,
    author: Option<AuthorView>,
    created_at: Option<Timestamp>,
    status: Status,
    text: String,
    text_kind: TextKind,
    html: SafeHtml,
    score: Option<i64>,
}

/// Where a comment comes from.
#[derive(Debug, Serialize)]
struct SourceView {
    vendor: Vendor,
    origin: String,
    id: String,
}

/// Who wrote it. The e-mail address is for admins, who are the only ones that get here.
#[derive(Debug, Serialize)]
struct AuthorView {
    name: Option<String>,
    email: Option<String>,
    link: Option<String>,
    avatar: Option<String>,
}

impl From<StoredComment> for CommentView {
    fn from(comment: StoredComment) -> Self {
        Self {
            id: comment.id,
            thread: comment.thread,
            parent: comment.parent,
            source: SourceView { vendor: comment.vendor, origin: comment.origin, id: comment.source_id },
            author: comment.author.map(AuthorView::from),
            created_at: comment.created_at,
            status: comment.status,
            text: comment.text,
            text_kind: comment.text_kind,
            html: comment.html,
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
