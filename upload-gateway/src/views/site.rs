use rethread_model::{JobId, SiteId, Timestamp};
use rethread_stores::Site;
use serde::Serialize;
use utoipa::ToSchema;

/// The sites of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sites)]
pub(crate) struct SitesView {
    /// Newest first.
    pub(crate) sites: Vec<SiteView>,
}

/// A WordPress site that is, or was, linked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Site)]
pub(crate) struct SiteView {
    /// The site's id, which is not a secret.
    id: SiteId,
    /// The site's address, as the site states it.
    domain: String,
    /// The origin of the site's comments.
    origin: String,
    /// `linked` or `revoked`.
    state: &'static str,
    /// Name of the token that linked the site.
    #[schema(required)]
    linked_by: Option<String>,
    /// When the site was linked.
    #[schema(required)]
    linked_at: Option<Timestamp>,
    /// When the link ended.
    #[schema(required)]
    revoked_at: Option<Timestamp>,
    /// When the site last made contact, accurate to about a minute.
    #[schema(required)]
    heard_at: Option<Timestamp>,
    /// The site's last sync.
    #[schema(required)]
    job: Option<JobId>,
}

/// A site that asks to be linked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AskingSite)]
pub(crate) struct AskingView {
    /// The site's address, as the site states it. It is not verified.
    domain: String,
    /// When the site first asked.
    asked_at: Timestamp,
    /// When the request expires, unless an admin decides on it.
    expires_at: Timestamp,
    /// Whether the site asks not to send its comments at once.
    without_sync: bool,
    /// Whether the account has already linked this site with another token, which this one
    /// would replace.
    is_linked: bool,
}

/// The result of a decision on a site.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnsweredSite)]
pub(crate) struct AnsweredView {
    /// `linked` or `refused`.
    pub(crate) state: &'static str,
    /// The site, if it is linked.
    #[schema(required)]
    pub(crate) site: Option<SiteView>,
}

impl From<Site> for SiteView {
    fn from(site: Site) -> Self {
        let origin = site.origin().as_str().to_owned();
        Self {
            id: site.id,
            domain: site.domain,
            origin,
            state: site.state.as_str(),
            linked_by: site.answered_by,
            linked_at: site.answered_at,
            revoked_at: site.revoked_at,
            heard_at: site.heard_at,
            job: site.job,
        }
    }
}

impl AskingView {
    /// A site that asks to be linked. `is_linked`: whether the account has already linked it.
    pub(crate) fn new(site: Site, is_linked: bool) -> Self {
        let Site { domain, asked_at, expires_at, without_sync, .. } = site;
        Self { domain, asked_at, expires_at, without_sync, is_linked }
    }
}
