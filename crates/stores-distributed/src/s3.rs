//! Blobs as objects in an S3 bucket, or a bucket of an S3-compatible server.
//!
//! A blob becomes visible when it is complete, as S3 guarantees for objects. Uploads in progress
//! are found by their markers (see [`upload_marker`]) and, where the server can list them, by its
//! list. Writers that follow each other find the progress of the previous one in a state object
//! (see [`resumable`]).

mod bucket;
mod cleanup;
mod diagnose;
mod failure;
mod lifecycle;
mod location;
mod multipart;
mod parts;
mod privacy;
mod read;
mod resumable;
mod resume_state;
mod retry;
mod upload_marker;
mod versions;
mod writer;

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use rethread_model::{AccountId, JobId};
use rethread_stores::{BlobKey, BlobPrefix, BlobStore, BlobWriter, Diagnosis, Health, Result, ResumableWriter};

use self::bucket::Bucket;
use self::location::Location;
use self::resumable::ResumableObject;
use self::versions::Versions;
use self::writer::S3Writer;

/// See [`rethread_stores::BlobStore`].
#[derive(Debug)]
pub(crate) struct S3Blobs {
    bucket: Arc<Bucket>,
    versions: Versions,
}

impl S3Blobs {
    /// Opens the bucket and prefix of a URL. The bucket must exist and be accessible.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let bucket = Bucket::open(Location::parse(url)?).await?;
        Ok(Self { bucket: Arc::new(bucket), versions: Versions::default() })
    }
}

#[async_trait]
impl BlobStore for S3Blobs {
    async fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>> {
        Ok(Box::new(S3Writer::new(Arc::clone(&self.bucket), self.bucket.object(key))?))
    }

    async fn resume(&self, key: &BlobKey) -> Result<Box<dyn ResumableWriter>> {
        let writer = ResumableObject::open(Arc::clone(&self.bucket), &self.versions, self.bucket.object(key)).await?;
        Ok(Box::new(writer))
    }

    async fn size(&self, key: &BlobKey) -> Result<Option<u64>> {
        read::size(&self.bucket, &self.versions, &self.bucket.object(key)).await
    }

    async fn read(&self, key: &BlobKey, range: Range<u64>) -> Result<Bytes> {
        read::read(&self.bucket, &self.versions, &self.bucket.object(key), &range).await
    }

    async fn delete_job(&self, area: BlobPrefix, account: &AccountId, job: JobId) -> Result<()> {
        let prefix = self.bucket.location.object(&area.job_prefix(account, job));
        Ok(cleanup::delete_all(&self.bucket, &prefix).await?)
    }

    async fn jobs(&self, area: BlobPrefix) -> Result<Vec<(AccountId, JobId)>> {
        Ok(cleanup::jobs(&self.bucket, area).await?)
    }
}

#[async_trait]
impl Health for S3Blobs {
    async fn check(&self) -> Result<()> {
        self.bucket.access().await
    }

    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        diagnose::diagnose(&self.bucket, apply).await
    }
}
