//! Deletes the files of exports.

use rethread_model::kinds::ExportChange;
use rethread_model::{AccountId, JobId};
use rethread_stores::BlobPrefix;

use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

impl Worker {
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
            self.apply(&job, ExportChange::FileDeleted.into()).await?;
        }
        let blobs = &self.context.backends.blobs;
        Ok(retry(|| blobs.delete_job(BlobPrefix::Exports, account, id)).await?)
    }
}
