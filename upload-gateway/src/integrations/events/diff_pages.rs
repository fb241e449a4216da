//! Looks for what a site is to be told: compares the pages that it shares with others, as they are, with what it was told.
//!
//! Nothing that changes comments needs to know of sites: not imports, not moves, not whoever changes a status. It costs a look
//! at the comments of shared pages, in portions, each as long as a request may take; the next request goes on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rethread_backends::{CommentQuery, CopyEvent, SiteCopy, StoredComment, ToldCopy};
use rethread_model::{CommentId, Digest, PageId, Scope, Status, Timestamp};
use serde::{Deserialize, Serialize};

use super::news::News;
use crate::gateway::Gateway;
use crate::integrations::caller::LinkedSite;
use crate::problem::Problem;

/// What a request may take for it. The plugin waits for 20 s.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a look is good for.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// Pages in a portion, and comments read, or told of, at once.
const PAGES: u32 = 50;
const COMMENTS: u32 = 200;
const TOLD_AT_ONCE: usize = 1000;

/// What the site is to be told of a comment that it gets otherwise than by events, and was not told of yet: so the copy that it
/// makes is known by what it says of it.
pub(in crate::integrations) fn news_of(
    gateway: &Gateway,
    caller: &LinkedSite,
    comment: &StoredComment,
    page: PageId,
    post: &str,
) -> Option<SiteCopy> {
    Comparison { gateway, caller, seen_until_ms: 0 }.news(&caller.scope(), comment, None, page, post)
}

/// How far somebody got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// The site's threads on shared pages, after this one.
    Shared(Option<String>),
    /// The pages that it was told of, after this one: some may be shared no more.
    Told(Option<PageId>),
    /// Everywhere, at this time.
    Everywhere(Timestamp),
}

/// Looks on. `true` once it has looked everywhere. What the site has seen by `seen_until_ms` it knows of.
pub(super) async fn look(gateway: &Gateway, caller: &LinkedSite, seen_until_ms: i64) -> Result<bool, Problem> {
    let (sites, id) = (gateway.backends.sites.as_ref(), caller.site.id);
    let kept = sites.look(id).await?;
    // One that cannot be read is of another version.
    let mut stage = kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or(Stage::Shared(None));
    if let Stage::Everywhere(at) = stage {
        if gateway.clock.now().duration_since(at).unsigned_abs() < GOOD_FOR {
            return Ok(true);
        }
        stage = Stage::Shared(None);
    }
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        stage = Comparison { gateway, caller, seen_until_ms }.portion(stage).await?;
        // It holds nothing that JSON cannot.
        sites.set_look(id, &serde_json::to_string(&stage).unwrap_or_default()).await?;
        if matches!(stage, Stage::Everywhere(_)) {
            return Ok(true);
        }
    }
    Ok(false)
}

struct Comparison<'a> {
    gateway: &'a Gateway,
    caller: &'a LinkedSite,
    seen_until_ms: i64,
}

impl Comparison<'_> {
    /// The next pages; where to go on.
    async fn portion(&self, stage: Stage) -> Result<Stage, Problem> {
        let (comments, sites) = (self.gateway.backends.comments.as_ref(), self.gateway.backends.sites.as_ref());
        let scope = self.caller.scope();
        match stage {
            Stage::Shared(after) => {
                let pages = comments.shared_pages(&scope, after.as_deref(), PAGES).await?;
                for shared in &pages {
                    self.compare(&scope, shared.page, Some(&shared.thread)).await?;
                }
                let is_last = pages.len() < PAGES as usize;
                let last = pages.into_iter().next_back().map(|shared| shared.thread);
                Ok(if is_last { Stage::Told(None) } else { Stage::Shared(last) })
            }
            Stage::Told(after) => {
                let pages = sites.told_pages(self.caller.site.id, after, PAGES).await?;
                for page in &pages {
                    let post = comments.thread_on(&scope, *page).await?;
                    self.compare(&scope, *page, post.as_deref()).await?;
                }
                let is_last = pages.len() < PAGES as usize;
                Ok(if is_last {
                    Stage::Everywhere(self.gateway.clock.now())
                } else {
                    Stage::Told(pages.last().copied())
                })
            }
            Stage::Everywhere(at) => Ok(Stage::Everywhere(at)),
        }
    }

    /// Tells the site what it does not know of a page, on which it has the post `post`, if any.
    async fn compare(&self, scope: &Scope, page: PageId, post: Option<&str>) -> Result<(), Problem> {
        let sites = self.gateway.backends.sites.as_ref();
        let told = sites.copies(self.caller.site.id, page).await?;
        let mut told: BTreeMap<CommentId, ToldCopy> = told.into_iter().map(|told| (told.copy.comment, told)).collect();
        let mut news = News::default();
        if let Some(post) = post {
            let mut query = CommentQuery { after: None, limit: COMMENTS };
            loop {
                let listed = self.gateway.backends.comments.comments(&scope.account, page, &query).await?;
                for comment in &listed.comments {
                    let known = told.remove(&comment.id);
                    match self.news(scope, comment, known.as_ref(), page, post) {
                        Some(copy) => news.tell(comment, copy),
                        None => news.extend(known.filter(|known| self.is_unseen(known)).map(|known| (comment, known))),
                    }
                }
                match listed.comments.last() {
                    Some(last) if listed.has_more => query.after = Some(last.cursor.clone()),
                    _ => break,
                }
            }
        }
        let gone = told.into_values().filter(|told| told.copy.telling != CopyEvent::Deleted);
        let gone = gone.map(|told| SiteCopy { telling: CopyEvent::Deleted, ..told.copy });
        let news: Vec<SiteCopy> = news.in_order().into_iter().chain(gone).collect();
        for portion in news.chunks(TOLD_AT_ONCE) {
            sites.tell(self.caller.site.id, portion, self.gateway.clock.now()).await?;
        }
        Ok(())
    }

    /// Whether the site has no copy yet of what it is told: it has not asked for it, nor said that it has it.
    const fn is_unseen(&self, known: &ToldCopy) -> bool {
        matches!(known.copy.telling, CopyEvent::New) && known.own_id.is_none() && known.at_ms > self.seen_until_ms
    }

    /// What the site is to be told of a comment on one of its pages, if that is anything new.
    fn news(
        &self,
        scope: &Scope,
        comment: &StoredComment,
        known: Option<&ToldCopy>,
        page: PageId,
        post: &str,
    ) -> Option<SiteCopy> {
        let is_own = comment.vendor == scope.vendor && comment.origin == scope.origin.as_str();
        // What it sent itself it knows.
        if is_own && !comment.changed_here {
            return None;
        }
        let is_wanted = match comment.status {
            Status::Approved | Status::Pending => true,
            Status::Spam => is_own,
            Status::Deleted => false,
        };
        let has_it = known.map_or(is_own, |known| known.copy.telling != CopyEvent::Deleted);
        let version = version(comment, post);
        let telling = match (is_wanted, has_it) {
            (false, false) => return None,
            (false, true) => CopyEvent::Deleted,
            (true, false) => CopyEvent::New,
            (true, true) if known.is_some_and(|known| known.copy.version == version) => return None,
            (true, true) if known.is_some_and(|known| self.is_unseen(known)) => CopyEvent::New,
            (true, true) => CopyEvent::Updated,
        };
        Some(SiteCopy {
            comment: comment.id,
            vendor: comment.vendor,
            origin: comment.origin.clone(),
            source_id: comment.source_id.clone(),
            page,
            post: post.to_owned(),
            telling,
            version,
        })
    }
}

/// Another one whenever a copy would be another.
fn version(comment: &StoredComment, post: &str) -> Digest {
    let author = comment.author.as_ref().map(|author| (&author.name, &author.email));
    let seen = (post, comment.status, comment.html.as_str(), comment.parent, author, comment.score);
    // None of these has a failing serialisation.
    Digest::of(&serde_json::to_vec(&seen).unwrap_or_default())
}
