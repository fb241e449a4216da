//! Runs the planner over an upload.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use rethread_formats::{Limits, Plan, PlanError, SliceSink};
use rethread_model::{AccountId, Change, ImportOptions, Job, JobError, JobId, Phase, SliceNumber};
use rethread_stores::{BlobKey, BlobStore};

use super::lost_upload;
use crate::heartbeat;
use crate::reading::{BlobReader, Reader, Waiter};
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

impl Worker {
    /// Runs the planner on the slot's thread. The inner error is the file's fault.
    pub(crate) async fn make_plan(
        &self,
        job: &Job,
        options: ImportOptions,
        reader: &Reader,
    ) -> Result<Result<(Plan, Option<String>), JobError>, TaskError> {
        let blobs = &self.context.backends.blobs;
        let key = BlobKey::Upload(job.account.clone(), job.id);
        let Some(size) = retry(|| blobs.size(&key)).await? else {
            return Ok(Err(lost_upload::missing(job)));
        };
        let received = job.progress.bytes_stored;
        if size != received {
            return Ok(Err(lost_upload::changed(job, format_args!("{size} bytes instead of {received}"))));
        }
        let stop = self.context.lifecycle.soft().child_token();
        let mut upload = BlobReader::new(Arc::clone(blobs), key, size, reader.waiter(), stop.clone()).with_digest();
        let mut sink =
            BlobSink { blobs: Arc::clone(blobs), account: job.account.clone(), job: job.id, waiter: reader.waiter() };
        let limits = self.limits(job);
        let planning = reader.done(move || {
            let plan = rethread_formats::plan(&mut upload, size, &options, &limits, &mut sink)?;
            Ok::<_, PlanError>((plan, upload.sha256()?))
        });
        let beat = || async {
            // A job that is replanned to recover lost data keeps its plan: no other worker can take
            // it over.
            if job.phase == Phase::Planning && matches!(self.apply(job, Change::Heartbeat).await, Ok(None)) {
                stop.cancel();
            }
        };
        let planned = heartbeat::beside(heartbeat::interval(&self.config), beat, planning).await;
        match planned.ok_or(TaskError::Panicked)? {
            // An upload received in several requests has no digest until it is planned.
            Ok((_, stored)) if job.sha256.is_some() && job.sha256 != stored => {
                Ok(Err(lost_upload::changed(job, "its checksum is another")))
            }
            Ok((plan, stored)) => Ok(Ok((plan, stored))),
            Err(PlanError::Refused(error)) => Ok(Err(error)),
            Err(PlanError::Io(_)) if stop.is_cancelled() => Err(TaskError::Stopping),
            Err(PlanError::Io(error)) => match lost_upload::not_read(job, error) {
                TaskError::LostUpload(error) => Ok(Err(error)),
                trouble => Err(trouble),
            },
        }
    }

    fn limits(&self, job: &Job) -> Limits {
        Limits {
            slice_bytes: usize::try_from(self.config.slice_bytes).unwrap_or(usize::MAX),
            record_bytes: usize::try_from(self.config.record_bytes).unwrap_or(usize::MAX),
            unpacked_bytes: self.config.unpacked_bytes,
            unpacked_ratio: self.config.unpacked_ratio,
            received_at: Some(job.created_at),
        }
    }
}

/// Stores the slices of a compressed upload.
struct BlobSink {
    blobs: Arc<dyn BlobStore>,
    account: AccountId,
    job: JobId,
    waiter: Waiter,
}

impl SliceSink for BlobSink {
    fn put(&mut self, number: SliceNumber, bytes: &[u8]) -> io::Result<()> {
        let key = BlobKey::Slice(self.account.clone(), self.job, number);
        let bytes = Bytes::copy_from_slice(bytes);
        let blobs = Arc::clone(&self.blobs);
        let storing = async move {
            let store = || async {
                let mut writer = blobs.create(&key).await?;
                writer.write(bytes.clone()).await?;
                writer.finish().await
            };
            retry(store).await
        };
        self.waiter.on(storing)?.map(drop).map_err(io::Error::other)
    }
}
