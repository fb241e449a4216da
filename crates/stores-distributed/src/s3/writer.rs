//! Writes one object in bounded memory.
//!
//! Bytes are gathered into parts (see [`super::parts`]). At most one part is filled while another is
//! sent. An object smaller than a part is sent whole at the end, which takes one request instead of
//! five.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use rethread_stores::{BlobWriter, Error, ErrorKind, Result};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::bucket::Bucket;
use super::failure::failed;
use super::multipart::Multipart;
use super::parts::{GatheredPart, Part};
use super::retry::retry;

/// For waiting for an abort; it continues in the background after that.
const ABORT_TIMEOUT: Duration = Duration::from_secs(30);

/// See [`BlobWriter`].
pub(super) struct S3Writer {
    bucket: Arc<Bucket>,
    object: String,
    /// Random; distinguishes this write from others of the same object.
    name: String,
    part: Part,
    /// The part being sent, in its own task. The upload moves with it.
    sending: Option<AbortOnDrop>,
    /// Set while a write is in progress: a writer cannot continue after a write that failed or was
    /// cancelled.
    is_broken: bool,
    size_bytes: u64,
    alive: (mpsc::Sender<()>, mpsc::Receiver<()>),
}

struct AbortOnDrop(JoinHandle<Result<Multipart>>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl S3Writer {
    pub(super) fn new(bucket: Arc<Bucket>, object: String) -> Result<Self> {
        let random = getrandom::u64()
            .map_err(|error| Error::new(ErrorKind::Internal, "the system gives no randomness").because(error))?;
        Ok(Self {
            part: Part::new(&bucket.part_buffers),
            bucket,
            object,
            name: format!("{random:016x}"),
            sending: None,
            is_broken: false,
            size_bytes: 0,
            alive: mpsc::channel(1),
        })
    }

    /// Waits for the part being sent, if there is one.
    async fn sent(&mut self) -> Result<Option<Multipart>> {
        let Some(task) = &mut self.sending else { return Ok(None) };
        let sent = (&mut task.0).await;
        self.sending = None;
        match sent {
            Ok(sent) => sent.map(Some),
            Err(error) => Err(self.broken().because(error)),
        }
    }

    fn broken(&self) -> Error {
        Error::new(ErrorKind::Internal, format!("an earlier write to {} was broken off", self.object))
    }

    /// Sends the buffered part while the next one is filled.
    async fn send_part(&mut self) -> Result<()> {
        let multipart = self.sent().await?;
        let part = self.part.take();
        let (bucket, object, name) = (Arc::clone(&self.bucket), self.object.clone(), self.name.clone());
        let alive = self.alive.0.clone();
        let sending = tokio::spawn(async move {
            let mut multipart = match multipart {
                Some(multipart) => multipart,
                // In its own task, which is not cancelled: an upload whose id was never received
                // could not be aborted.
                None => match tokio::spawn(Multipart::begin(bucket, object, name, alive)).await {
                    Ok(begun) => begun?,
                    Err(error) => return Err(Error::new(ErrorKind::Internal, "a write ended early").because(error)),
                },
            };
            multipart.send(&part).await?;
            Ok(multipart)
        });
        self.sending = Some(AbortOnDrop(sending));
        Ok(())
    }
}

/// Writes an object with one request.
pub(super) async fn put_whole(bucket: &Bucket, object: &str, part: &GatheredPart) -> Result<()> {
    retry(|| async {
        let put = bucket.put(object).body(ByteStream::from(part.bytes())).send().await;
        put.map(drop).map_err(|error| failed(format_args!("write {object}"), &error))
    })
    .await
}

#[async_trait]
impl BlobWriter for S3Writer {
    async fn write(&mut self, mut bytes: Bytes) -> Result<()> {
        if std::mem::replace(&mut self.is_broken, true) {
            return Err(self.broken());
        }
        self.size_bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            self.part.gather(&mut bytes).await?;
            if self.part.is_full() {
                self.send_part().await?;
            }
        }
        self.is_broken = false;
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<u64> {
        if self.is_broken {
            return Err(self.broken());
        }
        match self.sent().await? {
            None => {
                let part = self.part.take();
                put_whole(&self.bucket, &self.object, &part).await?;
            }
            Some(mut multipart) => {
                if self.part.len() > 0 {
                    multipart.send(&self.part.take()).await?;
                }
                multipart.complete(self.size_bytes).await?;
            }
        }
        Ok(self.size_bytes)
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        let Self { sending, object, alive: (sender, mut ended), .. } = *self;
        drop((sending, sender));
        // Nothing is ever sent: the channel closes when the last sender is gone.
        timeout(ABORT_TIMEOUT, ended.recv()).await.map(drop).map_err(|error| {
            Error::new(ErrorKind::Unavailable, format!("cannot abort the upload of {object} yet")).because(error)
        })
    }
}
