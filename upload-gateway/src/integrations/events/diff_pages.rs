//! Finds changes to report to a site: compares the current pages that it shares with others to what
//! was reported so far.
//!
//! Code that changes comments need not know about sites: neither imports, nor moves, nor status
//! changes. The price is a scan of the comments of shared pages. It runs in portions, each limited
//! by the time a request may take; the next request continues it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rethread_model::{CommentId, Digest, PageId, Scope, Status, Timestamp};
use rethread_stores::{CommentQuery, CopyEvent, SiteCopy, StoredComment, ToldCopy};
use serde::{Deserialize, Serialize};

use super::news::News;
use crate::gateway::Gateway;
use crate::integrations::caller::LinkedSite;
use crate::problem::Problem;

/// The time limit of a scan within a request. The plugin waits for 20 s.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the result of a scan is valid.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// Pages in a portion; and comments read, or reported, at once.
const PAGES: u32 = 50;
const COMMENTS: u32 = 200;
const TOLD_AT_ONCE: usize = 1000;

/// The change to report for a comment that the site receives outside of events and that was not
/// reported yet. This way the site's copy is recognised by the id it carries.
pub(in crate::integrations) fn news_of(
    gateway: &Gateway,
    caller: &LinkedSite,
    comment: &StoredComment,
    page: PageId,
    post: &str,
) -> Option<SiteCopy> {
    Comparison { gateway, caller, seen_until_ms: 0 }.news(&caller.scope(), comment, None, page, post)
}

/// The progress of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// The site's threads on shared pages, after this one.
    Shared(Option<String>),
    /// The pages reported to the site, after this one: some may no longer be shared.
    Told(Option<PageId>),
    /// The scan was completed at this time.
    Everywhere(Timestamp),
}

/// Continues the scan. Returns `true` once it is complete. The site knows every event up
/// to `seen_until_ms`.
pub(super) async fn look(gateway: &Gateway, caller: &LinkedSite, seen_until_ms: i64) -> Result<bool, Problem> {
    let (sites, id) = (gateway.backends.sites.as_ref(), caller.site.id);
    let kept = sites.look(id).await?;
    // An unreadable state was written by another version.
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
        // A stage always serialises to JSON.
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
    /// Scans the next pages, and returns where to continue.
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

    /// Reports changes of a page to the site. `post` is the site's post on that page, if any.
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
        // Whatever was reported earlier and was not found on the page is gone from it.
        let gone = told.into_values().filter(|told| told.copy.telling != CopyEvent::Deleted);
        let gone = gone.map(|told| SiteCopy { telling: CopyEvent::Deleted, ..told.copy });
        let news: Vec<SiteCopy> = news.in_order().into_iter().chain(gone).collect();
        for portion in news.chunks(TOLD_AT_ONCE) {
            sites.tell(self.caller.site.id, portion, self.gateway.clock.now()).await?;
        }
        Ok(())
    }

    /// Whether the site has no copy yet of a reported comment: it has neither fetched the event nor
    /// confirmed the copy.
    const fn is_unseen(&self, known: &ToldCopy) -> bool {
        matches!(known.copy.telling, CopyEvent::New) && known.own_id.is_none() && known.at_ms > self.seen_until_ms
    }

    /// The change to report for a comment on one of the site's pages, if there is one.
    fn news(
        &self,
        scope: &Scope,
        comment: &StoredComment,
        known: Option<&ToldCopy>,
        page: PageId,
        post: &str,
    ) -> Option<SiteCopy> {
        let is_own = comment.vendor == scope.vendor && comment.origin == scope.origin.as_str();
        // The site knows what it sent itself.
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

/// Changes whenever a copy of the comment would change.
fn version(comment: &StoredComment, post: &str) -> Digest {
    let author = comment.author.as_ref().map(|author| (&author.name, &author.email));
    let seen = (post, comment.status, comment.html.as_str(), comment.parent, author, comment.score);
    // Serialisation of these types cannot fail.
    Digest::of(&serde_json::to_vec(&seen).unwrap_or_default())
}
