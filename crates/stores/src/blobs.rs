//! Files that are too large for a message: uploads, slices of compressed uploads, and export files.

use std::fmt::Debug;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use rethread_model::{AccountId, Digest, JobId, Revision, SliceNumber};

use crate::{Health, Result};

/// What a blob is for. Each has its own prefix in the store, so an operator can give it its own
/// rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlobPrefix {
    /// Input: uploads, and slices of compressed uploads. None of it outlives its job.
    Uploads,
    /// Output: export files. They outlive their job until they expire.
    Exports,
}

impl BlobPrefix {
    /// All prefixes.
    pub const ALL: [Self; 2] = [Self::Uploads, Self::Exports];

    /// `uploads` or `exports`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploads => "uploads",
            Self::Exports => "exports",
        }
    }

    /// The prefix of everything that belongs to a job, `uploads/<account>/<job>/`, so that it can
    /// be deleted at once.
    #[must_use]
    pub fn job_prefix(self, account: &AccountId, job: JobId) -> String {
        format!("{}/{account}/{job}/", self.as_str())
    }
}

/// The name of a blob.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BlobKey {
    /// The file as received.
    Upload(AccountId, JobId),
    /// A decompressed slice of the upload.
    Slice(AccountId, JobId, SliceNumber),
    /// A batch that a linked site sent.
    Batch(AccountId, JobId, Digest),
    /// The file of an export; the revision is the job's when writing began.
    Export(AccountId, JobId, Revision),
}

impl BlobKey {
    /// The whole path, such as `uploads/<account>/<job>/slice-00000007`.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Upload(account, job) => format!("{}upload", BlobPrefix::Uploads.job_prefix(account, *job)),
            Self::Slice(account, job, number) => {
                format!("{}slice-{:08}", BlobPrefix::Uploads.job_prefix(account, *job), number.0)
            }
            Self::Batch(account, job, digest) => {
                format!("{}batch-{digest}", BlobPrefix::Uploads.job_prefix(account, *job))
            }
            Self::Export(account, job, begun_at) => {
                format!("{}file-{begun_at}", BlobPrefix::Exports.job_prefix(account, *job))
            }
        }
    }
}

/// Stores blobs. Nothing in the store is reachable from outside.
#[async_trait]
pub trait BlobStore: Health {
    /// Starts writing a blob. It becomes visible with [`BlobWriter::finish`], which replaces an
    /// older blob with this key.
    async fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>>;

    /// Resumes or starts a blob that several writers write one after the other, possibly in several
    /// processes. Nothing is stored before the first write, and the blob is not visible before
    /// [`ResumableWriter::finish`].
    ///
    /// After that the blob is complete: a writer opened later is at its end, and finishing it again
    /// changes nothing. The caller ensures that only one writer writes at a time; any number may be
    /// opened to read the offset. [`BlobStore::delete_job`] deletes unfinished blobs too.
    async fn resume(&self, key: &BlobKey) -> Result<Box<dyn ResumableWriter>>;

    /// The size in bytes; `None` when there is no such blob.
    async fn size(&self, key: &BlobKey) -> Result<Option<u64>>;

    /// The bytes of `range`, fewer where the blob ends earlier.
    ///
    /// Fails with [`crate::ErrorKind::NotFound`] when there is no such blob.
    async fn read(&self, key: &BlobKey, range: Range<u64>) -> Result<Bytes>;

    /// Deletes everything of a job under a prefix, unfinished writes included. Succeeds when there
    /// is nothing to delete.
    async fn delete_job(&self, area: BlobPrefix, account: &AccountId, job: JobId) -> Result<()>;

    /// The jobs that have something stored under a prefix, unfinished writes included; for the
    /// janitor.
    async fn jobs(&self, area: BlobPrefix) -> Result<Vec<(AccountId, JobId)>>;
}

/// Writes one blob. If it is dropped without [`BlobWriter::finish`], nothing readable remains.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends. Memory use is bounded, whatever the size.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes the blob visible and durable; returns its size in bytes.
    async fn finish(self: Box<Self>) -> Result<u64>;

    /// Discards what was written.
    async fn abort(self: Box<Self>) -> Result<()>;
}

/// Resumes writing one blob; see [`BlobStore::resume`].
///
/// If it is dropped, or its process is killed, a prefix of what was written remains for the next
/// writer (at least what existed before this writer). After [`ResumableWriter::all_or_nothing`],
/// exactly what existed before remains.
#[async_trait]
pub trait ResumableWriter: Send {
    /// The number of bytes in the blob so far.
    fn offset(&self) -> u64;

    /// From now on nothing that is written is kept unless [`ResumableWriter::suspend`] or
    /// [`ResumableWriter::finish`] succeeds; then all of it is.
    async fn all_or_nothing(&mut self) -> Result<()>;

    /// Appends. Memory use is bounded, whatever the size. Fails with [`crate::ErrorKind::NotFound`]
    /// when the store has dropped what was written before, because the upload was given up; the
    /// blob can then not be completed.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes what was written durable for the next writer; returns the offset at which that writer
    /// starts.
    async fn suspend(self: Box<Self>) -> Result<u64>;

    /// Makes the blob visible and durable; returns its size in bytes.
    async fn finish(self: Box<Self>) -> Result<u64>;
}
