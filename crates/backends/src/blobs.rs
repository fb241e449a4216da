//! Files that are too large for a message: uploads, slices of compressed uploads, and files of exports.

pub(crate) mod file;
#[cfg(feature = "s3")]
pub(crate) mod s3;

use std::fmt::Debug;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use rethread_model::{AccountId, Digest, JobId, Revision, SliceNumber};

use crate::{Diagnosis, Result};

/// What a blob is for. Each has a prefix of its own in the store, so that an operator can give it rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlobPrefix {
    /// What comes in: uploads, and slices of compressed ones. Nothing of it outlives its job.
    Uploads,
    /// What goes out: files of exports. They outlive their job until they expire.
    Exports,
}

impl BlobPrefix {
    /// All areas.
    pub const ALL: [Self; 2] = [Self::Uploads, Self::Exports];

    /// `uploads` or `exports`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploads => "uploads",
            Self::Exports => "exports",
        }
    }

    /// Where everything of a job lies: `uploads/<account>/<job>/`, so that it can be deleted as one.
    #[must_use]
    pub fn job_prefix(self, account: &AccountId, job: JobId) -> String {
        format!("{}/{account}/{job}/", self.as_str())
    }
}

/// Names a blob.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BlobKey {
    /// The file as received.
    Upload(AccountId, JobId),
    /// A decompressed slice of it.
    Slice(AccountId, JobId, SliceNumber),
    /// A batch that a linked site sent.
    Batch(AccountId, JobId, Digest),
    /// The file of an export, whose writing began at this revision of the job.
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

/// Stores blobs. Nothing in it can be reached from outside.
#[async_trait]
pub trait BlobStore: Send + Sync + Debug {
    /// Begins to write a blob. Nobody sees it before [`BlobWriter::finish`], which replaces an older one of this key.
    async fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>>;

    /// Goes on with a blob that is written by several writers, one after the other and perhaps in several processes, or
    /// begins it. Nothing of it is stored before the first write, and nobody sees it before [`ResumableWriter::finish`].
    ///
    /// After that the blob is whole: a writer that is opened then stands at its end, and finishing it again changes nothing.
    /// The caller sees to it that only one writer at a time writes; any number may be opened to learn how far it is.
    /// [`BlobStore::delete_job`] takes what was not finished.
    async fn resume(&self, key: &BlobKey) -> Result<Box<dyn ResumableWriter>>;

    /// Size in bytes; `None` when there is no such blob.
    async fn size(&self, key: &BlobKey) -> Result<Option<u64>>;

    /// The bytes of `range`, shorter where the blob ends earlier.
    ///
    /// Fails with [`crate::ErrorKind::NotFound`] when there is no such blob.
    async fn read(&self, key: &BlobKey, range: Range<u64>) -> Result<Bytes>;

    /// Deletes everything of a job in an area, unfinished writes included. Deleting what is not there is success.
    async fn delete_job(&self, area: BlobPrefix, account: &AccountId, job: JobId) -> Result<()>;

    /// The jobs that something is stored for in an area, unfinished writes included; for the janitor.
    async fn jobs(&self, area: BlobPrefix) -> Result<Vec<(AccountId, JobId)>>;

    /// Whether the store works, for readiness and `doctor`; the error says what is wrong and what to do.
    async fn check(&self) -> Result<()>;

    /// What an operator should know about how the store is set up, for `doctor`. With `apply`, mends what can be mended
    /// from here and says so. Fails when the store does not answer.
    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        // The embedded side has nothing to set up.
        let _ = apply;
        Ok(Vec::new())
    }
}

/// Writes one blob. Dropped without [`BlobWriter::finish`] it leaves nothing behind that can be read.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends. Memory is bounded whatever the size.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes the blob visible and durable; returns its size in bytes.
    async fn finish(self: Box<Self>) -> Result<u64>;

    /// Forgets what was written.
    async fn abort(self: Box<Self>) -> Result<()>;
}

/// Goes on writing one blob; see [`BlobStore::resume`].
///
/// Dropped, or killed with its process, it leaves a beginning of what it has written (at least what was there before it),
/// for the next writer to go on from; after [`ResumableWriter::all_or_nothing`] just what was there before.
#[async_trait]
pub trait ResumableWriter: Send {
    /// Bytes of the blob so far.
    fn offset(&self) -> u64;

    /// From now on nothing that is written is kept, unless [`ResumableWriter::suspend`] or [`ResumableWriter::finish`]
    /// says that all of it is.
    async fn all_or_nothing(&mut self) -> Result<()>;

    /// Appends. Memory is bounded whatever the size. Fails with [`crate::ErrorKind::NotFound`] when the store has
    /// forgotten what was written before, because it was given up; the blob cannot be completed then.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes durable what was written, for the next writer; returns the offset from which that goes on.
    async fn suspend(self: Box<Self>) -> Result<u64>;

    /// Makes the blob visible and durable; returns its size in bytes.
    async fn finish(self: Box<Self>) -> Result<u64>;
}
