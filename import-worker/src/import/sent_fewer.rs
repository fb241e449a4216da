//! A site that sent fewer comments than it first announced.
//!
//! The plugin splits batches that are rejected as too large. It skips a part that fails for another
//! reason, and then reports that nothing is left: only the count sent with the first batch shows
//! that comments are missing.

use std::collections::BTreeMap;

use rethread_model::{Finding, FrameCounts, Job, Position, Reason, Step};
use rethread_stores::{Batch, ErrorKind, StepReport, Target};

use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

impl Worker {
    /// Records, once, that a completed sync lacks comments. May be repeated.
    pub(super) async fn note_sent_fewer(&self, job: &Job, target: &Target) -> Result<(), TaskError> {
        if job.sync.is_none() {
            return Ok(());
        }
        let comments = self.context.backends.comments.as_ref();
        let (account, import) = (&job.account, job.import_id());
        let read = retry(|| comments.tally(account, import)).await?.read.comments;
        if job.lacks_of_announced(read) == 0 {
            return Ok(());
        }
        // A sync has no plan, so its plan step holds findings that belong to no batch.
        let mut checkpoint = retry(|| comments.checkpoint(account, import, Step::Plan)).await?;
        if !checkpoint.complete {
            let finding = Finding { at: Position::default(), reason: Reason::SiteSentFewer, source_id: None };
            let batch = Batch {
                step: Step::Plan,
                from: checkpoint.batches,
                position: 0,
                complete: true,
                frames: FrameCounts::default(),
                records: Vec::new(),
                other_origins: BTreeMap::new(),
                findings: vec![finding],
            };
            checkpoint = match retry(|| comments.commit(target, batch.clone())).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    retry(|| comments.checkpoint(account, import, Step::Plan)).await?
                }
                committed => committed?,
            };
        }
        let (pass, tally) = (job.pass(), checkpoint.tally);
        let report = StepReport { pass, bytes_read: 0, tally, ended: true, complete: true };
        let jobs = &self.context.backends.jobs;
        retry(|| jobs.report(account, job.id, Step::Plan, &report)).await?;
        Ok(())
    }
}
