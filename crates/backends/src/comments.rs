//! Threads, pages, authors, comments, findings and checkpoints.

mod batch;
mod circle;
mod export_cursor;
mod link_cursor;
mod moves;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
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

/// What an import writes to.
#[derive(Debug, Clone)]
pub struct Target {
    /// The account, the vendor, and the origin of what does not say another.
    pub scope: Scope,
    /// The import.
    pub job: JobId,
    /// Write no comment, thread, author or page; only tell what would happen.
    pub dry_run: bool,
    /// The time of the newest comment in what is imported, as far as it is known beforehand. Where an earlier import brought a newer
    /// one, nothing is updated.
    pub newest_comment_at: Option<Timestamp>,
    /// Update nevertheless.
    pub overwrite: bool,
}

/// How far a step has been written. Stored in the same transaction as what it speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checkpoint {
    /// Batches committed. The checkpoint of a step that nothing was committed for has 0.
    pub batches: u64,
    /// Byte offset in the document up to which records are written (`None` before the first batch).
    pub position: Option<u64>,
    /// Whether the step is complete.
    pub complete: bool,
    /// The frames that were read for the batches of the step so far.
    pub frames: FrameCounts,
    /// The counts of the step so far.
    pub tally: Tally,
    /// The times of the comments of the step so far that were not refused, to the microsecond.
    pub dates: Option<DateRange>,
}

/// The rows of one transaction.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The step that they belong to.
    pub step: Step,
    /// [`Checkpoint::batches`] that the writer started from.
    pub from: u64,
    /// [`Checkpoint::position`] after this batch.
    pub position: u64,
    /// Whether the step is complete with this batch.
    pub complete: bool,
    /// The frames that were read for it.
    pub frames: FrameCounts,
    /// The records of the target's origin, in file order.
    pub records: Vec<Located<Record>>,
    /// Those of other origins, likewise; the target's is not among them.
    pub other_origins: BTreeMap<Origin, Vec<Located<Record>>>,
    /// Repairs, and findings outside records. Refused records become findings by themselves.
    pub findings: Vec<Finding>,
}

/// A finding as it is listed. Ordered by position, then reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFinding {
    /// For `after` of [`CommentStore::findings`]; opaque.
    pub cursor: String,
    /// The finding.
    pub finding: Finding,
}

/// Some findings.
#[derive(Debug, Clone)]
pub struct FindingPage {
    /// By position.
    pub findings: Vec<StoredFinding>,
    /// Whether there are more.
    pub has_more: bool,
}

/// Which pages to list.
#[derive(Debug, Clone, Default)]
pub struct PageQuery {
    /// Only those whose key, address or title holds this text.
    pub search: Option<String>,
    /// [`StoredPage::url_id`] of the last page of the list before.
    pub after: Option<String>,
    /// At most so many; 1 to 200.
    pub limit: u32,
}

/// A page with comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPage {
    /// Its id.
    pub id: PageId,
    /// Its key.
    pub url_id: String,
    /// Its address, of one of its threads.
    pub url: Option<String>,
    /// The first [`StoredPage::URLS`] of the addresses of its threads, in alphabetical order, each once.
    pub urls: Vec<String>,
    /// How many different addresses its threads have.
    pub url_count: i64,
    /// Its title, of one of its threads; plain text.
    pub title: Option<String>,
    /// Comments on it, of all states.
    pub comments: i64,
    /// The sums ([`Reaction::sum`]) of what its threads with comments have, at the last [`CommentStore::close`] that
    /// touched it.
    pub reactions: Vec<Reaction>,
}

impl StoredPage {
    /// Most addresses in [`StoredPage::urls`].
    pub const URLS: usize = 20;
}

/// Some pages, by key.
#[derive(Debug, Clone)]
pub struct PageList {
    /// The pages.
    pub pages: Vec<StoredPage>,
    /// Whether there are more.
    pub has_more: bool,
}

/// Which comments of a page to list.
#[derive(Debug, Clone, Default)]
pub struct CommentQuery {
    /// Cursor of the last comment of the list before.
    pub after: Option<String>,
    /// At most so many; 1 to 200.
    pub limit: u32,
}

/// Who wrote a stored comment, as it was signed: name, link and picture are those of its [`rethread_model::Signature`], or
/// where it has none, those of the author's description.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredAuthor {
    /// Display name, plain text.
    pub name: Option<String>,
    /// The author's e-mail address: for the account's admins only.
    pub email: Option<String>,
    /// The author's own site, unchecked.
    pub link: Option<String>,
    /// Address of a picture, unchecked.
    pub avatar: Option<String>,
}

/// A comment as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredComment {
    /// Cursor for [`CommentQuery::after`].
    pub cursor: String,
    /// Its id.
    pub id: CommentId,
    /// Its thread.
    pub thread: ThreadId,
    /// What it answers, once linked; always on the same thread and never in a circle.
    pub parent: Option<CommentId>,
    /// Where it comes from.
    pub vendor: Vendor,
    /// The site at the vendor.
    pub origin: String,
    /// The vendor's id.
    pub source_id: String,
    /// Who wrote it; `None` for tombstones.
    pub author: Option<StoredAuthor>,
    /// When.
    pub created_at: Option<Timestamp>,
    /// Its status here: as imported, or as changed since.
    pub status: Status,
    /// As the vendor gave it.
    pub text: String,
    /// What `text` is written in.
    pub text_kind: TextKind,
    /// Sanitised.
    pub html: SafeHtml,
    /// Net votes, where known.
    pub score: Option<i64>,
    /// Whether its status was changed here, after an import.
    pub changed_here: bool,
    /// Whether it was too long for a list: `text` is its beginning, and `html`, which cannot be cut, is empty.
    pub truncated: bool,
}

impl StoredComment {
    /// Bytes of text, and of HTML, above which a list truncates a comment.
    pub const LISTED_BYTES: usize = 64 << 10;

    /// Its beginning, of at most [`StoredComment::LISTED_BYTES`] bytes.
    fn shorten(&mut self) {
        let end = (0..=Self::LISTED_BYTES.min(self.text.len())).rev().find(|end| self.text.is_char_boundary(*end));
        self.text.truncate(end.unwrap_or(0));
    }

    fn listed_bytes(&self) -> usize {
        self.text.len() + self.html.as_str().len()
    }
}

/// A thread of an origin on a page; for [`CommentStore::shared_pages`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedPage {
    /// The vendor's id of the thread.
    pub thread: String,
    /// The page.
    pub page: PageId,
}

/// A page that an origin has a thread on, and how many comments a copy of it would have; for [`CommentStore::site_pages`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePage {
    /// The vendor's id of the origin's first thread on the page, by source id.
    pub thread: String,
    /// The page.
    pub page: PageId,
    /// How many comments [`CommentStore::site_comments`] has of it.
    pub comments: u64,
}

/// Where a comment is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentKey {
    /// The system that it comes from.
    pub vendor: Vendor,
    /// The site there.
    pub origin: String,
    /// Its id there.
    pub source_id: String,
}

/// Some comments of a page, oldest first. Ends early where they come to more than [`StoredCommentPage::BYTES`].
#[derive(Debug, Clone)]
pub struct StoredCommentPage {
    /// The comments.
    pub comments: Vec<StoredComment>,
    /// Whether there are more.
    pub has_more: bool,
}

impl StoredCommentPage {
    /// Bytes of text and HTML after which a list ends, whatever it was asked for.
    pub const BYTES: usize = 4 << 20;

    /// A list of these comments, in order, of which there may be one more than `limit`.
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

/// What the records of a batch speak of; for [`CommentStore::known`].
#[derive(Debug, Clone, Default)]
pub struct LookupKeys {
    /// Source ids of comments.
    pub comments: BTreeSet<String>,
    /// Source ids of threads.
    pub threads: BTreeSet<String>,
    /// Keys of authors.
    pub authors: BTreeSet<String>,
}

/// What of it is known.
#[derive(Debug, Clone, Default)]
pub struct StoredRecords {
    /// Comments that this import has brought already.
    pub brought: BTreeSet<String>,
    /// Stored comments, by source id.
    pub comments: BTreeMap<String, StoredFields>,
    /// Stored descriptions of threads, by source id.
    pub threads: BTreeMap<String, Thread>,
    /// Stored descriptions of authors, by key.
    pub authors: BTreeMap<String, Author>,
}

/// Stores what imports bring.
///
/// # What a commit promises
///
/// Rows, findings, counts and the checkpoint become visible together or not at all. Each origin stands for itself: ids of one
/// have nothing to do with equal ids of another, whether they come in one batch, one import or several. A comment is *created*, *updated*
/// (its [`rethread_model::Fingerprint`] differs from the stored one) or *unchanged* (nothing is written for it). A status
/// that was changed here after an import is kept. Of comments with one id in one file the first one counts, whatever the
/// order in which they are written: the others are findings (`duplicate_id`) and counted as skipped. A refused comment
/// counts as itself and never takes the place of one that can be stored. What is older than its origin ([`Target::newest_comment_at`])
/// creates what is missing and updates nothing, neither comments nor threads nor authors: what differs counts as unchanged, and the
/// import has the finding `older_file`, once. A finding that is given twice is one. Of differing
/// descriptions of one author the one with the greatest [`Author::rank`] stays; of these, and of those of one thread, the one
/// of the newer import, then with the greatest fingerprint. What a comment is signed with stays with it, whatever other comments of its
/// author are signed with. Comments are redacted (tombstones lose their text) before they are written.
#[async_trait]
pub trait CommentStore: Send + Sync + Debug {
    /// How far a step was written; the default checkpoint when it was not begun.
    async fn checkpoint(&self, account: &AccountId, job: JobId, step: Step) -> Result<Checkpoint>;

    /// Writes a batch and its checkpoint in one transaction, and returns the new checkpoint. Fails with
    /// [`crate::ErrorKind::Conflict`] and writes nothing when the stored checkpoint is not the one that the writer
    /// started from, or is complete.
    async fn commit(&self, target: &Target, batch: Batch) -> Result<Checkpoint>;

    /// What this import, and the store, hold of what a batch of the target's origin speaks of. Ids that are not known are not in
    /// the answer; nor are those that the store had to shorten.
    async fn known(&self, target: &Target, asked: &LookupKeys) -> Result<StoredRecords>;

    /// Links parents of at least one thread and about `comments` comments, whichever of the import's origins they are of, in one
    /// transaction with the checkpoint of [`Step::Finish`], which is complete when all threads of all origins are linked. Memory is bounded by the largest thread.
    ///
    /// Comments whose thread neither this file nor an earlier one describes are `thread_not_in_file`.
    ///
    /// Among a thread's replies: a parent that is not in the file nor stored is `parent_not_in_file`, one that was refused and is
    /// not stored is `parent_not_imported`, one on another thread is `parent_elsewhere`; what an earlier import brought remains
    /// a parent, also where this file leaves it out; the comment of a circle that comes first in the
    /// file is `parent_cycle`. Each of these stands at the top of its thread and is a finding; every other reply is linked
    /// to its parent, whatever the parent's status. A dry run finds the same and links nothing.
    ///
    /// An e-mail address that comments of this file were signed with under more than three names is a finding
    /// (`shared_address`) at the first of these comments, with its id.
    ///
    /// A thread with comments whose address, by this file, [`rethread_model::leads_elsewhere`] is a finding
    /// (`page_elsewhere`) with the thread's id, at the first of its comments.
    async fn link(&self, target: &Target, comments: u32) -> Result<Checkpoint>;

    /// Makes the pages of the threads with comments that this import spoke of, of all its origins, drops pages that lost theirs, and counts
    /// comments and reactions. Pages that it did not touch are not looked at, however many the origin has. Tells how many
    /// pages this file has comments on, on which of them threads with different addresses came together, and from when to
    /// when the comments of this file are ([`Checkpoint::dates`] of all steps). May be repeated until
    /// [`CommentStore::forget_import`].
    ///
    /// What the file lacks is counted only of one that was read to its end (`is_whole`): of no other does anybody know.
    async fn close(&self, target: &Target, is_whole: bool) -> Result<ImportSummary>;

    /// By what the pages of an origin were known at its last import. `None` where there was none, or none that said so.
    async fn page_options(&self, scope: &Scope) -> Result<Option<PageOptions>>;

    /// Keeps by what pages are known from this import on, for all of its origins of which something is stored. To be called before
    /// [`CommentStore::forget_import`].
    async fn set_page_options(&self, target: &Target, options: &PageOptions) -> Result<()>;

    /// What there is of a running import, as of one moment; nothing of one that was not begun or has ended.
    async fn written(&self, account: &AccountId, job: JobId) -> Result<Written>;

    /// How many comments of a vendor are stored for an account, of all its sites.
    async fn count_comments(&self, account: &AccountId, vendor: Vendor) -> Result<i64>;

    /// The sum of the job's tallies.
    async fn tally(&self, account: &AccountId, job: JobId) -> Result<Tally>;

    /// Ends an import, once its job has ended. Findings and the tally stay. From then on every step counts as complete: commits
    /// fail with [`crate::ErrorKind::Conflict`]. Quick, whatever the import's size: the ledger stays for
    /// [`CommentStore::forget_import`].
    async fn end_import(&self, account: &AccountId, job: JobId) -> Result<()>;

    /// The same, and drops what only a running import needs, in portions that hold nobody up for long. All of it takes as long
    /// as the file is large, so it is no work for who has other things to do.
    async fn forget_import(&self, account: &AccountId, job: JobId) -> Result<()>;

    /// The imports that [`CommentStore::forget_import`] was not called for; for the janitor.
    async fn imports_to_clean_up(&self) -> Result<Vec<(AccountId, JobId)>>;

    /// A job's findings by position, from after the one with the cursor `after`; at most `limit`, 1 to 1000. Fails with
    /// [`crate::ErrorKind::NotFound`] when `after` is no cursor.
    async fn findings(&self, account: &AccountId, job: JobId, after: Option<&str>, limit: u32) -> Result<FindingPage>;

    /// An account's pages by key.
    async fn pages(&self, account: &AccountId, query: &PageQuery) -> Result<PageList>;

    /// One page of an account.
    async fn page(&self, account: &AccountId, id: PageId) -> Result<Option<StoredPage>>;

    /// The comments of an account's page, oldest first (those without a time last). Long ones are
    /// [truncated](StoredComment::truncated).
    async fn comments(&self, account: &AccountId, page: PageId, query: &CommentQuery) -> Result<StoredCommentPage>;

    /// The comment of an account with this id, whole. `cursor` is [`StoredComment::cursor`], by which it is found at once;
    /// without it, or with that of another one, all comments of the account are looked through.
    async fn find_comment(
        &self,
        account: &AccountId,
        id: CommentId,
        cursor: Option<&str>,
    ) -> Result<Option<StoredComment>>;

    /// One comment, whole.
    async fn comment(&self, scope: &Scope, source_id: &str) -> Result<Option<StoredComment>>;

    /// The threads of an origin that are on a page together with a thread of another one, or that have a comment that was
    /// changed here; by source id, from after `after`, at most `limit`.
    async fn shared_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SharedPage>>;

    /// The pages that an origin has a thread on, by that thread's source id, from after `after`, at most `limit`; each once.
    async fn site_pages(&self, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<SitePage>>;

    /// The comments of an account's page of which the site with this origin keeps, or is to keep, a copy: those that are public
    /// or wait for a moderator, and its own spam. In the order of [`rethread_model::parents_first`], without the first `skip`,
    /// at most `limit`. Takes memory of some tens of bytes for each comment of the page.
    async fn site_comments(&self, scope: &Scope, page: PageId, skip: u64, limit: u32) -> Result<Vec<CommentKey>>;

    /// The first thread, by source id, that an origin has on a page.
    async fn thread_on(&self, scope: &Scope, page: PageId) -> Result<Option<String>>;

    /// An account's comments as they are at this moment, to be read from the first to the last while imports go on. See
    /// [`Snapshot`] for the order and for what it costs to keep one.
    async fn export(&self, account: &AccountId, filter: &ExportFilter) -> Result<Box<dyn Snapshot>>;

    /// Changes the status of a comment here; imports keep it. A comment that is deleted here loses its text and author,
    /// and imports do not bring them back before it is given another status. `false` when the account has no such
    /// comment.
    async fn set_status(&self, scope: &Scope, source_id: &str, status: Status) -> Result<bool>;

    /// What a move would do now, without doing it. Threads are counted as they stand; so of an undo, those that were moved
    /// again since are `kept`. Takes as long as looking at all threads of the account, and memory of a few bytes for each
    /// page that is concerned.
    ///
    /// Fails with [`crate::ErrorKind::NotFound`] where the account has no record of the move that is to be undone.
    async fn preview_move(&self, account: &AccountId, moving: &Moving) -> Result<MovePreview>;

    /// Moves the next threads of a move job, about `threads` of them and at most 500, and tells how far the job is. What is
    /// moved, its record and how far the job is are committed together: whatever is repeated, and however many workers are at
    /// the same job, each thread is moved once and counted once. To be called until the step is complete; then it does
    /// nothing any more.
    ///
    /// A move concerns the threads that are there when it comes to them, those without comments too, by where they are
    /// after earlier moves. It writes no comment. From then on the thread stays where it was moved to, whatever imports say
    /// of it, while the vendor's description stays what an export gives. Threads whose import has not ended get their page
    /// when it does.
    ///
    /// An undo puts back the threads in the record of an earlier job that still stand where that job put them, and leaves
    /// the others (`kept`). It has a record of its own and can be undone like any move.
    ///
    /// Fails with [`crate::ErrorKind::NotFound`] where the account has no record of the move that is to be undone.
    async fn move_threads(&self, account: &AccountId, job: JobId, moving: &Moving, threads: u32) -> Result<MoveStep>;

    /// Whether the store works, for readiness and `doctor`.
    async fn check(&self) -> Result<()>;

    /// What an operator should know about how the store is set up, for `doctor`. With `apply`, mends what can be mended
    /// from here and says so. Fails when the store does not answer.
    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        // The embedded side has nothing to set up.
        let _ = apply;
        Ok(Vec::new())
    }
}
