//! Ids. Content of a file has an id computed from its origin, so that any worker can write it, in
//! any order, any number of times, with the same result.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::{AccountId, Origin, Vendor};

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// From a UUID that this type's store or API returned earlier.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID.
            #[must_use]
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

uuid_newtype! {
    /// A job; UUID version 7, so ids sort by time of creation.
    JobId
}
uuid_newtype! {
    /// An event for the notifier; computed from the job and its final state, so that an event
    /// published twice is one.
    EventId
}
uuid_newtype! {
    /// A linked site; UUID version 7.
    SiteId
}
uuid_newtype! {
    /// A comment; computed.
    CommentId
}
uuid_newtype! {
    /// A thread; computed.
    ThreadId
}
uuid_newtype! {
    /// An author; computed.
    AuthorId
}
uuid_newtype! {
    /// A page; computed from the account and the page's key.
    PageId
}

impl JobId {
    /// A new id. `random` are 10 random bytes (randomness is a parameter, as is time).
    #[must_use]
    pub fn new(created_at: crate::Timestamp, random: &[u8; 10]) -> Self {
        Self(by_time(created_at, random))
    }

    /// The time of creation, to the second; the earliest time for an id that is not a job's.
    #[must_use]
    pub fn made_at(&self) -> crate::Timestamp {
        let made = self.0.get_timestamp().and_then(|made| i64::try_from(made.to_unix().0).ok());
        made.and_then(|second| crate::Timestamp::from_second(second).ok()).unwrap_or_default()
    }

    /// The id of this job's check in the comment store: the same except for the version, 8, so that
    /// data of the check is never mistaken for the import's.
    #[must_use]
    pub fn of_check(self) -> Self {
        self.with_version(8)
    }

    /// The job's own id, from it or from the id of its check.
    #[must_use]
    pub fn of_job(self) -> Self {
        self.with_version(7)
    }

    fn with_version(self, version: u8) -> Self {
        let mut bytes = self.0.into_bytes();
        bytes[6] = (bytes[6] & 0x0f) | (version << 4);
        Self(Uuid::from_bytes(bytes))
    }
}

impl SiteId {
    /// A new id. `random` are 10 random bytes.
    #[must_use]
    pub fn new(asked_at: crate::Timestamp, random: &[u8; 10]) -> Self {
        Self(by_time(asked_at, random))
    }
}

impl EventId {
    /// The id of the event that reports the end of a job.
    #[must_use]
    pub fn of_job_end(job: JobId) -> Self {
        Self(computed(&[b"event", b"job-ended", job.as_uuid().as_bytes()]))
    }
}

/// The scope of a vendor's source ids: one origin of one vendor in one account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The tenant.
    pub account: AccountId,
    /// The system.
    pub vendor: Vendor,
    /// The site at the vendor.
    pub origin: Origin,
}

impl Scope {
    /// The id of the comment that the vendor calls `source_id`.
    #[must_use]
    pub fn comment_id(&self, source_id: &str) -> CommentId {
        CommentId(self.computed("comment", source_id))
    }

    /// The id of the thread that the vendor calls `source_id`.
    #[must_use]
    pub fn thread_id(&self, source_id: &str) -> ThreadId {
        ThreadId(self.computed("thread", source_id))
    }

    /// The id of the author with this key (see [`crate::Author::key`]).
    #[must_use]
    pub fn author_id(&self, key: &str) -> AuthorId {
        AuthorId(self.computed("author", key))
    }

    fn computed(&self, kind: &str, source_id: &str) -> Uuid {
        computed(&[
            self.account.as_str().as_bytes(),
            self.vendor.as_str().as_bytes(),
            self.origin.as_str().as_bytes(),
            kind.as_bytes(),
            source_id.as_bytes(),
        ])
    }
}

/// The id of an account's page. Comments of several vendors and origins meet on one page, so
/// neither vendor nor origin is part of the id.
#[must_use]
pub fn page_id(account: &AccountId, url_id: &str) -> PageId {
    PageId(computed(&[account.as_str().as_bytes(), b"page", url_id.as_bytes()]))
}

/// UUID version 7 (RFC 9562).
fn by_time(at: crate::Timestamp, random: &[u8; 10]) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, random).into_uuid()
}

/// UUID version 8 (RFC 9562) from the first 16 bytes of a SHA-256 over the length-prefixed parts.
fn computed(parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(account: &str, origin: &str) -> Scope {
        Scope { account: account.parse().unwrap(), vendor: Vendor::Disqus, origin: Origin::new(origin) }
    }

    #[test]
    fn an_id_never_changes_between_versions() {
        let id = scope("default", "forum").comment_id("5000000001");
        assert_eq!(id.as_uuid().get_version_num(), 8);
        // Fixed: a change would make every re-import duplicate everything.
        assert_eq!(id.to_string(), "1f0eef07-65ba-82ba-a657-0d7a34f7c61a");
    }

    #[test]
    fn a_check_has_an_id_of_its_own_that_leads_to_its_job() {
        let job = JobId::new(crate::Timestamp::UNIX_EPOCH, &[0xff; 10]);
        let check = job.of_check();
        assert_eq!((job.as_uuid().get_version_num(), check.as_uuid().get_version_num()), (7, 8));
        assert_eq!((check.of_job(), job.of_job(), check.of_check()), (job, job, check));
    }

    #[test]
    fn every_part_counts() {
        let one = scope("a", "bc").comment_id("d");
        assert_ne!(one, scope("ab", "c").comment_id("d"));
        assert_ne!(one.as_uuid(), scope("a", "bc").thread_id("d").as_uuid());
        assert_ne!(one, scope("a", "b").comment_id("cd"));
        assert_ne!(page_id(&"a".parse().unwrap(), "x"), page_id(&"b".parse().unwrap(), "x"));
    }
}
