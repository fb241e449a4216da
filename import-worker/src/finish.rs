//! Ends a job: links parents, counts, deletes the upload and publishes the outcome.

use rethread_model::{
    AccountId, Change, Ending, Event, FileFacts, ImportSummary, Job, JobId, JobKind, JobState, Order, Pass, Phase,
    Reason, Step, TaskKind,
};
use rethread_runtime::METRICS;
use rethread_stores::{BlobPrefix, StepReport};

use crate::reader::Reader;
use crate::slice::target;
use crate::task_error::{TaskError, fault, retry};
use crate::{Worker, heartbeat};

/// Comments linked in one transaction.
const LINK_COMMENTS: u32 = 20_000;

impl Worker {
    /// Ends a job that has nothing left to read. Does nothing while slices are being read: the last
    /// of them calls it again. Every step may be repeated, so a kill at any point costs only time.
    pub(crate) async fn finish(&self, account: &AccountId, id: JobId, reader: &Reader) -> Result<(), TaskError> {
        let jobs = &self.context.backends.jobs;
        let Some(job) = self.job(account, id).await? else {
            return Ok(());
        };
        if job.state.is_final() {
            return self.clean_up(&job).await;
        }
        if job.state == JobState::Waiting && !job.stopping {
            return self.forget(&job.account, job.import_id()).await;
        }
        if job.kind() != JobKind::Import {
            // Rejected while a worker still holds the work.
            return match self.apply(&job, Change::FinishStarted).await? {
                Some(job) => self.end(&job, ImportSummary::default(), Ending::Other).await,
                None => Ok(()),
            };
        }
        let slice_progress = retry(|| jobs.slice_progress(account, id)).await?;
        match job.phase {
            Phase::Uploading if !job.stopping && !self.is_stalled(&job) => return Ok(()),
            Phase::Uploading if !job.stopping => {
                let error = match job.resumable {
                    Some(_) => {
                        fault("upload_expired", "the upload expired before it was resumed; upload the file again")
                    }
                    None => fault("upload_broken", "the upload stopped before the file was whole; upload it again"),
                };
                self.apply(&job, Change::Fault(error)).await?;
            }
            Phase::Planning if !job.stopping => return Ok(()),
            Phase::Importing if !slice_progress.is_read() => return Ok(()),
            // A sync stays open for further batches until the site falls silent.
            Phase::Importing if job.takes_batches() && !self.is_silent(&job) => return Ok(()),
            Phase::Importing if job.takes_batches() => {
                let message = "the site was not heard of for too long; open the plugin's page in WordPress, then ask for \
                               another sync: what came before stays";
                self.apply(&job, Change::Fault(fault("sync_silent", message))).await?;
            }
            _ => {}
        }
        // Lost rows must be detected while the upload still exists.
        if job.phase == Phase::Importing && !slice_progress.stopping && self.reopen_unwritten(&job, reader).await? {
            return Ok(());
        }
        let Some(job) = self.apply(&job, Change::FinishStarted).await? else {
            return Ok(());
        };
        // The upload is no longer needed, and the time the rest takes depends on how much was read.
        if !job.awaits_confirmation() {
            let blobs = &self.context.backends.blobs;
            retry(|| blobs.delete_job(BlobPrefix::Uploads, account, id)).await?;
            self.apply(&job, Change::UploadDeleted).await?;
        }
        let is_closed = job.pass() == Pass::Check && job.checked.is_some();
        let summary = match &job.facts {
            _ if is_closed => job.summary.clone(),
            Some(facts) => self.link_and_finalize(&job, facts).await?,
            None => ImportSummary::default(),
        };
        // Only a proof that every planned record is written lets an import succeed.
        let proof = if is_whole(&job) { self.reconcile(&job).await? } else { None };
        if job.awaits_confirmation() {
            let checked = match proof {
                Some(proof) => self.apply(&job, Change::Checked(summary, proof)).await?,
                None => None,
            };
            return match checked {
                Some(waiting) => self.forget(&waiting.account, waiting.import_id()).await,
                // The import is incomplete, or the job was cancelled, or another worker was faster.
                // In none of these cases may this worker delete the upload.
                None => self.publish(&job, TaskKind::Finish).await,
            };
        }
        let ending = match proof {
            Some(proof) => Ending::Reconciled(proof),
            // The receipt is based on what is written, whatever was reported.
            None => Ending::Partial(retry(|| self.context.backends.comments.tally(account, job.import_id())).await?),
        };
        let summary =
            if matches!(ending, Ending::Reconciled(_)) { summary } else { ImportSummary { removed: None, ..summary } };
        self.end(&job, summary, ending).await
    }

    /// Sets the final state.
    pub(crate) async fn end(&self, job: &Job, summary: ImportSummary, ending: Ending) -> Result<(), TaskError> {
        let Some(ended) = self.apply(job, Change::Ended(summary, ending)).await? else {
            return Ok(());
        };
        let vendor = ended.facts.as_ref().map_or("none", |facts| facts.vendor.as_str());
        METRICS.jobs_ended.add(&[ended.state.as_str(), vendor], 1);
        self.tell(&ended).await?;
        self.clean_up(&ended).await
    }

    /// Whether an upload will receive no more data: it has not moved for long, or the process that
    /// received it is gone. A resumable upload carries its own deadline.
    fn is_stalled(&self, job: &Job) -> bool {
        if let Some(upload) = &job.resumable {
            let now = self.context.clock.now();
            return upload.expires_at <= now && job.upload_writer(now).is_none();
        }
        let idle = self.context.clock.now().duration_since(job.updated_at).unsigned_abs();
        let is_lost = !self.context.backends.queue.survives_restart() && job.updated_at < self.context.started_at;
        is_lost || idle >= self.config.upload_stalled_after
    }

    /// Whether a linked site has been silent for so long that no more batches are expected.
    fn is_silent(&self, job: &Job) -> bool {
        let heard_at = job.sync.as_ref().map_or(job.updated_at, |sync| sync.heard_at);
        self.context.clock.now().duration_since(heard_at).unsigned_abs() >= self.config.sync_silent_after
    }

    async fn link_and_finalize(&self, job: &Job, facts: &FileFacts) -> Result<ImportSummary, TaskError> {
        let backends = &self.context.backends;
        let target = target(job, facts);
        self.note_sent_fewer(job, &target).await?;
        loop {
            let checkpoint = retry(|| backends.comments.link(&target, LINK_COMMENTS)).await?;
            let report = StepReport {
                pass: job.pass(),
                bytes_read: 0,
                tally: checkpoint.tally,
                ended: checkpoint.complete,
                complete: checkpoint.complete,
            };
            retry(|| backends.jobs.report(&job.account, job.id, Step::Finish, &report)).await?;
            if checkpoint.complete {
                break;
            }
        }
        // Finalizing a large import takes long; the heartbeat keeps other workers away.
        let beat = || self.apply(job, Change::FinishStarted);
        let tally = retry(|| backends.comments.tally(&job.account, job.import_id())).await?;
        let is_older = tally.findings_of(Reason::OlderFile) > 0;
        // Comments that a site does not resend are not missing, nor are those newer than the file.
        let is_whole = is_whole(job) && job.sync.is_none() && !is_older;
        let closed = retry(|| backends.comments.finalize(&target, is_whole));
        let summary = heartbeat::beside(heartbeat::interval(&self.config), beat, closed).await?;
        // An older file leaves threads on their pages.
        if !target.dry_run && !is_older {
            self.keep_pages(job, &target).await?;
        }
        Ok(summary)
    }

    /// Publishes the event of a failed job. The job store keeps it as undelivered until the
    /// notifier confirms it, so a failure here does not lose it.
    async fn tell(&self, job: &Job) -> Result<(), TaskError> {
        match Event::of(job) {
            Some(event) => Ok(retry(|| self.context.backends.queue.publish_event(&event)).await?),
            None => Ok(()),
        }
    }

    /// Deletes what only a running job needs, and what may no longer be downloaded.
    pub(crate) async fn clean_up(&self, job: &Job) -> Result<(), TaskError> {
        let options = match &job.order {
            Order::Import(options) => options,
            Order::Export(_) => return self.sweep_export(&job.account, job.id).await,
            Order::Move(_) => return Ok(()),
        };
        let backends = &self.context.backends;
        retry(|| backends.blobs.delete_job(BlobPrefix::Uploads, &job.account, job.id)).await?;
        if options.check {
            self.forget(&job.account, job.id.of_check()).await?;
        }
        self.forget(&job.account, job.id).await
    }
}

/// Whether a file was read to its end, according to the job.
const fn is_whole(job: &Job) -> bool {
    !job.stopping && !job.cancel_requested && job.error.is_none()
}
