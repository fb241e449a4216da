//! The preparation of a batch, done before its transaction starts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rethread_model::{
    Author, AuthorRef, Comment, DateRange, Finding, Fingerprint, FrameCounts, Located, Origin, Position, Reason,
    Record, Refused, Signature, Step, Thread, Timestamp,
};

use crate::{Batch, Target};

/// A batch with redacted comments and computed fingerprints.
pub struct Prepared {
    /// The step it belongs to.
    pub step: Step,
    /// The checkpoint's batches that the writer started from.
    pub from: u64,
    /// The checkpoint's position after it.
    pub position: u64,
    /// Whether it completes the step.
    pub complete: bool,
    /// The frames read for it.
    pub frames: FrameCounts,
    /// The origins that have records, in the order in which all writers process them.
    pub origins: BTreeMap<Origin, OriginRecords>,
    /// Findings outside records, repairs and refusals.
    pub findings: Vec<Finding>,
    /// The range of times of the accepted comments.
    pub dates: Option<DateRange>,
}

/// The records of one origin in a batch. Of several descriptions of one thread or author, only the
/// one that may be kept is left.
#[derive(Default)]
pub struct OriginRecords {
    /// Threads by source id.
    pub threads: BTreeMap<String, (Fingerprint, Thread)>,
    /// Authors by key.
    pub authors: BTreeMap<String, (Fingerprint, Author)>,
    /// In file order.
    pub comments: Vec<Located<Entry>>,
}

/// A comment of the file.
pub enum Entry {
    /// To be stored.
    Taken(Fingerprint, Box<Comment>),
    /// Not to be stored.
    Refused(Refused),
}

impl Entry {
    /// The vendor's id, if it could be read.
    #[must_use]
    pub fn source_id(&self) -> Option<&str> {
        match self {
            Self::Taken(_, comment) => Some(&comment.source_id),
            Self::Refused(refused) => refused.source_id.as_deref(),
        }
    }
}

/// Sorts the records of a batch by origin, redacts the comments and computes all fingerprints.
/// `origin` is the target's. Hashing takes longer than anything else in a commit, and writers wait
/// for each other, so it is done before the transaction starts, outside of the runtime's threads.
#[must_use]
pub fn prepare(origin: Origin, batch: Batch) -> Prepared {
    let mut prepared = Prepared {
        step: batch.step,
        from: batch.from,
        position: batch.position,
        complete: batch.complete,
        frames: batch.frames,
        origins: BTreeMap::new(),
        findings: batch.findings,
        dates: None,
    };
    for (origin, records) in batch.other_origins.into_iter().chain([(origin, batch.records)]) {
        if !records.is_empty() {
            let of_origin = prepared.origins.entry(origin).or_default();
            prepared.dates = DateRange::either(prepared.dates, of_origin.add(records));
        }
    }
    prepared
}

/// Stores keep times in microseconds.
fn to_the_microsecond(at: Timestamp) -> Option<Timestamp> {
    Timestamp::from_microsecond(at.as_microsecond()).ok()
}

impl OriginRecords {
    /// The time of the newest comment that is not dated after its import. It is at most what was
    /// known of the file beforehand, so that a file is never older than itself, whatever its date
    /// format.
    #[must_use]
    pub fn newest_comment_at(&self, target: &Target) -> Option<Timestamp> {
        let (made_at, newest) = (target.job.made_at(), target.newest_comment_at.unwrap_or(Timestamp::MAX));
        let time = |located: &Located<Entry>| match &located.value {
            Entry::Taken(_, comment) => comment.created_at,
            Entry::Refused(_) => None,
        };
        self.comments.iter().filter_map(time).filter(|time| *time <= made_at).map(|time| time.min(newest)).max()
    }

    /// The signatures of known authors on their first comment of the batch, by key.
    #[must_use]
    pub fn signatures(&self) -> HashMap<&str, &Signature> {
        let mut signatures = HashMap::new();
        for located in &self.comments {
            if let Entry::Taken(_, comment) = &located.value
                && let (AuthorRef::Known(key), Some(signature)) = (&comment.author, &comment.signature)
            {
                signatures.entry(key.as_str()).or_insert(signature);
            }
        }
        signatures
    }

    /// The distinct source ids of the comments.
    #[must_use]
    pub fn source_ids(&self) -> BTreeSet<&str> {
        self.comments.iter().filter_map(|located| located.value.source_id()).collect()
    }

    /// Adds records in order. Returns the range of times of the accepted comments.
    fn add(&mut self, records: Vec<Located<Record>>) -> Option<DateRange> {
        let mut dates = None;
        for Located { value, at } in records {
            match value {
                Record::Thread(thread) => self.add_thread(thread),
                Record::Author(author) => self.add_author(author),
                Record::Comment(comment) => {
                    let comment = Box::new((*comment).redacted());
                    dates = DateRange::either(dates, DateRange::of(comment.created_at.and_then(to_the_microsecond)));
                    self.comments.push(Located { value: Entry::Taken(comment.fingerprint(), comment), at });
                }
                Record::Refused(refused) => self.comments.push(Located { value: Entry::Refused(refused), at }),
            }
        }
        dates
    }

    fn add_thread(&mut self, thread: Thread) {
        let fingerprint = thread.fingerprint();
        let is_beaten = self.threads.get(&thread.source_id).is_some_and(|(other, _)| *other >= fingerprint);
        if !is_beaten {
            self.threads.insert(thread.source_id.clone(), (fingerprint, thread));
        }
    }

    fn add_author(&mut self, author: Author) {
        let fingerprint = author.fingerprint();
        let is_beaten = self
            .authors
            .get(&author.key)
            .is_some_and(|(other, stays)| (stays.rank(), *other) >= (author.rank(), fingerprint));
        if !is_beaten {
            self.authors.insert(author.key.clone(), (fingerprint, author));
        }
    }
}

/// Whether an import may update what is stored of an origin. `stored` is the time of the newest
/// comment of that origin; a file whose newest comment is older may not, unless the import
/// overwrites.
#[must_use]
pub fn may_update(target: &Target, stored: Option<Timestamp>) -> bool {
    let is_older =
        |(stored, newest): (Timestamp, Timestamp)| to_the_microsecond(newest).is_some_and(|newest| newest < stored);
    target.overwrite || !stored.zip(target.newest_comment_at).is_some_and(is_older)
}

/// The finding of an import whose file is older than what is stored. It has no position and no
/// source id, so an import has it at most once.
#[must_use]
pub fn older_file() -> Finding {
    Finding { at: Position::default(), reason: Reason::OlderFile, source_id: None }
}
