//! Writes one object with several writers, one after the other, in bounded memory.
//!
//! The multipart upload stays open between them. Each part is recorded as soon as it is sent (see
//! [`resume_state`]), so a killed writer loses only what it had buffered since. When a writer ends,
//! its remaining buffer goes into the state object.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use rethread_stores::{Error, ErrorKind, Result, ResumableWriter};
use tokio::sync::mpsc;

use super::bucket::Bucket;
use super::multipart::Multipart;
use super::parts::{PART_BYTES, Part};
use super::read;
use super::resume_state::{self, MultipartState};
use super::retry::retry;
use super::versions::Versions;
use super::writer::put_whole;

/// See [`ResumableWriter`].
pub(super) struct ResumableObject {
    bucket: Arc<Bucket>,
    object: String,
    /// The size of the object, if it is complete.
    whole: Option<u64>,
    multipart: Option<Multipart>,
    /// Whether the existing parts are from another writer.
    is_resumed: bool,
    /// Bytes that are not yet in a part.
    tail: Part,
    is_all_or_nothing: bool,
    /// Set while a write is in progress: a writer cannot continue after a failed write.
    is_broken: bool,
}

impl ResumableObject {
    /// Finds out how far the object is; changes nothing.
    pub(super) async fn open(bucket: Arc<Bucket>, versions: &Versions, object: String) -> Result<Self> {
        let found = retry(|| resume_state::find(&bucket, &object)).await?;
        let whole = match found {
            // While the state object exists, the upload it describes is not finished.
            Some(_) => None,
            None => read::size(&bucket, versions, &object).await?,
        };
        let MultipartState { begun, tail } = found.unwrap_or_default();
        let multipart = begun.map(|begun| Multipart::resume(Arc::clone(&bucket), object.clone(), begun));
        Ok(Self {
            tail: Part::resumed(&bucket.part_buffers, tail),
            is_resumed: multipart.is_some(),
            bucket,
            object,
            whole,
            multipart,
            is_all_or_nothing: false,
            is_broken: false,
        })
    }

    fn begin(&mut self) -> Result<()> {
        // Reset only on success, so a failed or cancelled write breaks the writer.
        if std::mem::replace(&mut self.is_broken, true) {
            return Err(Error::new(ErrorKind::Internal, format!("an earlier write to {} was broken off", self.object)));
        }
        if self.whole.is_some() {
            return Err(Error::new(ErrorKind::Internal, format!("{} is whole already", self.object)));
        }
        Ok(())
    }

    async fn send_part(&mut self) -> Result<()> {
        let multipart = match &mut self.multipart {
            Some(multipart) => multipart,
            none => {
                let random = getrandom::u64().map_err(|error| {
                    Error::new(ErrorKind::Internal, "the system gives no randomness").because(error)
                })?;
                let alive = mpsc::channel(1).0;
                let (bucket, object) = (Arc::clone(&self.bucket), self.object.clone());
                none.insert(Multipart::begin(bucket, object, format!("{random:016x}"), alive).await?)
            }
        };
        multipart.send(&self.tail.take()).await?;
        if self.is_all_or_nothing { Ok(()) } else { self.note().await }
    }

    /// Records how far the object is. Until then, an upload started here is aborted if this writer
    /// is dropped.
    async fn note(&mut self) -> Result<()> {
        let tail = Bytes::copy_from_slice(self.tail.bytes());
        let standing = MultipartState { begun: self.multipart.as_mut().map(Multipart::leave), tail };
        retry(|| resume_state::leave(&self.bucket, &self.object, &standing)).await
    }

    async fn complete(&mut self) -> Result<()> {
        let size = self.offset();
        let Some(mut multipart) = self.multipart.take() else {
            return put_whole(&self.bucket, &self.object, &self.tail.take()).await;
        };
        // The previous writer may have finished, and been killed before it deleted the state
        // object.
        if self.is_resumed && retry(|| multipart.written()).await? == Some(size) {
            return Ok(());
        }
        if self.tail.len() > 0 {
            multipart.send(&self.tail.take()).await?;
        }
        multipart.complete(size).await
    }
}

#[async_trait]
impl ResumableWriter for ResumableObject {
    fn offset(&self) -> u64 {
        let parts = self.multipart.as_ref().map_or(0, Multipart::parts);
        self.whole.unwrap_or(parts * PART_BYTES as u64 + self.tail.len() as u64)
    }

    async fn all_or_nothing(&mut self) -> Result<()> {
        self.is_all_or_nothing = true;
        Ok(())
    }

    async fn write(&mut self, mut bytes: Bytes) -> Result<()> {
        self.begin()?;
        while !bytes.is_empty() {
            self.tail.gather(&mut bytes).await?;
            if self.tail.is_full() {
                self.send_part().await?;
            }
        }
        self.is_broken = false;
        Ok(())
    }

    async fn suspend(mut self: Box<Self>) -> Result<u64> {
        if self.whole.is_none() {
            self.begin()?;
            self.note().await?;
        }
        Ok(self.offset())
    }

    async fn finish(mut self: Box<Self>) -> Result<u64> {
        if let Some(size) = self.whole {
            return Ok(size);
        }
        self.begin()?;
        let size = self.offset();
        // If this is interrupted, the next writer finishes again.
        self.note().await?;
        self.complete().await?;
        retry(|| resume_state::forget(&self.bucket, &self.object)).await?;
        Ok(size)
    }
}
