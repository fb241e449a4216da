//! The buffers in which parts are gathered. There are a few for the whole process, so that its
//! memory does not grow with the number of uploads: a writer that needs one waits until one is
//! free.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use parking_lot::Mutex;
use rethread_stores::{Error, ErrorKind, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The size of a part in bytes. Servers require at least 5 MiB, and with 10,000 parts an object can
/// have 78 GiB.
pub(super) const PART_BYTES: usize = 8 << 20;
/// The number of parts that are gathered or sent at once: 48 MiB.
const BUFFERS: usize = 6;
/// What a writer gathers before it needs a buffer: small files, and uploads that stall early, never
/// need one.
const SMALL_BYTES: usize = 128 << 10;
/// Writers take turns, and each turn ends with a part that is sent. A longer wait means that the
/// server takes no parts, or that too many clients are slow.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// The buffers of a process.
#[derive(Debug)]
pub(super) struct PartBuffers {
    permits: Arc<Semaphore>,
    /// Those in nobody's use. They are kept: an allocator would not give so much memory back.
    free: Mutex<Vec<BytesMut>>,
}

impl Default for PartBuffers {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(BUFFERS)), free: Mutex::default() }
    }
}

impl PartBuffers {
    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        let busy = || {
            let message = "too many files are being stored at once: try again in a moment";
            Error::new(ErrorKind::Unavailable, message)
        };
        match timeout(MAX_WAIT, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(closed)) => Err(busy().because(closed)),
            Err(elapsed) => Err(busy().because(elapsed)),
        }
    }

    /// An empty buffer for a whole part.
    fn take(&self) -> BytesMut {
        self.free.lock().pop().unwrap_or_else(|| BytesMut::with_capacity(PART_BYTES))
    }

    fn give_back(&self, mut buffer: BytesMut) {
        buffer.clear();
        let mut free = self.free.lock();
        if buffer.capacity() >= PART_BYTES && free.len() < BUFFERS {
            free.push(buffer);
        }
    }
}

/// A part that is being gathered.
#[derive(Debug)]
pub(super) struct Part {
    buffers: Arc<PartBuffers>,
    bytes: BytesMut,
    /// Present once the bytes stand in a buffer of [`PartBuffers`].
    permit: Option<OwnedSemaphorePermit>,
}

impl Part {
    /// With nothing in it.
    pub(super) fn new(buffers: &Arc<PartBuffers>) -> Self {
        Self { buffers: Arc::clone(buffers), bytes: BytesMut::new(), permit: None }
    }

    /// With bytes that are in memory already. They move to a buffer when more of them are gathered.
    pub(super) fn resumed(buffers: &Arc<PartBuffers>, bytes: Bytes) -> Self {
        Self { buffers: Arc::clone(buffers), bytes: bytes.into(), permit: None }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= PART_BYTES
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes as many of the bytes as it has room for. Waits for a buffer if it needs one.
    pub(super) async fn gather(&mut self, bytes: &mut Bytes) -> Result<()> {
        let taken = bytes.len().min(PART_BYTES - self.bytes.len());
        if self.permit.is_none() && self.bytes.len() + taken > SMALL_BYTES {
            self.permit = Some(self.buffers.permit().await?);
            let mut buffer = self.buffers.take();
            buffer.extend_from_slice(&self.bytes);
            self.bytes = buffer;
        }
        self.bytes.extend_from_slice(&bytes[..taken]);
        bytes.advance(taken);
        Ok(())
    }

    /// What was gathered, to be sent. Leaves an empty part.
    pub(super) fn take(&mut self) -> GatheredPart {
        let bytes = mem::take(&mut self.bytes).freeze();
        GatheredPart { buffers: Arc::clone(&self.buffers), bytes, permit: self.permit.take() }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        drop(self.take());
    }
}

/// The bytes of a part. Its buffer is given back when this is dropped.
#[derive(Debug)]
pub(super) struct GatheredPart {
    buffers: Arc<PartBuffers>,
    bytes: Bytes,
    permit: Option<OwnedSemaphorePermit>,
}

impl GatheredPart {
    /// Shared, not copied.
    pub(super) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }
}

impl Drop for GatheredPart {
    fn drop(&mut self) {
        // A request that was broken off may still hold the bytes. Then the buffer goes with it.
        if let (Some(_permit), Ok(buffer)) = (self.permit.take(), mem::take(&mut self.bytes).try_into_mut()) {
            self.buffers.give_back(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(buffers: &Arc<PartBuffers>) -> impl Future<Output = Part> {
        let mut part = Part::new(buffers);
        async {
            part.gather(&mut Bytes::from(vec![1; PART_BYTES + 1])).await.unwrap();
            part
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_waits_for_a_buffer_and_small_ones_need_none() {
        let buffers = Arc::default();
        let mut parts = Vec::new();
        for _ in 0..BUFFERS {
            parts.push(full(&buffers).await);
        }
        let mut small = Part::new(&buffers);
        small.gather(&mut Bytes::from(vec![2; SMALL_BYTES])).await.unwrap();
        let error = small.gather(&mut Bytes::from_static(b"3")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let first = parts.pop().unwrap().take();
        drop(first);
        small.gather(&mut Bytes::from_static(b"3")).await.unwrap();
        assert_eq!((small.len(), small.bytes().last()), (SMALL_BYTES + 1, Some(&b'3')));
    }

    #[tokio::test]
    async fn a_buffer_is_used_again_once_nobody_reads_it() {
        let buffers = Arc::default();
        let mut part = full(&buffers).await;
        assert!(part.is_full());
        let sent = part.take();
        let (request, address) = (sent.bytes(), sent.bytes.as_ptr());
        assert!(request.iter().all(|byte| *byte == 1));
        drop(request);
        drop(sent);
        assert_eq!(full(&buffers).await.bytes().as_ptr(), address);
        // One that is still read is not.
        let sent = full(&buffers).await.take();
        let read = sent.bytes();
        drop(sent);
        assert_ne!(full(&buffers).await.bytes().as_ptr(), address);
        assert_eq!(read.len(), PART_BYTES);
    }
}
