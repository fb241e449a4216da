//! The file of an export that runs as a job.

use std::time::Duration;

use parking_lot::Mutex;
use rethread_model::kinds::ExportChange;
use rethread_model::{ExportFile, ExportOptions, ExportTally, Job};
use rethread_stores::{BlobKey, BlobPrefix, BlobWriter, Error, ErrorKind};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::{ExportSink, Pack, write_export};
use crate::heartbeat;
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// How often the progress of an export is reported.
const TELL_EVERY: Duration = Duration::from_secs(1);

impl Worker {
    /// Writes the file, and records it in the job. Returns `false` when there is nothing left to
    /// do: another worker has started, or an admin
    /// cancelled the job.
    pub(crate) async fn write_export_file(&self, begun: &Job, options: &ExportOptions) -> Result<bool, TaskError> {
        let overtaken = CancellationToken::new();
        let so_far = Mutex::new((ExportTally::default(), 0));
        let tell = || {
            let (tally, bytes) = so_far.lock().clone();
            let progressed = ExportChange::Progressed { begun_at: begun.revision, tally, bytes };
            let overtaken = overtaken.clone();
            async move {
                // Rejected: another worker started later, or the job was cancelled.
                if matches!(self.apply(begun, progressed.into()).await, Ok(None)) {
                    overtaken.cancel();
                }
            }
        };
        let interval = heartbeat::interval(&self.config).min(TELL_EVERY);
        let written = heartbeat::beside(interval, tell, self.write_blob(begun, options, &so_far));
        let exported = tokio::select! {
            biased;
            () = overtaken.cancelled() => return Ok(false),
            () = self.context.lifecycle.soft().cancelled() => return Err(TaskError::Stopping),
            exported = written => exported?,
        };
        Ok(self.apply(begun, exported.into()).await?.is_some())
    }

    /// Writes the file under a name unique to this worker, and returns the change that records it.
    async fn write_blob(
        &self,
        begun: &Job,
        options: &ExportOptions,
        so_far: &Mutex<(ExportTally, u64)>,
    ) -> Result<ExportChange, TaskError> {
        let backends = &self.context.backends;
        let begun_at = begun.revision;
        // Remove what earlier, killed attempts left behind.
        retry(|| backends.blobs.delete_job(BlobPrefix::Exports, &begun.account, begun.id)).await?;
        let snapshot = retry(|| backends.comments.export(&begun.account, &options.filter)).await?;
        let key = BlobKey::Export(begun.account.clone(), begun.id, begun_at);
        let blob = retry(|| backends.blobs.create(&key)).await?;
        let mut sink = BlobSink { blob, pack: Pack::new(options.gzip), hash: Sha256::new(), bytes: 0, so_far };
        let written = write_export(snapshot, options.format, self.context.clock.now(), &mut sink).await;
        let tally = written.map_err(|error| not_written(begun, error))?;
        let (bytes, sha256) = sink.finish().await.map_err(|error| not_written(begun, error))?;
        let now = self.context.clock.now();
        let expires_at = now.checked_add(self.config.export_expires_after).unwrap_or(now);
        let file = ExportFile { sha256, expires_at, deleted_at: None };
        Ok(ExportChange::Exported { begun_at, tally, bytes, file })
    }
}

/// Writes to a blob and reports progress.
struct BlobSink<'a> {
    blob: Box<dyn BlobWriter>,
    pack: Pack,
    hash: Sha256,
    bytes: u64,
    so_far: &'a Mutex<(ExportTally, u64)>,
}

impl BlobSink<'_> {
    async fn put(&mut self, bytes: bytes::Bytes) -> anyhow::Result<()> {
        self.hash.update(&bytes);
        self.bytes += bytes.len() as u64;
        Ok(self.blob.write(bytes).await?)
    }

    /// The size of the whole file, and its SHA-256 in hexadecimal.
    async fn finish(mut self) -> anyhow::Result<(u64, String)> {
        let rest = std::mem::replace(&mut self.pack, Pack::new(false)).finish()?;
        self.put(rest).await?;
        self.blob.finish().await?;
        Ok((self.bytes, base16ct::lower::encode_string(&self.hash.finalize())))
    }
}

impl ExportSink for BlobSink<'_> {
    async fn write(&mut self, bytes: &[u8], tally: &ExportTally) -> anyhow::Result<()> {
        let packed = self.pack.pack(bytes)?;
        self.put(packed).await?;
        *self.so_far.lock() = (tally.clone(), self.bytes);
        Ok(())
    }
}

/// What kept an export from being written.
fn not_written(job: &Job, error: anyhow::Error) -> TaskError {
    match error.downcast::<Error>() {
        Ok(error) => error.into(),
        Err(error) => {
            let message = format!("the export of job {} cannot be written", job.id);
            Error::new(ErrorKind::Internal, message).because(error).into()
        }
    }
}
