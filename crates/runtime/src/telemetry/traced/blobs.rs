//! See [`super`].

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Bytes;
use rethread_model::{AccountId, JobId};
use rethread_stores::{BlobKey, BlobPrefix, BlobStore, BlobWriter, Diagnosis, Health, Result, ResumableWriter};

use super::Call;

#[derive(Debug)]
pub(super) struct Traced {
    pub(super) inner: Arc<dyn BlobStore>,
    pub(super) system: &'static str,
}

impl Traced {
    fn call(&self, name: &'static str, key: &BlobKey) -> Call {
        Call::of(name, self.system, job_of(key))
    }
}

const fn job_of(key: &BlobKey) -> JobId {
    match key {
        BlobKey::Upload(_, job)
        | BlobKey::Slice(_, job, _)
        | BlobKey::Batch(_, job, _)
        | BlobKey::Export(_, job, _) => *job,
    }
}

#[async_trait]
impl BlobStore for Traced {
    async fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>> {
        let inner = self.call("blobs.create", key).run(self.inner.create(key)).await?;
        Ok(Box::new(TracedWriter { inner, system: self.system, job: job_of(key) }))
    }

    async fn resume(&self, key: &BlobKey) -> Result<Box<dyn ResumableWriter>> {
        let inner = self.call("blobs.resume", key).run(self.inner.resume(key)).await?;
        Ok(Box::new(TracedWriter { inner, system: self.system, job: job_of(key) }))
    }

    async fn size(&self, key: &BlobKey) -> Result<Option<u64>> {
        self.call("blobs.size", key).run(self.inner.size(key)).await
    }

    async fn read(&self, key: &BlobKey, range: Range<u64>) -> Result<Bytes> {
        self.call("blobs.read", key).run(self.inner.read(key, range)).await
    }

    async fn delete_job(&self, area: BlobPrefix, account: &AccountId, job: JobId) -> Result<()> {
        Call::of("blobs.delete_job", self.system, job).run(self.inner.delete_job(area, account, job)).await
    }

    async fn jobs(&self, area: BlobPrefix) -> Result<Vec<(AccountId, JobId)>> {
        self.inner.jobs(area).await
    }
}

#[async_trait]
impl Health for Traced {
    async fn check(&self) -> Result<()> {
        self.inner.check().await
    }

    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        self.inner.diagnose(apply).await
    }
}

/// Writes have no spans: an upload has thousands of them.
struct TracedWriter<W: ?Sized> {
    inner: Box<W>,
    system: &'static str,
    job: JobId,
}

#[async_trait]
impl BlobWriter for TracedWriter<dyn BlobWriter> {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.inner.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> Result<u64> {
        Call::of("blobs.finish", self.system, self.job).run(self.inner.finish()).await
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        Call::of("blobs.abort", self.system, self.job).run(self.inner.abort()).await
    }
}

#[async_trait]
impl ResumableWriter for TracedWriter<dyn ResumableWriter> {
    fn offset(&self) -> u64 {
        self.inner.offset()
    }

    async fn all_or_nothing(&mut self) -> Result<()> {
        self.inner.all_or_nothing().await
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.inner.write(bytes).await
    }

    async fn suspend(self: Box<Self>) -> Result<u64> {
        Call::of("blobs.suspend", self.system, self.job).run(self.inner.suspend()).await
    }

    async fn finish(self: Box<Self>) -> Result<u64> {
        Call::of("blobs.finish", self.system, self.job).run(self.inner.finish()).await
    }
}
