//! Sites that sync their comments automatically, and sites that ask to.
//!
//! A site's plugin creates its own token, from the time and little else. A token that no admin has
//! accepted therefore grants nothing, and an accepted one belongs to one account and one site
//! permanently. Only its SHA-256 is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{AccountId, CommentId, Digest, JobId, Origin, PageId, SiteId, Timestamp, Vendor, page_key};

use crate::Result;

/// The state of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteState {
    /// Not answered yet.
    Asking,
    /// An admin accepted it.
    Linked,
    /// An admin refused it. It may ask again once the refusal is forgotten ([`Site::expires_at`]).
    Refused,
    /// It was linked, and an admin ended the link. Its token is no longer valid.
    Revoked,
    /// It was linked, and then linked again with another token, which took over the link. This is
    /// the remaining row of the old token.
    Replaced,
}

const STATES: [SiteState; 5] =
    [SiteState::Asking, SiteState::Linked, SiteState::Refused, SiteState::Revoked, SiteState::Replaced];

impl SiteState {
    /// The word used in stores and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::Linked => "linked",
            Self::Refused => "refused",
            Self::Revoked => "revoked",
            Self::Replaced => "replaced",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        STATES.into_iter().find(|state| state.as_str() == word)
    }
}

/// A site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its id, which is not secret.
    pub id: SiteId,
    /// Its address, as it names itself.
    pub domain: String,
    /// Its state.
    pub state: SiteState,
    /// Whether it asked not to send its comments at once.
    pub without_sync: bool,
    /// The account of the admin who answered; `None` while it asks.
    pub account: Option<AccountId>,
    /// The name of the token that answered.
    pub answered_by: Option<String>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it first asked.
    pub asked_at: Timestamp,
    /// When a site that is not linked is forgotten.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last heard from since it was linked, to about a minute.
    pub heard_at: Option<Timestamp>,
    /// Its last sync.
    pub job: Option<JobId>,
}

impl Site {
    /// Whether an admin may answer it.
    #[must_use]
    pub fn is_asking(&self, now: Timestamp) -> bool {
        self.state == SiteState::Asking && now < self.expires_at
    }

    /// The origin of its comments. Equal to the one that an export of the same site gives through
    /// its base address.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::new(page_key(&self.domain))
    }

    /// The account it is linked to.
    #[must_use]
    pub fn linked_account(&self) -> Option<&AccountId> {
        self.account.as_ref().filter(|_| self.state == SiteState::Linked)
    }
}

/// A site's request to be linked.
#[derive(Debug, Clone)]
pub struct LinkRequest {
    /// Its id, if it is new.
    pub id: SiteId,
    /// SHA-256 of its token.
    pub token: Digest,
    /// See [`Site::domain`].
    pub domain: String,
    /// See [`Site::without_sync`].
    pub without_sync: bool,
    /// When it asks.
    pub at: Timestamp,
    /// See [`Site::expires_at`].
    pub expires_at: Timestamp,
    /// The limit on the number of sites, over all accounts, that may be asking at a time.
    pub most: u32,
}

/// An admin's answer.
#[derive(Debug, Clone)]
pub struct LinkDecision {
    /// The admin's account.
    pub account: AccountId,
    /// The name of the admin's token.
    pub by: String,
    /// The address that was shown to the admin.
    pub domain: String,
    /// Whether the site is linked.
    pub accepts: bool,
    /// The sync to start.
    pub job: Option<JobId>,
    /// When it was answered.
    pub at: Timestamp,
}

/// What a site is sent about a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyEvent {
    /// The site should store it.
    New,
    /// The site has it, and it has changed.
    Updated,
    /// The site should delete it.
    Deleted,
}

impl CopyEvent {
    /// The word used in stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::New, Self::Updated, Self::Deleted].into_iter().find(|telling| telling.as_str() == word)
    }
}

/// A comment that a site keeps a copy of, as last published to the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteCopy {
    /// The comment's id.
    pub comment: CommentId,
    /// Its key: vendor, origin and source id.
    pub vendor: Vendor,
    /// See `vendor`.
    pub origin: String,
    /// See `vendor`.
    pub source_id: String,
    /// The page it is on.
    pub page: PageId,
    /// The site's own thread on this page: a post's id.
    pub post: String,
    /// The event.
    pub telling: CopyEvent,
    /// The version of its content at that time.
    pub version: Digest,
}

/// A [`SiteCopy`] and when it was published to the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldCopy {
    /// In milliseconds since 1970; see [`crate::SiteCopies::tell`]. Of many that were published
    /// together, the last seem later than they were.
    pub at_ms: i64,
    /// The copy.
    pub copy: SiteCopy,
    /// WordPress's number of the copy, once the site has reported it.
    pub own_id: Option<String>,
}

/// A comment from here that a site reports to keep, and the number it keeps it under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCopy {
    /// The comment.
    pub comment: CommentId,
    /// WordPress's number of the copy.
    pub own_id: String,
    /// The source id that the copy has when the site, or its export, brings it; `None` for one on
    /// the post that was published to the site.
    pub source_id: Option<String>,
}

/// Stores sites, alongside the comments.
#[async_trait]
pub trait SiteLinks: Send + Sync + Debug {
    /// Records a site's request to be linked, and returns its state. A site that is not answered
    /// yet takes over the address and preference of this request; an answered one is left
    /// unchanged. Expired sites are forgotten first, so they count as new. Fails with
    /// [`crate::ErrorKind::Conflict`] when too many sites ask.
    async fn ask(&self, ask: &LinkRequest) -> Result<Site>;

    /// The site with a token, whatever its state. The one lookup that is not by account: it finds
    /// the account.
    async fn find(&self, token: &Digest) -> Result<Option<Site>>;

    /// Answers a site, once. Returns `None` when no site asks with this token, or when it now names
    /// another address.
    ///
    /// A site is linked to an account once. If the account has, or had, a link with the same
    /// origin, that link takes over the token and keeps its id, its job (unless another starts) and
    /// the events published to the site. Its old token becomes [`SiteState::Replaced`].
    async fn answer(&self, token: &Digest, answer: &LinkDecision) -> Result<Option<Site>>;

    /// The sites that are or were linked to an account, newest first.
    async fn sites(&self, account: &AccountId) -> Result<Vec<Site>>;

    /// Records that a linked site starts another sync, if its last one is still `last`. Returns
    /// whether it did.
    async fn begin_sync(&self, account: &AccountId, id: SiteId, last: Option<JobId>, job: JobId) -> Result<bool>;

    /// Ends a link from `at` on; one that has already ended is left unchanged. Returns the
    /// resulting site; `None` when the account never had it.
    async fn revoke(&self, account: &AccountId, id: SiteId, at: Timestamp) -> Result<Option<Site>>;

    /// Records that a site was heard from; writes nothing when the last recorded time is less than
    /// a minute before `at`.
    async fn touch(&self, id: SiteId, at: Timestamp) -> Result<()>;
}

/// Records what copies of comments each site keeps, and what it was told.
#[async_trait]
pub trait SiteCopies: Send + Sync + Debug {
    /// The last events published to a site for these comments.
    async fn copies_of(&self, id: SiteId, comments: &[CommentId]) -> Result<Vec<ToldCopy>>;

    /// The last events published to a site for the comments of a page, deletions included.
    async fn copies(&self, id: SiteId, page: PageId) -> Result<Vec<ToldCopy>>;

    /// The pages with a comment that was published to a site and that it should still have. In
    /// order of id, after `after`, at most `limit`.
    async fn told_pages(&self, id: SiteId, after: Option<PageId>, limit: u32) -> Result<Vec<PageId>>;

    /// Publishes events of comments to a site. Each replaces the last event of its comment. They
    /// are later than all events published so far, and not before `at`. Each is 20 ms after the one
    /// before: the plugin resumes from the second of the last event that it received, and a page of
    /// a hundred must advance it beyond that.
    async fn tell(&self, id: SiteId, copies: &[SiteCopy], at: Timestamp) -> Result<()>;

    /// The events published to a site after `after_ms`, in order; at most `limit`. New comments
    /// that the site has reported to have since ([`crate::SiteCopies::adopt`]) are omitted.
    async fn told(&self, id: SiteId, after_ms: i64, limit: u32) -> Result<Vec<ToldCopy>>;

    /// How far the search for a site's next events got: the value last passed to
    /// [`crate::SiteCopies::set_look`].
    async fn look(&self, id: SiteId) -> Result<Option<String>>;

    /// See [`crate::SiteCopies::look`].
    async fn set_look(&self, id: SiteId, look: &str) -> Result<()>;

    /// Records the ids under which a site keeps its copies. Comments that were never published to
    /// it are ignored. From then on the ids are known to [`crate::SiteCopies::adopted`]. A site may
    /// have several copies of a comment.
    async fn adopt(&self, account: &AccountId, id: SiteId, origin: &Origin, kept: &[KeptCopy]) -> Result<()>;

    /// Which of these source ids of an account's WordPress origin are copies of comments from
    /// elsewhere, and of which comments.
    async fn adopted(
        &self,
        account: &AccountId,
        origin: &Origin,
        source_ids: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, CommentId>>;
}

/// Stores sites: their links and their copies.
pub trait SiteStore: SiteLinks + SiteCopies {}

impl<T> SiteStore for T where T: SiteLinks + SiteCopies {}
