//! A blob written by several writers, one after another.

use async_trait::async_trait;
use bytes::Bytes;
use rethread_stores::{Result, ResumableWriter};
use rethread_stores_embedded::in_memory::Access;

use super::{BlobsInMemory, Stored, no_such};

/// See [`ResumableWriter`].
pub(super) struct ResumableInMemory {
    blobs: BlobsInMemory,
    path: String,
    offset: u64,
    is_whole: bool,
    /// Data that is written only once the end is known to be valid; `None` while everything is kept
    /// at once.
    held_back: Option<Vec<u8>>,
}

impl ResumableInMemory {
    pub(super) fn open(blobs: BlobsInMemory, path: String, stored: &Stored) -> Self {
        let whole = stored.blobs.get(&path).map(Bytes::len);
        let length = whole.or_else(|| stored.resumable.get(&path).map(Vec::len)).unwrap_or(0);
        Self { blobs, path, offset: length as u64, is_whole: whole.is_some(), held_back: None }
    }

    /// Appends to the stored bytes, which must be what this writer started from or wrote.
    fn append(path: &str, offset: u64, bytes: &[u8], stored: &mut Stored) -> Result<()> {
        if offset > 0 && !stored.resumable.contains_key(path) {
            return Err(no_such(path));
        }
        let written = stored.resumable.entry(path.to_owned()).or_default();
        written.extend_from_slice(bytes);
        Ok(())
    }
}

#[async_trait]
impl ResumableWriter for ResumableInMemory {
    fn offset(&self) -> u64 {
        self.offset
    }

    async fn all_or_nothing(&mut self) -> Result<()> {
        self.held_back = Some(Vec::new());
        Ok(())
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let (path, offset, held_back) = (&self.path, self.offset, &mut self.held_back);
        let write = |stored: &mut Stored| match held_back {
            Some(held_back) => {
                held_back.extend_from_slice(&bytes);
                Ok(())
            }
            None => Self::append(path, offset, &bytes, stored),
        };
        self.blobs.call("write to a blob", Access::Write, write).await?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    async fn suspend(mut self: Box<Self>) -> Result<u64> {
        let held_back = self.held_back.take().unwrap_or_default();
        let begun_at = self.offset - held_back.len() as u64;
        let keep = |stored: &mut Stored| {
            if held_back.is_empty() { Ok(()) } else { Self::append(&self.path, begun_at, &held_back, stored) }
        };
        self.blobs.call("suspend a blob", Access::Write, keep).await?;
        Ok(self.offset)
    }

    async fn finish(mut self: Box<Self>) -> Result<u64> {
        if self.is_whole {
            return Ok(self.offset);
        }
        let held_back = self.held_back.take().unwrap_or_default();
        let begun_at = self.offset - held_back.len() as u64;
        let finish = |stored: &mut Stored| {
            Self::append(&self.path, begun_at, &held_back, stored)?;
            let written = stored.resumable.remove(&self.path).unwrap_or_default();
            stored.blobs.insert(self.path.clone(), written.into());
            Ok(())
        };
        self.blobs.call("finish a blob", Access::Write, finish).await?;
        Ok(self.offset)
    }
}
