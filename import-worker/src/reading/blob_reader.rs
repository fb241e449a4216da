//! Reads a blob as a file, for code that is not async.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use rethread_stores::{BlobKey, BlobStore};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use super::digest::BlobDigest;
use super::threads::Waiter;
use crate::retry::retry;

/// Bytes fetched per request.
const CHUNK_BYTES: u64 = 1 << 20;

/// The blob ended before the size it had when it was opened.
#[derive(Debug, thiserror::Error)]
#[error("the stored upload is shorter than it was")]
struct Shorter;

/// Whether this error means that a blob was truncated while it was read.
pub(crate) fn is_shorter(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Shorter>()).is_some()
}

/// A blob with `Read` and `Seek`, for use on a blocking thread.
pub(crate) struct BlobReader {
    blobs: Arc<dyn BlobStore>,
    key: BlobKey,
    size: u64,
    position: u64,
    chunk: Bytes,
    chunk_start: u64,
    waiter: Waiter,
    stop: CancellationToken,
    span: Span,
    digest: Option<BlobDigest>,
}

impl BlobReader {
    /// Reads `key`, which is `size` bytes long, on the thread of `waiter` until `stop`
    /// is cancelled.
    pub(crate) fn new(
        blobs: Arc<dyn BlobStore>,
        key: BlobKey,
        size: u64,
        waiter: Waiter,
        stop: CancellationToken,
    ) -> Self {
        let (position, chunk_start, chunk) = (0, 0, Bytes::new());
        Self { blobs, key, size, position, chunk, chunk_start, waiter, stop, span: Span::none(), digest: None }
    }

    /// Fetches within this span. By default fetches belong to no span: a plan fetches a whole
    /// upload, and its trace would hold little else.
    pub(crate) fn within(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    /// Also computes the digest of the blob, for [`BlobReader::sha256`].
    pub(crate) fn with_digest(mut self) -> Self {
        self.digest = Some(BlobDigest::default());
        self
    }

    /// The SHA-256 of all bytes, in hexadecimal. Reads whatever has not been read yet. `None`
    /// without [`BlobReader::with_digest`].
    pub(crate) fn sha256(&mut self) -> io::Result<Option<String>> {
        while let Some(up_to) = self.digest.as_ref().map(BlobDigest::up_to).filter(|up_to| *up_to < self.size) {
            self.position = up_to;
            self.fetch()?;
        }
        Ok(self.digest.take().map(BlobDigest::finish))
    }

    /// Starts reading at this byte.
    pub(crate) const fn starting_at(mut self, position: u64) -> Self {
        self.position = position;
        self
    }

    /// The rest of the chunk that holds the current position; empty when it must be fetched.
    fn held(&self) -> &[u8] {
        self.position
            .checked_sub(self.chunk_start)
            .and_then(|skip| self.chunk.get(usize::try_from(skip).ok()?..))
            .unwrap_or_default()
    }

    /// Fetches the chunk that begins at the current position.
    fn fetch(&mut self) -> io::Result<()> {
        if self.stop.is_cancelled() {
            return Err(io::Error::other("the worker stops reading"));
        }
        let range = self.position..(self.position + CHUNK_BYTES).min(self.size);
        let (blobs, key) = (Arc::clone(&self.blobs), self.key.clone());
        let fetching = async move { retry(|| blobs.read(&key, range.clone())).await };
        self.chunk = self.waiter.on(fetching.instrument(self.span.clone()))?.map_err(io::Error::other)?;
        self.chunk_start = self.position;
        if self.chunk.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, Shorter));
        }
        if let Some(digest) = &mut self.digest {
            digest.take(self.chunk_start, &self.chunk);
        }
        Ok(())
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() {
            return Err(io::Error::other("the worker stops reading"));
        }
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        if self.held().is_empty() {
            self.fetch()?;
        }
        let held = self.held();
        let count = held.len().min(buffer.len());
        buffer[..count].copy_from_slice(&held[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position =
            position.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a seek to before the beginning"))?;
        Ok(self.position)
    }
}
