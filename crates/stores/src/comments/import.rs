//! What an import writes, and where it continues.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{
    AccountId, Author, DateRange, Finding, FrameCounts, ImportSummary, JobId, Located, Origin, PageOptions, Record,
    Scope, Step, StoredFields, Tally, Thread, Timestamp,
};

use crate::Result;

/// The target of an import.
#[derive(Debug, Clone)]
pub struct Target {
    /// The account, the vendor, and the origin of records that do not name their own.
    pub scope: Scope,
    /// The import.
    pub job: JobId,
    /// Writes no comment, thread, author or page; only reports what would happen.
    pub dry_run: bool,
    /// The time of the newest comment in the import, as far as it is known beforehand. If an
    /// earlier import brought a newer comment, nothing is updated.
    pub newest_comment_at: Option<Timestamp>,
    /// Updates even then.
    pub overwrite: bool,
}

/// How far a step has been written. Stored in the same transaction as the data it describes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checkpoint {
    /// Committed batches; 0 for a step without any.
    pub batches: u64,
    /// The byte offset in the document up to which records are written (`None` before the first
    /// batch).
    pub position: Option<u64>,
    /// Whether the step is complete.
    pub complete: bool,
    /// The frames read for the batches of the step so far.
    pub frames: FrameCounts,
    /// The counts of the step so far.
    pub tally: Tally,
    /// The range of times of the step's accepted comments so far, in microseconds.
    pub dates: Option<DateRange>,
}

/// The content of one transaction.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The step it belongs to.
    pub step: Step,
    /// The [`Checkpoint::batches`] that the writer started from.
    pub from: u64,
    /// The [`Checkpoint::position`] after this batch.
    pub position: u64,
    /// Whether this batch completes the step.
    pub complete: bool,
    /// The frames read for it.
    pub frames: FrameCounts,
    /// The records of the target's origin, in file order.
    pub records: Vec<Located<Record>>,
    /// The records of other origins, likewise; the target's origin is not among them.
    pub other_origins: BTreeMap<Origin, Vec<Located<Record>>>,
    /// Repairs, and findings outside records. Refused records become findings automatically.
    pub findings: Vec<Finding>,
}

/// The ids that a batch mentions; for [`crate::ImportStore::known`].
#[derive(Debug, Clone, Default)]
pub struct LookupKeys {
    /// Source ids of comments.
    pub comments: BTreeSet<String>,
    /// Source ids of threads.
    pub threads: BTreeSet<String>,
    /// Keys of authors.
    pub authors: BTreeSet<String>,
}

/// What is known of them.
#[derive(Debug, Clone, Default)]
pub struct StoredRecords {
    /// Comments that this import has already brought.
    pub brought: BTreeSet<String>,
    /// Stored comments, by source id.
    pub comments: BTreeMap<String, StoredFields>,
    /// Stored descriptions of threads, by source id.
    pub threads: BTreeMap<String, Thread>,
    /// Stored descriptions of authors, by key.
    pub authors: BTreeMap<String, Author>,
}

/// Stores the results of imports.
///
/// # Guarantees of a commit
///
/// Rows, findings, counts and the checkpoint become visible together or not at all. Origins are
/// independent: an id of one origin has nothing to do with an equal id of another, whether they
/// come in one batch, one import or several.
///
/// A comment is *created*, *updated* (its [`rethread_model::Fingerprint`] differs from the stored
/// one) or *unchanged* (nothing is written for it). A status that was changed here after an import
/// is kept. Of several comments with one id in one file, the first in the file counts, whatever the
/// order in which they are written; the others are findings (`duplicate_id`) and counted as
/// skipped. A refused comment counts as itself and never replaces one that can be stored.
///
/// A file that is older than its origin ([`Target::newest_comment_at`]) creates what is missing and
/// updates nothing: neither comments nor threads nor authors. What differs counts as unchanged, and
/// the import gets the finding `older_file` once. Repeated findings are stored once.
///
/// Of several descriptions of one author, the one with the greatest [`Author::rank`] is kept. Of
/// equal ones, and of several descriptions of one thread, the one from the newer import is kept,
/// then the one with the greatest fingerprint. A comment keeps its own signature, whatever its
/// author's other comments are signed with. Comments are redacted (tombstones lose their text)
/// before they are written.
#[async_trait]
pub trait ImportStore: Send + Sync + Debug {
    /// How far a step has been written; the default checkpoint when it was not started.
    async fn checkpoint(&self, account: &AccountId, job: JobId, step: Step) -> Result<Checkpoint>;

    /// Writes a batch and its checkpoint in one transaction, and returns the new checkpoint. Fails
    /// with [`crate::ErrorKind::Conflict`] and writes nothing when the stored checkpoint is
    /// complete, or is not the one that the writer started from.
    async fn commit(&self, target: &Target, batch: Batch) -> Result<Checkpoint>;

    /// Returns what this import, and the store, hold for the ids in a batch of the target's origin.
    /// Unknown ids are omitted, as are ids that the store had to shorten.
    async fn known(&self, target: &Target, asked: &LookupKeys) -> Result<StoredRecords>;

    /// Links replies to their parents, for at least one thread and about `comments` comments of any
    /// of the import's origins. Commits them in one transaction with the checkpoint of
    /// [`Step::Finish`], which is complete when all threads of all origins are linked. Memory is
    /// bounded by the largest thread.
    ///
    /// Comments whose thread is described neither by this file nor by an earlier one are
    /// `thread_not_in_file`.
    ///
    /// Within a thread, a parent that is neither in the file nor stored is `parent_not_in_file`.
    /// One that was refused and is not stored is `parent_not_imported`. One on another thread is
    /// `parent_elsewhere`. Of a circle, the comment that comes first in the file is `parent_cycle`.
    /// A comment from an earlier import remains a parent, even if this file leaves it out. Each
    /// comment with such a finding becomes a top-level comment; every other reply is linked to its
    /// parent, whatever the parent's status. A dry run finds the same and links nothing.
    ///
    /// An e-mail address that signed comments of this file under more than three names is a finding
    /// (`shared_address`) at the first of these comments, with its id.
    ///
    /// A thread with comments whose address, according to this file,
    /// [`rethread_model::leads_elsewhere`] is a finding (`page_elsewhere`) with the thread's id, at
    /// the first of its comments.
    async fn link(&self, target: &Target, comments: u32) -> Result<Checkpoint>;

    /// Creates the pages of the threads with comments that this import mentioned, for all its
    /// origins, drops pages that lost theirs, and counts comments and reactions. Does not read
    /// pages that the import did not touch, however many the origin has. Returns the number of
    /// pages that this file has comments on, the pages on which threads with different addresses
    /// were merged, and the range of the times of this file's comments ([`Checkpoint::dates`] of
    /// all steps). May be repeated until [`crate::ImportBookkeeping::forget_import`].
    ///
    /// Missing comments are counted only for a file that was read to its end (`is_whole`);
    /// otherwise the number is unknown.
    async fn finalize(&self, target: &Target, is_whole: bool) -> Result<ImportSummary>;

    /// How the pages of an origin were identified at its last import. `None` without an import, or
    /// if it did not say.
    async fn page_options(&self, scope: &Scope) -> Result<Option<PageOptions>>;

    /// Stores how pages are identified from this import on, for all of its origins that have
    /// something stored. Must be called before [`crate::ImportBookkeeping::forget_import`].
    async fn set_page_options(&self, target: &Target, options: &PageOptions) -> Result<()>;
}
