//! Where the bytes of a slice are stored.

use std::sync::Arc;

use rethread_model::{FileFacts, Job, SliceSource, SliceSpec};
use rethread_stores::BlobKey;
use tracing::Span;

use super::lost_upload;
use crate::reading::{BlobReader, Reader, Reading};
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

impl Worker {
    /// Opens the blob that holds a slice, to be read on the thread of `reader`.
    pub(super) async fn slice_source(
        &self,
        job: &Job,
        facts: &FileFacts,
        spec: &SliceSpec,
        resume_at: Option<u64>,
        reader: &Reader,
    ) -> Result<Reading, TaskError> {
        let (key, start) = match spec.source {
            SliceSource::Upload => (BlobKey::Upload(job.account.clone(), job.id), spec.start),
            SliceSource::Own => (BlobKey::Slice(job.account.clone(), job.id, spec.number), 0),
            SliceSource::Batch { sha256 } => (BlobKey::Batch(job.account.clone(), job.id, sha256), 0),
        };
        let blobs = &self.context.backends.blobs;
        let Some(size) = retry(|| blobs.size(&key)).await? else {
            return Err(TaskError::LostUpload(lost_upload::missing(job)));
        };
        let stop = self.context.lifecycle.hard().clone();
        let blob = BlobReader::new(Arc::clone(blobs), key, size, reader.waiter(), stop)
            .starting_at(start)
            .within(Span::current());
        Ok(Reading {
            vendor: facts.vendor,
            spec: spec.clone(),
            options: job.import().cloned().unwrap_or_default(),
            blob,
            resume_at,
            batch_records: self.config.batch_comments,
        })
    }
}
