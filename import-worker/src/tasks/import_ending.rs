//! How an import ends: links parents, counts, compares with the plan and deletes the upload.

use async_trait::async_trait;
use rethread_model::{Change, Ending, ImportSummary, Job, Pass, Phase, TaskKind};
use rethread_stores::BlobPrefix;

use super::job_ending::{Conclusion, JobEnding};
use crate::import::is_whole;
use crate::reading::Reader;
use crate::retry::retry;
use crate::task_error::{TaskError, fault};
use crate::worker::Worker;

/// See [`JobEnding`].
pub(super) struct ImportEnding;

#[async_trait]
impl JobEnding for ImportEnding {
    async fn conclude(&self, worker: &Worker, job: Job, reader: &Reader) -> Result<Option<Conclusion>, TaskError> {
        if !is_due(worker, &job, reader).await? {
            return Ok(None);
        }
        let Some(job) = worker.apply(&job, Change::FinishStarted).await? else {
            return Ok(None);
        };
        // The upload is no longer needed, and the time the rest takes depends on how much was read.
        if !job.awaits_confirmation() {
            let blobs = &worker.context.backends.blobs;
            retry(|| blobs.delete_job(BlobPrefix::Uploads, &job.account, job.id)).await?;
            worker.apply(&job, Change::UploadDeleted).await?;
        }
        let is_closed = job.pass() == Pass::Check && job.checked.is_some();
        let summary = match &job.facts {
            _ if is_closed => job.summary.clone(),
            Some(facts) => worker.link_and_finalize(&job, facts).await?,
            None => ImportSummary::default(),
        };
        // Only a proof that every planned record is written lets an import succeed.
        let proof = if is_whole(&job) { worker.reconcile(&job).await? } else { None };
        if job.awaits_confirmation() {
            let checked = match proof {
                Some(proof) => worker.apply(&job, Change::Checked(summary, proof)).await?,
                None => None,
            };
            match checked {
                Some(waiting) => worker.forget(&waiting.account, waiting.import_id()).await?,
                // The import is incomplete, or the job was cancelled, or another worker was faster.
                // In none of these cases may this worker delete the upload.
                None => worker.publish(&job, TaskKind::Finish).await?,
            }
            return Ok(None);
        }
        let ending = match proof {
            Some(proof) => Ending::Reconciled(proof),
            // The receipt is based on what is written, whatever was reported.
            None => {
                Ending::Partial(retry(|| worker.context.backends.comments.tally(&job.account, job.import_id())).await?)
            }
        };
        let summary =
            if matches!(ending, Ending::Reconciled(_)) { summary } else { ImportSummary { removed: None, ..summary } };
        Ok(Some(Conclusion { job, summary, ending }))
    }

    /// Deletes the upload, and what the comment store keeps only while an import runs.
    async fn clean_up(&self, worker: &Worker, job: &Job) -> Result<(), TaskError> {
        let blobs = &worker.context.backends.blobs;
        retry(|| blobs.delete_job(BlobPrefix::Uploads, &job.account, job.id)).await?;
        if job.import().is_some_and(|options| options.check) {
            worker.forget(&job.account, job.id.of_check()).await?;
        }
        worker.forget(&job.account, job.id).await
    }
}

/// Whether everything that the job received is read and written. Fails a job that will receive no
/// more.
async fn is_due(worker: &Worker, job: &Job, reader: &Reader) -> Result<bool, TaskError> {
    let jobs = &worker.context.backends.jobs;
    let slice_progress = retry(|| jobs.slice_progress(&job.account, job.id)).await?;
    match job.phase {
        Phase::Uploading if !job.stopping && !is_stalled(worker, job) => return Ok(false),
        Phase::Uploading if !job.stopping => {
            let error = match job.resumable {
                Some(_) => fault("upload_expired", "the upload expired before it was resumed; upload the file again"),
                None => fault("upload_broken", "the upload stopped before the file was whole; upload it again"),
            };
            worker.apply(job, Change::Fault(error)).await?;
        }
        Phase::Planning if !job.stopping => return Ok(false),
        Phase::Importing if !slice_progress.is_read() => return Ok(false),
        // A sync stays open for further batches until the site falls silent.
        Phase::Importing if job.takes_batches() && !is_silent(worker, job) => return Ok(false),
        Phase::Importing if job.takes_batches() => {
            let message = "the site was not heard of for too long; open the plugin's page in WordPress, then ask for \
                           another sync: what came before stays";
            worker.apply(job, Change::Fault(fault("sync_silent", message))).await?;
        }
        _ => {}
    }
    // Lost rows must be detected while the upload still exists.
    let may_have_lost_rows = job.phase == Phase::Importing && !slice_progress.stopping;
    Ok(!(may_have_lost_rows && worker.reopen_unwritten(job, reader).await?))
}

/// Whether an upload will receive no more data: it has not moved for long, or the process that
/// received it is gone. A resumable upload carries its own deadline.
fn is_stalled(worker: &Worker, job: &Job) -> bool {
    if let Some(upload) = &job.resumable {
        let now = worker.context.clock.now();
        return upload.expires_at <= now && job.upload_writer(now).is_none();
    }
    let idle = worker.context.clock.now().duration_since(job.updated_at).unsigned_abs();
    let is_lost = !worker.context.backends.queue.survives_restart() && job.updated_at < worker.context.started_at;
    is_lost || idle >= worker.config.upload_stalled_after
}

/// Whether a linked site has been silent for so long that no more batches are expected.
fn is_silent(worker: &Worker, job: &Job) -> bool {
    let heard_at = job.sync.as_ref().map_or(job.updated_at, |sync| sync.heard_at);
    worker.context.clock.now().duration_since(heard_at).unsigned_abs() >= worker.config.sync_silent_after
}
