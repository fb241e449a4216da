//! Compares what was planned, what was reported and what is written, before a job ends. The comment
//! store decides: it may have been rolled back (restored from a backup, or failed over to a lagging
//! standby) and then holds less than was reported to the job store.

use rethread_model::{
    Change, CommittedStep, Discrepancy, Job, JobSpec, Pass, Reconciled, SliceSpec, Step, TaskKind, Written,
};
use rethread_stores::StepReport;

use super::commit_plan::with_site;
use super::lost_upload;
use crate::reading::Reader;
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// What may be reported of a slice to the job store, given what is written of it.
pub(super) fn report_of(pass: Pass, spec: &SliceSpec, written: &CommittedStep) -> StepReport {
    StepReport {
        pass,
        bytes_read: written.position.map_or(0, |position| position.saturating_sub(spec.start)),
        tally: written.tally.clone(),
        ended: written.complete,
        complete: written.complete,
    }
}

impl Worker {
    /// Reopens whatever was reported as read but is not, or no longer, written. Returns `true` when
    /// there is work to redo, so that the job does not end yet.
    pub(crate) async fn reopen_unwritten(&self, job: &Job, reader: &Reader) -> Result<bool, TaskError> {
        let (specs, written) = self.planned_and_written(job).await?;
        if written.has_ended {
            // Whatever was read again would not be written, and be missing again.
            tracing::error!(account = %job.account, job = %job.id, "the import of a running job has ended");
            self.apply(job, Change::Fault(Discrepancy::Ended.into_error())).await?;
            self.publish(job, TaskKind::Finish).await?;
            return Ok(true);
        }
        if job.sync.is_none() && !written.is_complete(Step::Plan) && !self.plan_again(job, &specs, reader).await? {
            return Ok(true);
        }
        let none = CommittedStep::default();
        let mut is_anything_reopened = false;
        for spec in &specs {
            let step = written.steps.get(&Step::Slice(spec.number)).unwrap_or(&none);
            if !step.complete {
                self.reopen(job, spec, step).await?;
                is_anything_reopened = true;
            }
        }
        if is_anything_reopened {
            let slice_progress = retry(|| self.context.backends.jobs.slice_progress(&job.account, job.id)).await?;
            self.go_on(job, slice_progress).await?;
        }
        Ok(is_anything_reopened)
    }

    /// Withdraws whatever was reported of a slice beyond what is written.
    pub(super) async fn reopen(&self, job: &Job, spec: &SliceSpec, written: &CommittedStep) -> Result<(), TaskError> {
        let (account, id, slice) = (&job.account, job.id, spec.number);
        tracing::warn!(%account, job = %id, %slice, "the comment store has less of a slice than it had; the slice is read again");
        let report = report_of(job.pass(), spec, written);
        retry(|| self.context.backends.jobs.reopen_slice(account, id, slice, &report)).await?;
        Ok(())
    }

    /// Returns proof that everything is written, if it is. Otherwise marks the job as failing,
    /// unless it already was.
    pub(crate) async fn reconcile(&self, job: &Job) -> Result<Option<Reconciled>, TaskError> {
        let (specs, written) = self.planned_and_written(job).await?;
        match Reconciled::of(job, &specs, &written) {
            Ok(proof) => Ok(Some(proof)),
            Err(discrepancy) => {
                tracing::error!(account = %job.account, job = %job.id, error = %discrepancy, "an import is incomplete");
                self.apply(job, Change::NotReconciled(discrepancy.into_error())).await?;
                Ok(None)
            }
        }
    }

    async fn planned_and_written(&self, job: &Job) -> Result<(Vec<SliceSpec>, Written), TaskError> {
        let backends = &self.context.backends;
        // Read the plan first: it cannot shrink before the written rows are read.
        let specs = retry(|| backends.jobs.slices(&job.account, job.id)).await?;
        let written = retry(|| backends.comments.written(&job.account, job.import_id())).await?;
        Ok((specs, written))
    }

    /// Writes the planner's findings again. Returns `false` when that is impossible and the
    /// job fails.
    async fn plan_again(&self, job: &Job, specs: &[SliceSpec], reader: &Reader) -> Result<bool, TaskError> {
        let JobSpec::Import(options) = &job.spec else { return Ok(true) };
        let error = match self.make_plan(job, options.clone(), reader).await?.and_then(|(plan, _)| with_site(job, plan))
        {
            Ok(plan) if plan.slices == specs => {
                self.commit_plan(job, &plan).await?;
                return Ok(true);
            }
            Ok(_) => lost_upload::changed(job, "another plan comes of it"),
            Err(error) => error,
        };
        self.apply(job, Change::Fault(error)).await?;
        self.publish(job, TaskKind::Finish).await?;
        Ok(false)
    }
}
