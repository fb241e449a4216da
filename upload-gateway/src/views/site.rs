use rethread_backends::Site;
use rethread_model::{JobId, SiteId, Timestamp};
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
    /// Its id, which is no secret.
    id: SiteId,
    /// Its address, as it names itself.
    domain: String,
    /// The origin of its comments.
    origin: String,
    /// `linked` or `revoked`.
    state: &'static str,
    /// The name of the token of who linked it.
    #[schema(required)]
    linked_by: Option<String>,
    /// When that was.
    #[schema(required)]
    linked_at: Option<Timestamp>,
    /// When the link was ended.
    #[schema(required)]
    revoked_at: Option<Timestamp>,
    /// When the site was last heard of, to the minute or so.
    #[schema(required)]
    heard_at: Option<Timestamp>,
    /// Its last sync.
    #[schema(required)]
    job: Option<JobId>,
}

/// A site that asks to be linked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AskingSite)]
pub(crate) struct AskingView {
    /// Its address, as it names itself. Nobody has proven it.
    domain: String,
    /// When it first asked.
    asked_at: Timestamp,
    /// When it is forgotten, unless somebody answers.
    expires_at: Timestamp,
    /// Whether it asks not to send its comments at once.
    without_sync: bool,
    /// Whether the account has this site linked already, with another token, which this one would replace.
    is_linked: bool,
}

/// What an answer made of a site.
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
    /// A site that asks; `is_linked` is whether the account has it already.
    pub(crate) fn new(site: Site, is_linked: bool) -> Self {
        let Site { domain, asked_at, expires_at, without_sync, .. } = site;
        Self { domain, asked_at, expires_at, without_sync, is_linked }
    }
}
