//! Which description of a thread or an author is kept, of those that imports bring one after the
//! other.

use rethread_model::{Author, Fingerprint, JobId};

use crate::stored_value::micros;

/// The id of a job as stored. The ids of newer jobs are greater.
pub type JobBytes = [u8; 16];

/// What a store keeps about the description of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ThreadDescription {
    /// The id of the job whose file it is from.
    pub described_by: Option<JobBytes>,
    /// Detects changes; `None` until the thread is described.
    pub fingerprint: Option<Fingerprint>,
}

impl ThreadDescription {
    /// Whether the description of an import's file, the latest in it so far, is not written: it is
    /// the stored one, a newer import has written the stored one, or descriptions from other
    /// imports must not be updated (`updates` is false).
    #[must_use]
    pub fn is_kept(&self, job: JobId, fingerprint: Fingerprint, updates: bool) -> bool {
        let job = *job.as_uuid().as_bytes();
        let is_kept = |by: JobBytes| by > job || (by != job && !updates);
        self.fingerprint == Some(fingerprint) || self.described_by.is_some_and(is_kept)
    }
}

/// Decides which description of an author is kept, the greatest: whether it has a name, its time,
/// then the newer import, then its fingerprint. The default is that of an author of whom only the
/// key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct AuthorRank {
    /// Whether it has a name.
    pub is_named: bool,
    /// Its time, in microseconds since 1970.
    pub as_of: Option<i64>,
    /// The id of the job whose file it is from.
    pub described_by: Option<JobBytes>,
    /// Its fingerprint.
    pub fingerprint: Option<[u8; 16]>,
}

impl AuthorRank {
    /// The rank of a description in a job's file.
    #[must_use]
    pub fn of(job: JobId, fingerprint: Fingerprint, author: &Author) -> Self {
        let (is_named, as_of) = author.rank();
        Self {
            is_named,
            as_of: micros(as_of),
            described_by: Some(*job.as_uuid().as_bytes()),
            fingerprint: Some(fingerprint.0),
        }
    }

    /// Whether the stored description is kept when a file brings one with the rank `new`: it ranks
    /// as high, or it is from another import and must not be updated (`updates` is false).
    #[must_use]
    pub fn is_kept(self, new: Self, updates: bool) -> bool {
        let is_anothers = self.described_by.is_some_and(|by| Some(by) != new.described_by);
        self >= new || (is_anothers && !updates)
    }
}

#[cfg(test)]
mod tests {
    use rethread_model::Timestamp;

    use super::*;

    fn job(second: i64) -> JobId {
        JobId::new(Timestamp::from_second(second).unwrap(), &[0; 10])
    }

    fn bytes(second: i64) -> JobBytes {
        *job(second).as_uuid().as_bytes()
    }

    #[test]
    fn the_newest_import_describes_a_thread() {
        let [one, two] = [1, 2].map(|byte| Fingerprint([byte; 16]));
        let stored = ThreadDescription { described_by: Some(bytes(5)), fingerprint: Some(one) };
        assert!(stored.is_kept(job(9), one, true), "it is the same");
        assert!(stored.is_kept(job(4), two, true), "it is from a newer import");
        assert!(!stored.is_kept(job(9), two, true) && stored.is_kept(job(9), two, false));
        assert!(!stored.is_kept(job(5), two, false), "the same file describes it again");
        assert!(!ThreadDescription::default().is_kept(job(1), one, false), "it was never described");
    }

    #[test]
    fn a_named_author_outranks_a_newer_nameless_one() {
        let rank = |is_named, as_of, second| AuthorRank {
            is_named,
            as_of,
            described_by: Some(bytes(second)),
            fingerprint: Some([0; 16]),
        };
        assert!(rank(true, None, 1).is_kept(rank(false, Some(7), 2), true));
        assert!(!rank(true, Some(6), 1).is_kept(rank(true, Some(7), 2), true));
        assert!(rank(true, Some(6), 1).is_kept(rank(true, Some(7), 2), false), "it is from another import");
        assert!(!AuthorRank::default().is_kept(rank(false, None, 1), false));
    }
}
