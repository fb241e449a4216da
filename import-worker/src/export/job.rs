//! An export as a job.

use std::time::Duration;

use parking_lot::Mutex;
use rethread_model::{
    AccountId, Change, ExportFile, ExportOptions, ExportTally, Job, JobError, JobId, Order, TaskKind,
};
use rethread_stores::{BlobKey, BlobPrefix, BlobWriter};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::{ExportSink, Pack, write_export};
use crate::task_error::{TaskError, fault, retry};
use crate::{Worker, heartbeat};

/// How often the progress of an export is reported.
const TELL_EVERY: Duration = Duration::from_secs(1);

impl Worker {
    /// Writes an export's file and sends the job to its end. Repeated or concurrent calls leave one
    /// file: that of the worker that started last.
    pub(crate) async fn export(&self, account: &AccountId, id: JobId) -> Result<(), TaskError> {
        let Some(job) = self.job(account, id).await?.filter(|job| !job.state.is_final()) else {
            return Ok(());
        };
        let Order::Export(options) = &job.order else { return Ok(()) };
        if job.stopping || job.phase.task() != Some(TaskKind::Export) {
            return self.publish(&job, TaskKind::Finish).await;
        }
        let Some(begun) = self.start_attempt(&job, export_crashes).await? else {
            return Ok(());
        };
        let is_written = self.write_file(&begun, options).await;
        if let Err(TaskError::Stopping | TaskError::Backend(_)) = is_written {
            self.apply(&begun, Change::AttemptReleased).await?;
        }
        if is_written? {
            self.publish(&begun, TaskKind::Finish).await?;
        }
        Ok(())
    }

    /// Returns `false` when there is nothing left to do: another worker has started, or an admin
    /// cancelled the job.
    async fn write_file(&self, begun: &Job, options: &ExportOptions) -> Result<bool, TaskError> {
        let overtaken = CancellationToken::new();
        let so_far = Mutex::new((ExportTally::default(), 0));
        let tell = || {
            let (tally, bytes) = so_far.lock().clone();
            let goes_on = Change::ExportGoesOn { begun_at: begun.revision, tally, bytes };
            let overtaken = overtaken.clone();
            async move {
                // Rejected: another worker started later, or the job was cancelled.
                if matches!(self.apply(begun, goes_on).await, Ok(None)) {
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
        Ok(self.apply(begun, exported).await?.is_some())
    }

    /// Writes the file under a name unique to this worker, and returns the change that records it.
    async fn write_blob(
        &self,
        begun: &Job,
        options: &ExportOptions,
        so_far: &Mutex<(ExportTally, u64)>,
    ) -> Result<Change, TaskError> {
        let backends = &self.context.backends;
        let begun_at = begun.revision;
        // Remove what earlier, killed attempts left behind.
        retry(|| backends.blobs.delete_job(BlobPrefix::Exports, &begun.account, begun.id)).await?;
        let snapshot = retry(|| backends.comments.export(&begun.account, &options.filter)).await?;
        let key = BlobKey::Export(begun.account.clone(), begun.id, begun_at);
        let blob = retry(|| backends.blobs.create(&key)).await?;
        let mut sink = BlobSink { blob, pack: Pack::new(options.gzip), hash: Sha256::new(), bytes: 0, so_far };
        let written = write_export(snapshot, options.format, self.context.clock.now(), &mut sink).await;
        let tally = written.map_err(|error| TaskError::with_export(begun, error))?;
        let (bytes, sha256) = sink.finish().await.map_err(|error| TaskError::with_export(begun, error))?;
        let now = self.context.clock.now();
        let expires_at = now.checked_add(self.config.export_expires_after).unwrap_or(now);
        let file = ExportFile { sha256, expires_at, deleted_at: None };
        Ok(Change::Exported { begun_at, tally, bytes, file })
    }

    /// Deletes what may no longer be downloaded: the file of an export that failed or has expired.
    pub(crate) async fn sweep_export(&self, account: &AccountId, id: JobId) -> Result<(), TaskError> {
        let job = self.job(account, id).await?;
        let is_kept = job.as_ref().is_some_and(|job| {
            let now = self.context.clock.now();
            !job.state.is_final() || job.offered_file().is_some_and(|file| now < file.expires_at)
        });
        if is_kept {
            return Ok(());
        }
        // Withdraw the download first. If the process dies in between, the leftover blob leads the
        // janitor back here.
        if let Some(job) = job {
            self.apply(&job, Change::FileDeleted).await?;
        }
        let blobs = &self.context.backends.blobs;
        Ok(retry(|| blobs.delete_job(BlobPrefix::Exports, account, id)).await?)
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

fn export_crashes(crashes: u32) -> JobError {
    let message = format!(
        "writing the export crashed {crashes} times; this is a fault of Rethread: send the operators the job's id"
    );
    fault("export_crashes", message)
}
