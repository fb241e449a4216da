//! What of a batch can be worked out before it is its turn to write.

use std::collections::{BTreeMap, HashMap};

use rethread_model::{
    Author, AuthorRef, Comment, DateRange, Finding, Fingerprint, Located, Record, Refused, Signature, Step, Thread,
    Timestamp,
};
#[cfg(feature = "postgres")]
use tokio::task::spawn_blocking;

use crate::Batch;
#[cfg(feature = "postgres")]
use crate::{Error, ErrorKind, Result};

/// A batch whose comments are sealed and whose fingerprints are computed. Of several descriptions of one thread or
/// author only the one that may stay is left.
pub(super) struct Prepared {
    pub(super) step: Step,
    pub(super) from: u64,
    pub(super) position: u64,
    pub(super) complete: bool,
    pub(super) threads: BTreeMap<String, (Fingerprint, Thread)>,
    pub(super) authors: BTreeMap<String, (Fingerprint, Author)>,
    /// In file order.
    pub(super) comments: Vec<Located<Entry>>,
    pub(super) findings: Vec<Finding>,
    /// Of the comments that are taken.
    pub(super) dates: Option<DateRange>,
}

/// A comment of the file.
pub(super) enum Entry {
    /// To be stored.
    Taken(Fingerprint, Box<Comment>),
    /// Not to be stored.
    Refused(Refused),
}

/// See [`sort`].
#[cfg(feature = "postgres")]
pub(super) async fn prepare(batch: Batch) -> Result<Prepared> {
    spawn_blocking(move || sort(batch))
        .await
        .map_err(|error| Error::new(ErrorKind::Internal, "a batch could not be prepared").because(error))
}

/// Hashing takes longer than anything else here, and writers wait for each other: so it is done before, off the runtime.
pub(super) fn sort(batch: Batch) -> Prepared {
    let mut prepared = Prepared {
        step: batch.step,
        from: batch.from,
        position: batch.position,
        complete: batch.complete,
        threads: BTreeMap::new(),
        authors: BTreeMap::new(),
        comments: Vec::with_capacity(batch.records.len()),
        findings: batch.findings,
        dates: None,
    };
    for Located { value, at } in batch.records {
        match value {
            Record::Thread(thread) => prepared.add_thread(thread),
            Record::Author(author) => prepared.add_author(author),
            Record::Comment(comment) => {
                let comment = Box::new((*comment).sealed());
                prepared.dates =
                    DateRange::either(prepared.dates, DateRange::of(comment.created_at.and_then(to_the_microsecond)));
                prepared.comments.push(Located { value: Entry::Taken(comment.fingerprint(), comment), at });
            }
            Record::Refused(refused) => prepared.comments.push(Located { value: Entry::Refused(refused), at }),
        }
    }
    prepared
}

/// As stores keep times.
fn to_the_microsecond(at: Timestamp) -> Option<Timestamp> {
    Timestamp::from_microsecond(at.as_microsecond()).ok()
}

impl Prepared {
    /// What known authors signed their first comment of the batch with, by key.
    pub(super) fn signatures(&self) -> HashMap<&str, &Signature> {
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
