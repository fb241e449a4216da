//! Sites that send their comments by themselves, and those that ask to.
//!
//! A site's plugin makes its token itself, from the time and little else: so a token that nobody has accepted may do
//! nothing, and one that was accepted belongs to one account and one site for good. Only its SHA-256 is stored.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{AccountId, CommentId, Digest, JobId, Origin, PageId, SiteId, Timestamp, Vendor, page_key};

use crate::Result;

/// Milliseconds between two things that a site is told.
const APART_MS: i64 = 20;

/// Where a site stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteState {
    /// Nobody has answered yet.
    Asking,
    /// An admin accepted it.
    Linked,
    /// An admin refused it. It may ask again once that is forgotten ([`Site::expires_at`]).
    Refused,
    /// It was linked, and an admin ended that. Its token is of no use any more.
    Revoked,
    /// It was linked, and was linked again with another token, which the link has since. This is what is left of the old token.
    Replaced,
}

const STATES: [SiteState; 5] =
    [SiteState::Asking, SiteState::Linked, SiteState::Refused, SiteState::Revoked, SiteState::Replaced];

impl SiteState {
    /// The word in stores and in the API.
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
    /// Its id, which is no secret.
    pub id: SiteId,
    /// Its address, as it names itself.
    pub domain: String,
    /// Where it stands.
    pub state: SiteState,
    /// Whether it asked not to send its comments at once.
    pub without_sync: bool,
    /// Whose admin answered; `None` while it asks.
    pub account: Option<AccountId>,
    /// The name of the token of who answered.
    pub answered_by: Option<String>,
    /// When that was.
    pub answered_at: Option<Timestamp>,
    /// When it first asked.
    pub asked_at: Timestamp,
    /// When a site that is not linked is forgotten.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last touch of since it is linked, to the minute or so.
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

    /// The origin of its comments: what an export of the same site names as its base address gives the same.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::new(page_key(&self.domain))
    }

    /// The account that it is linked to.
    #[must_use]
    pub fn linked_account(&self) -> Option<&AccountId> {
        self.account.as_ref().filter(|_| self.state == SiteState::Linked)
    }
}

/// Which of the sites of an account already is the one with this origin: the one that is linked, else the one that was last.
fn link_of<'s>(sites: &'s [Site], origin: &Origin) -> Option<&'s Site> {
    let of_origin = sites.iter().filter(|site| site.origin() == *origin);
    of_origin.max_by_key(|site| (site.state == SiteState::Linked, site.answered_at, site.id))
}

/// What a site asks.
#[derive(Debug, Clone)]
pub struct LinkRequest {
    /// Its id if it is a new one.
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
    /// How many sites, of all, may ask at a time.
    pub most: u32,
}

/// What an admin answers.
#[derive(Debug, Clone)]
pub struct LinkDecision {
    /// The admin's account.
    pub account: AccountId,
    /// The name of the admin's token.
    pub by: String,
    /// The address that the admin was shown.
    pub domain: String,
    /// Whether the site is linked.
    pub accepts: bool,
    /// The sync that is to begin.
    pub job: Option<JobId>,
    /// When that is.
    pub at: Timestamp,
}

/// What a site is told of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyEvent {
    /// It is to have it.
    New,
    /// It has it, and it is another by now.
    Updated,
    /// It is not to have it any more.
    Deleted,
}

impl CopyEvent {
    /// The word in stores.
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

/// A comment of which a site keeps a copy, as it was last told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteCopy {
    /// The comment's id.
    pub comment: CommentId,
    /// Where it is found: vendor, origin and source id.
    pub vendor: Vendor,
    /// See `vendor`.
    pub origin: String,
    /// See `vendor`.
    pub source_id: String,
    /// The page that it is on.
    pub page: PageId,
    /// The site's own thread on this page: a post's id.
    pub post: String,
    /// What the site is told.
    pub telling: CopyEvent,
    /// What it was then: another one of another content.
    pub version: Digest,
}

/// A [`SiteCopy`] and when the site was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldCopy {
    /// In milliseconds since 1970; see [`SiteStore::tell`]. Of many that were told together, the last seem to come later than
    /// they did.
    pub at_ms: i64,
    /// What.
    pub copy: SiteCopy,
    /// WordPress's number of the copy, once the site has told it.
    pub own_id: Option<String>,
}

/// A comment from here of which a site says that it keeps it, and under which number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCopy {
    /// The comment.
    pub comment: CommentId,
    /// WordPress's number of the copy.
    pub own_id: String,
    /// The source id that the copy has when the site, or its export, brings it; `None` for one on the post that the site was
    /// told.
    pub source_id: Option<String>,
}

/// Stores sites, beside the comments.
#[async_trait]
pub trait SiteStore: Send + Sync + Debug {
    /// Notes that a site asks to be linked, and tells how it stands. One that nobody has answered takes the address and the
    /// wish that it gives now; one that was answered stays as it is. What has expired is forgotten first, so that it is new
    /// again. Fails with [`crate::ErrorKind::Conflict`] where too many ask.
    async fn ask(&self, ask: &LinkRequest) -> Result<Site>;

    /// The site with a token, whatever its state. The one look-up that is not by account: it finds the account.
    async fn find(&self, token: &Digest) -> Result<Option<Site>>;

    /// Answers a site, once: `None` when there is none that asks with this token, or it names another address by now.
    ///
    /// A site is linked to an account once: where the account has, or had, a link of the same origin, that one takes the token
    /// and keeps its id, its job where no other begins, and what the site was told. Its old token becomes
    /// [`SiteState::Replaced`].
    async fn answer(&self, token: &Digest, answer: &LinkDecision) -> Result<Option<Site>>;

    /// The sites that are or were linked to an account, newest first.
    async fn sites(&self, account: &AccountId) -> Result<Vec<Site>>;

    /// Notes that a linked site begins another sync, if its last one still is `last`. Tells whether it is so.
    async fn begin_sync(&self, account: &AccountId, id: SiteId, last: Option<JobId>, job: JobId) -> Result<bool>;

    /// Ends a link from `at` on; one that has ended already stays as it is. The site as it is then; `None` when the account
    /// never had such a one.
    async fn revoke(&self, account: &AccountId, id: SiteId, at: Timestamp) -> Result<Option<Site>>;

    /// What a site was told of these comments.
    async fn copies_of(&self, id: SiteId, comments: &[CommentId]) -> Result<Vec<ToldCopy>>;

    /// What a site was told of the comments of a page, also that it is not to have them any more.
    async fn copies(&self, id: SiteId, page: PageId) -> Result<Vec<ToldCopy>>;

    /// The pages, by id and from after `after`, of which a site was told a comment that it still is to have; at most `limit`.
    async fn told_pages(&self, id: SiteId, after: Option<PageId>, limit: u32) -> Result<Vec<PageId>>;

    /// Tells a site something of comments, instead of what it was told of each before: later than all that it was told so far,
    /// and not before `at`. Each is 20 ms after the one before: the plugin goes on from the second of the last event that it
    /// got, and a page of a hundred must get it further than that.
    async fn tell(&self, id: SiteId, copies: &[SiteCopy], at: Timestamp) -> Result<()>;

    /// What a site was told after `after_ms`, in order; at most `limit`. What is new to it and what it has said since that it
    /// has ([`SiteStore::adopt`]) is left out.
    async fn told(&self, id: SiteId, after_ms: i64, limit: u32) -> Result<Vec<ToldCopy>>;

    /// How far somebody got who looked for what a site is to be told: as [`SiteStore::set_look`] was given it.
    async fn look(&self, id: SiteId) -> Result<Option<String>>;

    /// See [`SiteStore::look`].
    async fn set_look(&self, id: SiteId, look: &str) -> Result<()>;

    /// Notes under which ids a site keeps its copies. Comments that it was never told of are passed over. From then on they are
    /// known to [`SiteStore::adopted`]. A copy may be there more than once.
    async fn adopt(&self, account: &AccountId, id: SiteId, origin: &Origin, kept: &[KeptCopy]) -> Result<()>;

    /// Which of these source ids of an account's WordPress origin are copies of comments that came from elsewhere, and of
    /// which.
    async fn adopted(
        &self,
        account: &AccountId,
        origin: &Origin,
        source_ids: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, CommentId>>;

    /// Notes that a site was touch of; writes nothing when the last time was less than a minute before `at`.
    async fn touch(&self, id: SiteId, at: Timestamp) -> Result<()>;
}
