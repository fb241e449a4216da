//! `GET /comments`: all comments on a site's pages, for the plugin's download button.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use rethread_model::{CommentId, Origin, PageId, Scope};
use rethread_stores::{SitePage, StoredComment, ToldCopy};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::LinkedSite;
use super::comment::PluginComment;
use super::events::news_of;
use crate::extract::Params;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// Comments per response.
const LISTED: usize = 100;

/// Pages read at once.
const PAGES: u32 = 500;

/// Comments on a site's pages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteCommentList)]
pub(crate) struct ListedView {
    /// Always `success`.
    status: &'static str,
    /// Page by page, replies after their parents, otherwise oldest first.
    comments: Vec<PluginComment>,
    /// Whether more comments follow.
    #[serde(rename = "hasMore")]
    has_more: bool,
    /// The total number of comments, if requested.
    #[serde(rename = "totalCount", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<u64>,
}

/// The comments on a site's pages
///
/// Comments that the site sent, and comments from other sources on its pages, 100 at a time, with
/// their WordPress numbers where known. Excludes deleted comments, and spam from other systems.
#[utoipa::path(
    get,
    path = "/integrations/v1/comments",
    operation_id = "listSiteComments",
    tag = "sites",
    params(
        ("token" = String, Query, description = "The plugin's token", min_length = 13, max_length = 128, pattern = "^[A-Za-z0-9._-]+$"),
        ("skip" = Option<u64>, Query, description = "How many to pass over"),
        ("includeCount" = Option<bool>, Query, description = "Whether to count them all"),
    ),
    responses((status = 200, description = "Some comments", body = ListedView)),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: LinkedSite,
    mut params: Params,
) -> Result<Json<ListedView>, Problem> {
    let skip = match params.text("skip")? {
        None => 0,
        Some(given) => {
            let skip = given.parse::<u64>().ok();
            skip.ok_or_else(|| Problem::parameter("skip", "skip is a number of comments to pass over"))?
        }
    };
    let counts = params.flag("includeCount")?;
    let scope = caller.scope();
    let mut walk = Listing { gateway: &gateway, scope: &scope, skip, found: Vec::new(), has_more: false, total: 0 };
    let mut after: Option<String> = None;
    loop {
        let pages = gateway.backends.comments.site_pages(&scope, after.as_deref(), PAGES).await?;
        for page in &pages {
            walk.page(page).await?;
        }
        let is_last = pages.len() < PAGES as usize;
        after = pages.into_iter().next_back().map(|page| page.thread);
        if is_last || walk.has_more && !counts {
            break;
        }
    }
    let Listing { found, has_more, total, .. } = walk;
    let comments = views(&gateway, &caller, found).await?;
    Ok(Json(ListedView { status: "success", comments, has_more, total: counts.then_some(total) }))
}

/// The identity of a comment to list, with its page and post.
type Found = (Scope, String, PageId, String);

struct Listing<'a> {
    gateway: &'a Gateway,
    scope: &'a Scope,
    /// Number of comments still to skip.
    skip: u64,
    found: Vec<Found>,
    has_more: bool,
    total: u64,
}

impl Listing<'_> {
    async fn page(&mut self, page: &SitePage) -> Result<(), Problem> {
        self.total += page.comments;
        if self.skip >= page.comments {
            self.skip -= page.comments;
            return Ok(());
        }
        let wanted = LISTED - self.found.len();
        let skip = std::mem::take(&mut self.skip);
        self.has_more |= page.comments - skip > wanted as u64;
        if wanted == 0 {
            return Ok(());
        }
        let comments = self.gateway.backends.comments.as_ref();
        let keys = comments.site_comments(self.scope, page.page, skip, u32::try_from(wanted).unwrap_or(0)).await?;
        self.found.extend(keys.into_iter().map(|key| {
            let account = self.scope.account.clone();
            let scope = Scope { account, vendor: key.vendor, origin: Origin::new(key.origin) };
            (scope, key.source_id, page.page, page.thread.clone())
        }));
        Ok(())
    }
}

/// The comments, read one at a time, so that at most one is in memory in its stored form.
async fn views(gateway: &Gateway, caller: &LinkedSite, found: Vec<Found>) -> Result<Vec<PluginComment>, Problem> {
    let ids: Vec<CommentId> = found.iter().map(|(scope, source_id, ..)| scope.comment_id(source_id)).collect();
    let told = gateway.backends.sites.copies_of(caller.site.id, &ids).await?;
    let told: HashMap<CommentId, ToldCopy> = told.into_iter().map(|told| (told.copy.comment, told)).collect();
    let mut views = Vec::with_capacity(found.len());
    let mut news = Vec::new();
    for (scope, source_id, page, post) in found {
        let stored: Option<StoredComment> = gateway.backends.comments.comment(&scope, &source_id).await?;
        let Some(stored) = stored else { continue };
        let known = told.get(&stored.id);
        if known.is_none() {
            news.extend(news_of(gateway, caller, &stored, page, &post));
        }
        let kept_as = known.and_then(|known| known.own_id.as_deref());
        views.push(PluginComment::new(caller, stored, &post, kept_as));
    }
    if !news.is_empty() {
        gateway.backends.sites.tell(caller.site.id, &news, gateway.clock.now()).await?;
    }
    Ok(views)
}
