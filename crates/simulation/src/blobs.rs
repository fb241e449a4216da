//! Blobs in memory.

mod resumable;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use rethread_model::{AccountId, JobId};
use rethread_stores::{BlobKey, BlobPrefix, BlobStore, BlobWriter, Error, ErrorKind, Health, Result, ResumableWriter};
use rethread_stores_embedded::in_memory::{Access, Disturbance};

use self::resumable::ResumableInMemory;

/// See [`rethread_stores::BlobStore`]. A partial write of a killed process stays until its job is deleted.
#[derive(Debug, Clone)]
pub(crate) struct BlobsInMemory {
    stored: Arc<Mutex<Stored>>,
    disturbance: Arc<dyn Disturbance>,
}

/// Blobs by path.
#[derive(Debug, Default)]
struct Stored {
    blobs: BTreeMap<String, Bytes>,
    /// Unfinished writes, by path and number of the writer.
    unfinished: BTreeMap<(String, u64), Vec<u8>>,
    resumable: BTreeMap<String, Vec<u8>>,
    writers: u64,
}

impl BlobsInMemory {
    pub(crate) fn new(disturbance: Arc<dyn Disturbance>) -> Self {
        Self { stored: Arc::default(), disturbance }
    }

    /// The paths of all blobs.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.stored.lock().blobs.keys().cloned().collect()
    }

    /// Changes or deletes a blob without the knowledge of any process.
    pub(crate) fn tamper(&self, path: &str, with: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
        let mut stored = self.stored.lock();
        let Some(now) = stored.blobs.get(path) else { return };
        match with(now) {
            Some(changed) => stored.blobs.insert(path.to_owned(), changed.into()),
            None => stored.blobs.remove(path),
        };
    }

    /// Accesses the stored blobs, subject to the simulated faults.
    async fn call<T>(
        &self,
        doing: &'static str,
        access: Access,
        work: impl FnOnce(&mut Stored) -> Result<T> + Send,
    ) -> Result<T> {
        self.disturbance.before(doing, access).await?;
        let done = work(&mut self.stored.lock());
        self.disturbance.after(doing, access).await?;
        done
    }
}

#[async_trait]
impl BlobStore for BlobsInMemory {
    async fn create(&self, key: &BlobKey) -> Result<Box<dyn BlobWriter>> {
        let path = key.path();
        let begin = |stored: &mut Stored| {
            stored.writers += 1;
            let place = (path, stored.writers);
            stored.unfinished.insert(place.clone(), Vec::new());
            Ok(place)
        };
        let place = self.call("create a blob", Access::Write, begin).await?;
        Ok(Box::new(WriterInMemory { blobs: self.clone(), place }))
    }

    async fn resume(&self, key: &BlobKey) -> Result<Box<dyn ResumableWriter>> {
        let path = key.path();
        let look = |stored: &mut Stored| Ok(ResumableInMemory::open(self.clone(), path, stored));
        Ok(Box::new(self.call("resume a blob", Access::Read, look).await?))
    }

    async fn size(&self, key: &BlobKey) -> Result<Option<u64>> {
        let path = key.path();
        let look = |stored: &mut Stored| Ok(stored.blobs.get(&path).map(|blob| blob.len() as u64));
        self.call("look at a blob", Access::Read, look).await
    }

    async fn read(&self, key: &BlobKey, range: Range<u64>) -> Result<Bytes> {
        let path = key.path();
        let read = |stored: &mut Stored| {
            let blob = stored.blobs.get(&path).ok_or_else(|| no_such(&path))?;
            let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(blob.len());
            Ok(blob.slice(within(range.start)..within(range.end).max(within(range.start))))
        };
        self.call("read a blob", Access::Read, read).await
    }

    async fn delete_job(&self, area: BlobPrefix, account: &AccountId, job: JobId) -> Result<()> {
        let prefix = area.job_prefix(account, job);
        let delete = |stored: &mut Stored| {
            stored.blobs.retain(|path, _| !path.starts_with(&prefix));
            stored.unfinished.retain(|(path, _), _| !path.starts_with(&prefix));
            stored.resumable.retain(|path, _| !path.starts_with(&prefix));
            Ok(())
        };
        self.call("delete blobs", Access::Write, delete).await
    }

    async fn jobs(&self, area: BlobPrefix) -> Result<Vec<(AccountId, JobId)>> {
        let list = |stored: &mut Stored| {
            let unfinished = stored.unfinished.keys().map(|(path, _)| path);
            let paths = stored.blobs.keys().chain(unfinished).chain(stored.resumable.keys());
            let jobs: std::collections::BTreeSet<_> = paths.filter_map(|path| job_of(area, path)).collect();
            Ok(jobs.into_iter().collect())
        };
        self.call("list blobs", Access::Read, list).await
    }
}

#[async_trait]
impl Health for BlobsInMemory {
    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// The owner of a blob, derived from its path.
pub(crate) fn job_of(area: BlobPrefix, path: &str) -> Option<(AccountId, JobId)> {
    let mut names = path.split('/');
    if names.next() != Some(area.as_str()) {
        return None;
    }
    Some((names.next()?.parse().ok()?, names.next()?.parse().ok()?))
}

fn no_such(path: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no blob {path}"))
}

struct WriterInMemory {
    blobs: BlobsInMemory,
    place: (String, u64),
}

#[async_trait]
impl BlobWriter for WriterInMemory {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let place = &self.place;
        let append = |stored: &mut Stored| {
            stored.unfinished.get_mut(place).ok_or_else(|| no_such(&place.0))?.extend_from_slice(&bytes);
            Ok(())
        };
        self.blobs.call("write to a blob", Access::Write, append).await
    }

    async fn finish(self: Box<Self>) -> Result<u64> {
        let place = &self.place;
        let finish = |stored: &mut Stored| {
            let written = stored.unfinished.remove(place).ok_or_else(|| no_such(&place.0))?;
            let size = written.len() as u64;
            stored.blobs.insert(place.0.clone(), written.into());
            Ok(size)
        };
        self.blobs.call("finish a blob", Access::Write, finish).await
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        let forget = |stored: &mut Stored| {
            stored.unfinished.remove(&self.place);
            Ok(())
        };
        self.blobs.call("abort a blob", Access::Write, forget).await
    }
}
