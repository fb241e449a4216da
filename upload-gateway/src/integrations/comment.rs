//! A comment in the protocol's format.

use rethread_model::{CommentId, Status, Timestamp, Vendor};
use rethread_stores::StoredComment;
use rethread_vendors::wordpress::{html_for_wordpress, name_for_wordpress};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::LinkedSite;

/// A comment, with the fields that the plugin reads. Texts are escaped so that WordPress stores
/// them faithfully.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteComment)]
pub(crate) struct PluginComment {
    /// Rethread's id of the comment.
    #[serde(rename = "_id")]
    id: CommentId,
    /// The post that the comment is on.
    #[serde(rename = "urlId")]
    post: String,
    /// Always null: the post identifies the page.
    #[schema(required)]
    url: Option<String>,
    /// Rethread's id of the parent comment.
    #[serde(rename = "parentId")]
    #[schema(required)]
    parent: Option<CommentId>,
    /// When the comment was written.
    #[schema(required)]
    date: Option<Timestamp>,
    /// The commenter's name, as HTML without elements.
    #[serde(rename = "commenterName")]
    #[schema(required)]
    name: Option<String>,
    /// The commenter's e-mail address.
    #[serde(rename = "commenterEmail")]
    #[schema(required)]
    email: Option<String>,
    /// The sanitised text.
    #[serde(rename = "commentHTML")]
    html: String,
    /// Net votes.
    votes: i64,
    /// Whether the comment is publicly visible.
    approved: bool,
    /// Whether the comment is spam.
    #[serde(rename = "isSpam")]
    is_spam: bool,
    /// WordPress's number of the comment, if known.
    #[serde(rename = "externalId")]
    #[schema(required)]
    own_id: Option<String>,
    /// The same ids again, where the plugin looks for them.
    meta: Meta,
}

/// WordPress's ids of a comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteCommentMeta)]
struct Meta {
    /// The post.
    #[serde(rename = "wpPostId")]
    post: String,
    /// Always null: registered users are not known here.
    #[serde(rename = "wpUserId")]
    #[schema(required)]
    user: Option<String>,
    /// The comment.
    #[serde(rename = "wpId")]
    #[schema(required)]
    own_id: Option<String>,
}

impl PluginComment {
    /// A stored comment on the site's post `post`. `kept_as` is the number of the site's copy, if
    /// the site has reported it.
    pub(super) fn new(caller: &LinkedSite, stored: StoredComment, post: &str, kept_as: Option<&str>) -> Self {
        let is_own = stored.vendor == Vendor::WordPress && stored.origin == caller.site.origin().as_str();
        // The source id of the site's own comment consists of the post's number and the comment's.
        let (post, own_id) = match stored.source_id.split_once(':').filter(|_| is_own) {
            Some((post, own_id)) => (post, Some(own_id)),
            None => (post, kept_as),
        };
        let (post, own_id) = (post.to_owned(), own_id.map(str::to_owned));
        let author = stored.author.unwrap_or_default();
        Self {
            id: stored.id,
            url: None,
            parent: stored.parent,
            date: stored.created_at,
            name: author.name.as_deref().map(name_for_wordpress),
            email: author.email,
            html: html_for_wordpress(&stored.html),
            votes: stored.score.unwrap_or(0),
            approved: stored.status == Status::Approved,
            is_spam: stored.status == Status::Spam,
            own_id: own_id.clone(),
            meta: Meta { post: post.clone(), user: None, own_id },
            post,
        }
    }
}
