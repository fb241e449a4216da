//! Stores the result of the planner.

use std::collections::BTreeMap;

use rethread_formats::Plan;
use rethread_model::{Change, FrameCounts, Job, JobError, Located, Origin, Record, Step, TaskKind};
use rethread_runtime::METRICS;
use rethread_stores::{Batch, BlobPrefix, ErrorKind, StepReport};

use super::target::target;
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

impl Worker {
    /// Stores the planner's result and publishes the first slices.
    pub(crate) async fn begin_import(&self, job: &Job, plan: Plan, sha256: Option<String>) -> Result<(), TaskError> {
        let jobs = &self.context.backends.jobs;
        self.commit_plan(job, &plan).await?;
        retry(|| jobs.add_slices(&job.account, job.id, &plan.slices)).await?;
        let planned = Change::Planned {
            facts: plan.facts,
            slices: u32::try_from(plan.slices.len()).unwrap_or(u32::MAX),
            bytes_total: plan.bytes_total,
            defect: plan.defect,
            sha256,
        };
        if self.apply(job, planned).await?.is_none() {
            // Another worker planned it too; or the job ended meanwhile and its blobs were deleted,
            // perhaps before the last slice was stored. A job that is just ending deletes them
            // itself; otherwise the janitor does.
            let now = self.job(&job.account, job.id).await?;
            if now.is_none_or(|now| now.state.is_final()) {
                let blobs = &self.context.backends.blobs;
                retry(|| blobs.delete_job(BlobPrefix::Uploads, &job.account, job.id)).await?;
            }
            return self.publish(job, TaskKind::Finish).await;
        }
        let slice_progress = retry(|| jobs.slice_progress(&job.account, job.id)).await?;
        self.go_on(job, slice_progress).await
    }

    /// Writes the findings of the plan, once.
    pub(super) async fn commit_plan(&self, job: &Job, plan: &Plan) -> Result<(), TaskError> {
        let comments = &self.context.backends.comments;
        let mut checkpoint = retry(|| comments.checkpoint(&job.account, job.import_id(), Step::Plan)).await?;
        if !checkpoint.complete {
            let mut refused = refused_by_origin(plan);
            let batch = Batch {
                step: Step::Plan,
                from: checkpoint.batches,
                position: 0,
                complete: true,
                frames: FrameCounts::default(),
                records: refused.remove(&plan.facts.origin).unwrap_or_default(),
                other_origins: refused,
                findings: plan.findings.clone(),
            };
            let target = target(job, &plan.facts);
            checkpoint = match retry(|| comments.commit(&target, batch.clone())).await {
                // Another worker planned the same upload at the same time, with the same result.
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    retry(|| comments.checkpoint(&job.account, job.import_id(), Step::Plan)).await?
                }
                done => {
                    let committed = done?;
                    METRICS.count_records(plan.facts.vendor, &checkpoint.tally, &committed.tally);
                    committed
                }
            };
        }
        let report = StepReport {
            pass: job.pass(),
            bytes_read: plan.bytes_outside,
            tally: checkpoint.tally,
            ended: true,
            complete: true,
        };
        let jobs = &self.context.backends.jobs;
        retry(|| jobs.report(&job.account, job.id, Step::Plan, &report)).await?;
        Ok(())
    }
}

/// A file without a known site may be checked, since the confirmation names the site. It cannot
/// be imported.
pub(crate) fn with_site(job: &Job, plan: Plan) -> Result<Plan, JobError> {
    match plan.site_needed {
        Some(error) if !job.awaits_confirmation() => Err(error),
        _ => Ok(plan),
    }
}

/// Records outside of all slices, by the site of their document.
fn refused_by_origin(plan: &Plan) -> BTreeMap<Origin, Vec<Located<Record>>> {
    let mut refused = BTreeMap::<Origin, Vec<Located<Record>>>::new();
    for Located { value, at } in &plan.refused {
        let slice = plan.slices.iter().find(|slice| slice.part == at.part);
        let origin = slice.and_then(|slice| slice.origin.as_ref()).unwrap_or(&plan.facts.origin);
        let record = Located { value: Record::Refused(value.clone()), at: *at };
        refused.entry(origin.clone()).or_default().push(record);
    }
    refused
}
