//! Cleans up after an upload that was interrupted.

use rethread_model::{AccountId, Change, JobError, JobId, Reach, Task, TaskKind, TraceParent};
use rethread_stores::{BlobPrefix, BlobWriter, Result, change};

use crate::gateway::Gateway;

/// The job of an interrupted upload.
pub(crate) struct AbortUpload {
    pub(crate) gateway: Gateway,
    pub(crate) account: AccountId,
    pub(crate) job: JobId,
    pub(crate) trace: Option<TraceParent>,
    /// Why it was interrupted, as a sentence for people.
    pub(crate) reason: String,
}

impl AbortUpload {
    /// Discards the object that `writer` was writing, marks the job as failing and has a worker end
    /// it. What fails here (an unavailable store may be the cause of the interruption) is left to
    /// the janitor, which detects uploads that do not grow.
    pub(crate) async fn clear(self, writer: Option<Box<dyn BlobWriter>>) {
        if let Some(writer) = writer {
            self.log(writer.abort().await);
        }
        let fault = self.fault().await;
        self.log(fault);
        // A concurrent clean-up, such as that of a cancellation, may have run before the
        // object existed.
        let deleted = self.gateway.backends.blobs.delete_job(BlobPrefix::Uploads, &self.account, self.job).await;
        self.log(deleted);
        let account = self.account.clone();
        let finish = Task { account, job: self.job, kind: TaskKind::Finish, trace: self.trace.clone() };
        self.gateway.publish(finish).await;
        tracing::info!(job.id = %self.job, account = %self.account, "an upload broke off and was cleared away");
    }

    /// Marks the job as failing, unless an admin cancelled it.
    async fn fault(&self) -> Result<()> {
        let jobs = self.gateway.backends.jobs.as_ref();
        let reach = Reach::Account(self.account.clone());
        let is_cancelled = jobs.get(&reach, self.job).await?.is_some_and(|job| job.cancel_requested);
        if is_cancelled {
            return Ok(());
        }
        let message = format!("the upload broke off: {}; upload the file again", self.reason);
        let error = JobError { code: "upload_broken".to_owned(), message, offset: None };
        let clock = self.gateway.clock.as_ref();
        // A rejected change means that the job is ending or has ended, which is the goal.
        change(jobs, clock, &self.account, self.job, Change::Fault(error)).await?.ok();
        Ok(())
    }

    fn log(&self, result: Result<()>) {
        if let Err(error) = result {
            tracing::warn!(job.id = %self.job, error = &error as &dyn std::error::Error,
                "a broken upload could not be cleared away at once; the janitor will do it");
        }
    }
}
