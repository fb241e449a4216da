//! Threads, pages, authors, comments, findings and checkpoints.

mod batch;
mod circle;
mod export_cursor;
mod link_cursor;
mod moves;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod reply_graph;
mod resolve_batch;
mod signature;
mod snapshot;
pub(crate) mod sqlite;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{
    AccountId, Author, CommentId, DateRange, ExportFilter, Finding, FrameCounts, ImportSummary, JobId, Located, Moving,
    Origin, PageId, PageOptions, Reaction, Record, SafeHtml, Scope, Status, Step, StoredFields, Tally, TextKind,
    Thread, ThreadId, Timestamp, Vendor, Written,
};

use crate::{Diagnosis, Result};

pub use moves::{MovePreview, MoveStep, MovedPage};
pub use snapshot::{ExportDepth, Snapshot};

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

/// A finding as listed. Ordered by position, then reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFinding {
    /// For `after` of [`CommentStore::findings`]; opaque.
    pub cursor: String,
    /// The finding.
    pub finding: Finding,
}

/// A page of findings.
#[derive(Debug, Clone)]
pub struct FindingPage {
    /// In order of position.
    pub findings: Vec<StoredFinding>,
    /// Whether there are more.
    pub has_more: bool,
}

/// Which pages to list.
#[derive(Debug, Clone, Default)]
pub struct PageQuery {
    /// Only pages whose key, address or title contains this text.
    pub search: Option<String>,
    /// The [`StoredPage::url_id`] of the last page of the previous list.
    pub after: Option<String>,
    /// The page size, 1 to 200.
    pub limit: u32,
}

/// A page with comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPage {
    /// Its id.
    pub id: PageId,
    /// Its key.
    pub url_id: String,
    /// The address of one of its threads.
    pub url: Option<String>,
    /// The first [`StoredPage::URLS`] distinct addresses of its threads, in alphabetical order.
    pub urls: Vec<String>,
    /// The number of distinct addresses of its threads.
    pub url_count: i64,
    /// The title of one of its threads, at most [`StoredPage::TITLE_CHARACTERS`]; plain text.
    pub title: Option<String>,
    /// The number of comments, in all states.
    pub comments: i64,
    /// The sums ([`Reaction::sum`]) over its threads with comments, as of the last
    /// [`CommentStore::finalize`] that touched the page.
    pub reactions: Vec<Reaction>,
}

impl StoredPage {
    /// The maximum number of addresses in [`StoredPage::urls`].
    pub const URLS: usize = 20;

    /// The maximum length of [`StoredPage::title`]; longer titles are cut.
    pub const TITLE_CHARACTERS: usize = 1_000;

    fn listed_bytes(&self) -> usize {
        let texts = [&self.url, &self.title].into_iter().flatten().chain(&self.urls);
        self.url_id.len() + texts.map(String::len).sum::<usize>()
    }
}

/// A page of pages, by key. Ends early if they add up to more than [`PageList::BYTES`].
#[derive(Debug, Clone)]
pub struct PageList {
    /// The pages.
    pub pages: Vec<StoredPage>,
    /// Whether there are more.
    pub has_more: bool,
}

impl PageList {
    /// A list ends after this many bytes of keys, addresses and titles, whatever its limit.
    pub const BYTES: usize = 4 << 20;

    /// A list of these pages, in order, of which there may be one more than `limit`.
    fn of<E>(found: impl IntoIterator<Item = Result<StoredPage, E>>, limit: u32) -> Result<Self, E> {
        let mut list = Self { pages: Vec::new(), has_more: false };
        let mut bytes = 0;
        for page in found {
            let page = page?;
            bytes += page.listed_bytes();
            if list.pages.len() == limit as usize || (bytes > Self::BYTES && !list.pages.is_empty()) {
                list.has_more = true;
                break;
            }
            list.pages.push(page);
        }
        Ok(list)
    }
}

/// Which comments of a page to list.
#[derive(Debug, Clone, Default)]
pub struct CommentQuery {
    /// The cursor of the last comment of the previous list.
    pub after: Option<String>,
    /// The page size, 1 to 200.
    pub limit: u32,
}

/// The author of a stored comment, as signed: name, link and picture are those of the comment's
/// [`rethread_model::Signature`] or, where it has none, those of the author's description.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredAuthor {
    /// Display name, plain text.
    pub name: Option<String>,
    /// The author's e-mail address; only for the account's admins.
    pub email: Option<String>,
    /// The author's own site, unchecked.
    pub link: Option<String>,
    /// The address of a picture, unchecked.
    pub avatar: Option<String>,
}

/// A comment as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredComment {
    /// Cursor for [`CommentQuery::after`].
    pub cursor: String,
    /// Its id.
    pub id: CommentId,
    /// Its thread.
    pub thread: ThreadId,
    /// The comment it replies to, once linked; always on the same thread and never in a circle.
    pub parent: Option<CommentId>,
    /// The vendor it comes from.
    pub vendor: Vendor,
    /// The site at the vendor.
    pub origin: String,
    /// The vendor's id.
    pub source_id: String,
    /// Who wrote it; `None` for tombstones.
    pub author: Option<StoredAuthor>,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// Its current status: as imported, or as changed since.
    pub status: Status,
    /// The text as the vendor gave it.
    pub text: String,
    /// The format of `text`.
    pub text_kind: TextKind,
    /// Sanitised HTML.
    pub html: SafeHtml,
    /// Net votes, where known.
    pub score: Option<i64>,
    /// Whether its status was changed here, after an import.
    pub changed_here: bool,
    /// Whether it was too long for a list: then `text` is a prefix, and `html`, which cannot be
    /// cut, is empty.
    pub truncated: bool,
}

impl StoredComment {
    /// The bytes of text, and of HTML, above which a list truncates a comment.
    pub const LISTED_BYTES: usize = 64 << 10;

    /// Cuts the text to at most [`StoredComment::LISTED_BYTES`] bytes.
    fn shorten(&mut self) {
        let end = (0..=Self::LISTED_BYTES.min(self.text.len())).rev().find(|end| self.text.is_char_boundary(*end));
        self.text.truncate(end.unwrap_or(0));
    }

    fn listed_bytes(&self) -> usize {
        self.text.len() + self.html.as_str().len()
    }
}

/// A thread of an origin and its page; for [`CommentStore::shared_pages`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedPage {
    /// The vendor's id of the thread.
    pub thread: String,
    /// The page.
    pub page: PageId,
}

/// A page that an origin has a thread on, and how many comments a copy of it would have; for
/// [`CommentStore::site_pages`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePage {
    /// The vendor's id of the origin's first thread on the page, by source id.
    pub thread: String,
    /// The page.
    pub page: PageId,
    /// How many comments [`CommentStore::site_comments`] returns for it.
    pub comments: u64,
}

/// The key of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentKey {
    /// The system it comes from.
    pub vendor: Vendor,
    /// The site there.
    pub origin: String,
    /// Its id there.
    pub source_id: String,
}

/// A page of comments, oldest first. Ends early once they exceed [`StoredCommentPage::BYTES`].
#[derive(Debug, Clone)]
pub struct StoredCommentPage {
    /// The comments.
    pub comments: Vec<StoredComment>,
    /// Whether there are more.
    pub has_more: bool,
}

impl StoredCommentPage {
    /// The bytes of text and HTML after which a list ends, whatever its limit.
    pub const BYTES: usize = 4 << 20;

    /// A list of these comments, in order; there may be one more than `limit`.
    fn of<E>(found: impl IntoIterator<Item = Result<StoredComment, E>>, limit: u32) -> Result<Self, E> {
        let mut page = Self { comments: Vec::new(), has_more: false };
        let mut bytes = 0;
        for comment in found {
            let mut comment = comment?;
            if comment.truncated {
                comment.shorten();
            }
            bytes += comment.listed_bytes();
            if page.comments.len() == limit as usize || (bytes > Self::BYTES && !page.comments.is_empty()) {
                page.has_more = true;
                break;
            }
            page.comments.push(comment);
        }
        Ok(page)
    }
}

/// The ids that a batch mentions; for [`CommentStore::known`].
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
pub trait CommentStore: Send + Sync + Debug {
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
    /// all steps). May be repeated until [`CommentStore::forget_import`].
    ///
    /// Missing comments are counted only for a file that was read to its end (`is_whole`);
    /// otherwise the number is unknown.
    async fn finalize(&self, target: &Target, is_whole: bool) -> Result<ImportSummary>;

    /// How the pages of an origin were identified at its last import. `None` without an import, or
    /// if it did not say.
    async fn page_options(&self, scope: &Scope) -> Result<Option<PageOptions>>;

    /// Stores how pages are identified from this import on, for all of its origins that have
    /// something stored. Must be called before [`CommentStore::forget_import`].
    async fn set_page_options(&self, target: &Target, options: &PageOptions) -> Result<()>;

    /// The state of a running import, read as one snapshot; empty for an import that was not
    /// started or has ended.
    async fn written(&self, account: &AccountId, job: JobId) -> Result<Written>;

    /// The number of stored comments of an account from a vendor, over all its sites.
    async fn count_comments(&self, account: &AccountId, vendor: Vendor) -> Result<i64>;

    /// The sum of the job's tallies.
    async fn tally(&self, account: &AccountId, job: JobId) -> Result<Tally>;

    /// Ends an import, once its job has ended. Findings and the tally are kept. From then on every
    /// step counts as complete, and commits fail with [`crate::ErrorKind::Conflict`]. Fast,
    /// whatever the import's size: the ledger is left to [`CommentStore::forget_import`].
    async fn end_import(&self, account: &AccountId, job: JobId) -> Result<()>;

    /// The same, and also drops what only a running import needs, in portions that never block
    /// other writers for long. The total time is proportional to the size of the file, so
    /// latency-sensitive callers should not do this work.
    async fn forget_import(&self, account: &AccountId, job: JobId) -> Result<()>;

    /// The imports for which [`CommentStore::forget_import`] has not completed; for the janitor.
    async fn imports_to_clean_up(&self) -> Result<Vec<(AccountId, JobId)>>;

    /// A job's findings in order of position, after the cursor `after`; at most `limit`, 1 to 1000.
    /// Fails with [`crate::ErrorKind::NotFound`] when `after` is not a cursor.
    async fn findings(&self, account: &AccountId, job: JobId, after: Option<&str>, limit: u32) -> Result<FindingPage>;

    /// An account's pages, by key.
    async fn pages(&self, account: &AccountId, query: &PageQuery) -> Result<PageList>;

    /// One page of an account.
    async fn page(&self, account: &AccountId, id: PageId) -> Result<Option<StoredPage>>;

    /// The comments of an account's page, oldest first (those without a time last). Long ones are
    /// [truncated](StoredComment::truncated).
    async fn comments(&self, account: &AccountId, page: PageId, query: &CommentQuery) -> Result<StoredCommentPage>;

    /// The comment of an account with this id, untruncated. `cursor` is its
    /// [`StoredComment::cursor`], which makes the lookup fast; without it, or with the cursor of
    /// another comment, all comments of the account are searched.
    async fn find_comment(
        &self,
        account: &AccountId,
        id: CommentId,
        cursor: Option<&str>,
    ) -> Result<Option<StoredComment>>;

    /// One comment, untruncated.
    async fn comment(&self, scope: &Scope, source_id: &str) -> Result<Option<StoredComment>>;

    /// The threads of an origin that share a page with a thread of another origin, or that have a
    /// comment whose status was changed here. In order of source id, after `after`, at most
    /// `limit`.
    async fn shared_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SharedPage>>;

    /// The pages that an origin has a thread on, each once. In order of that thread's source id,
    /// after `after`, at most `limit`.
    async fn site_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SitePage>>;

    /// The comments of a page that the site with this origin keeps, or should keep, a copy of:
    /// public and pending ones, and its own spam. In the order of
    /// [`rethread_model::parents_first`], without the first `skip`, at most `limit`. Takes some
    /// tens of bytes of memory per comment of the page.
    async fn site_comments(&self, scope: &Scope, page: PageId, skip: u64, limit: u32) -> Result<Vec<CommentKey>>;

    /// The first thread of an origin on a page, by source id.
    async fn thread_on(&self, scope: &Scope, page: PageId) -> Result<Option<String>>;

    /// A snapshot of an account's comments, to be read from first to last while imports continue.
    /// See [`Snapshot`] for the order and for the cost of holding one.
    async fn export(&self, account: &AccountId, filter: &ExportFilter) -> Result<Box<dyn Snapshot>>;

    /// Changes the status of a comment here; imports keep it. A comment that is deleted here loses
    /// its text and author, and imports do not restore them until it gets another status. Returns
    /// `false` when the account has no such comment.
    async fn set_status(&self, scope: &Scope, source_id: &str, status: Status) -> Result<bool>;

    /// Returns what a move would do now, without doing it. Threads count at their current location,
    /// so for an undo, threads that were moved again since are `kept`. Takes time proportional to
    /// the account's threads, and a few bytes of memory per affected page.
    ///
    /// Fails with [`crate::ErrorKind::NotFound`] when the account has no record of the move to
    /// undo.
    async fn preview_move(&self, account: &AccountId, moving: &Moving) -> Result<MovePreview>;

    /// Moves the next threads of a move job, about `threads` of them and at most 500, and returns
    /// the job's progress. The moved threads, the record and the progress are committed together:
    /// whatever is repeated, and however many workers run the same job, each thread is moved once
    /// and counted once. Call it until the step is complete; then it does nothing.
    ///
    /// A move covers the threads that exist when it reaches them, including those without comments,
    /// at their location after earlier moves. It writes no comment. From then on imports do not
    /// change the thread's location, while the vendor's description remains what exports contain.
    /// Threads whose import has not ended get their page when it does.
    ///
    /// An undo restores the threads in the record of an earlier job that are still where that job
    /// put them, and leaves the others (`kept`). It has its own record and can be undone like any
    /// move.
    ///
    /// Fails with [`crate::ErrorKind::NotFound`] when the account has no record of the move to
    /// undo.
    async fn move_threads(&self, account: &AccountId, job: JobId, moving: &Moving, threads: u32) -> Result<MoveStep>;

    /// Checks that the store works, for readiness and `doctor`.
    async fn check(&self) -> Result<()>;

    /// Reports what an operator should know about the setup of the store, for `doctor`. With
    /// `apply`, fixes what can be fixed from here and reports it. Fails when the store does not
    /// answer.
    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        // The embedded backend has nothing to set up.
        let _ = apply;
        Ok(Vec::new())
    }
}
