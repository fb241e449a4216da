//! Links what an import wrote, and counts it.

use rethread_model::{Change, FileFacts, ImportSummary, Job, Reason, Step};
use rethread_stores::StepReport;

use super::target::target;
use crate::heartbeat;
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// Comments linked in one transaction.
const LINK_COMMENTS: u32 = 20_000;

impl Worker {
    /// Links parents, creates and counts pages, and computes what the file lacks. May be repeated.
    pub(crate) async fn link_and_finalize(&self, job: &Job, facts: &FileFacts) -> Result<ImportSummary, TaskError> {
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
}

/// Whether a file was read to its end, according to the job.
pub(crate) const fn is_whole(job: &Job) -> bool {
    !job.stopping && !job.cancel_requested && job.error.is_none()
}
