//! Writes a slice, batch by batch.

use parking_lot::Mutex;
use rethread_model::{CommittedStep, FileFacts, Job, SliceSpec, Step};
use rethread_runtime::METRICS;
use rethread_stores::{Batch, Checkpoint, ErrorKind, SliceProgress, StepReport, Target};

use super::lost_upload;
use super::reconcile::report_of;
use super::target::target_of_slice;
use crate::heartbeat;
use crate::reading::{ReadError, Reader};
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// How a slice continues after a batch.
enum Progress {
    GoOn,
    Ended(SliceProgress),
}

impl Worker {
    /// Writes the rest of a slice. Returns `None` when another worker took it over.
    pub(crate) async fn write_slice(
        &self,
        job: &Job,
        facts: &FileFacts,
        (spec, reported_bytes): (SliceSpec, u64),
        reader: &Reader,
    ) -> Result<Option<SliceProgress>, TaskError> {
        let jobs = &self.context.backends.jobs;
        let spec = SliceSpec { origin: Some(spec.origin.unwrap_or_else(|| facts.origin.clone())), ..spec };
        let last = Mutex::new(StepReport { pass: job.pass(), ..StepReport::default() });
        let beat = || {
            let again = last.lock().clone();
            async move { jobs.report(&job.account, job.id, Step::Slice(spec.number), &again).await }
        };
        let writing = self.write_batches(job, facts, (&spec, reported_bytes), reader, &last);
        heartbeat::beside(heartbeat::interval(&self.config), beat, writing).await
    }

    /// See [`Worker::write_slice`]. `last` holds the most recent report.
    async fn write_batches(
        &self,
        job: &Job,
        facts: &FileFacts,
        (spec, reported_bytes): (&SliceSpec, u64),
        reader: &Reader,
        last: &Mutex<StepReport>,
    ) -> Result<Option<SliceProgress>, TaskError> {
        let comments = &self.context.backends.comments;
        let step = Step::Slice(spec.number);
        let mut checkpoint = retry(|| comments.checkpoint(&job.account, job.import_id(), step)).await?;
        let written = committed(&checkpoint);
        // A report made before the checkpoint was read cannot be ahead of it, unless the comment
        // store was rolled back.
        if !written.complete && report_of(job.pass(), spec, &written).bytes_read < reported_bytes {
            self.reopen(job, spec, &written).await?;
        }
        match self.report(job, spec, &checkpoint, false, last).await? {
            Progress::Ended(slice_progress) => return Ok(Some(slice_progress)),
            Progress::GoOn => {}
        }
        let target = target_of_slice(job, facts, spec);
        let site_relation = Box::pin(self.site_relation(job, &target)).await?;
        let mut batches = reader.read(self.slice_source(job, facts, spec, checkpoint.position, reader).await?);
        while let Some(portions) = batches.recv().await {
            let portions = portions.map_err(|error| match error {
                ReadError::Io(error) => lost_upload::not_read(job, error),
                ReadError::Mismatch(how) => TaskError::LostUpload(lost_upload::changed(job, how)),
            })?;
            let portions = Box::pin(self.fill_from_store(&target, site_relation, portions)).await?;
            let batch = Batch {
                step,
                from: checkpoint.batches,
                position: portions.position,
                complete: portions.complete,
                frames: portions.frames,
                records: portions.records,
                other_origins: portions.other_origins,
                findings: portions.findings,
            };
            // On a conflict another worker is ahead; release the attempt, since nothing crashed.
            let Some(committed) = self.commit(&target, batch).await? else {
                let jobs = &self.context.backends.jobs;
                retry(|| jobs.release_slice(&job.account, job.id, spec.number)).await?;
                return Ok(None);
            };
            METRICS.count_records(facts.vendor, &checkpoint.tally, &committed.tally);
            checkpoint = committed;
            match self.report(job, spec, &checkpoint, false, last).await? {
                Progress::Ended(slice_progress) => return Ok(Some(slice_progress)),
                Progress::GoOn => {}
            }
            if self.context.lifecycle.soft().is_cancelled() {
                self.context.backends.jobs.release_slice(&job.account, job.id, spec.number).await?;
                return Err(TaskError::Stopping);
            }
        }
        Err(TaskError::Panicked)
    }

    /// Writes a batch. Returns `None` when another worker took the slice over and is ahead.
    async fn commit(&self, target: &Target, batch: Batch) -> Result<Option<Checkpoint>, TaskError> {
        let comments = &self.context.backends.comments;
        let mut tries = 0;
        let committed = retry(|| {
            tries += 1;
            comments.commit(target, batch.clone())
        })
        .await;
        match committed {
            Ok(checkpoint) => Ok(Some(checkpoint)),
            // The reply to an earlier try may have been lost, so the conflict may be with our
            // own batch.
            Err(error) if error.kind() == ErrorKind::Conflict && tries > 1 => {
                let Target { scope, job, .. } = target;
                let stored = retry(|| comments.checkpoint(&scope.account, *job, batch.step)).await?;
                let is_ours = stored.batches == batch.from + 1 && stored.position == Some(batch.position);
                Ok(is_ours.then_some(stored))
            }
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reports the progress of the slice to the job store.
    async fn report(
        &self,
        job: &Job,
        spec: &SliceSpec,
        checkpoint: &Checkpoint,
        stopped: bool,
        last: &Mutex<StepReport>,
    ) -> Result<Progress, TaskError> {
        let jobs = &self.context.backends.jobs;
        let report = report_of(job.pass(), spec, &committed(checkpoint));
        let report = StepReport { ended: report.ended || stopped, ..report };
        *last.lock() = report.clone();
        let step = Step::Slice(spec.number);
        let slice_progress = retry(|| jobs.report(&job.account, job.id, step, &report)).await?;
        if report.ended {
            return Ok(Progress::Ended(slice_progress));
        }
        if slice_progress.stopping {
            return Box::pin(self.report(job, spec, checkpoint, true, last)).await;
        }
        Ok(Progress::GoOn)
    }
}

/// The state of a checkpoint's step.
fn committed(checkpoint: &Checkpoint) -> CommittedStep {
    let Checkpoint { complete, position, frames, tally, .. } = checkpoint.clone();
    CommittedStep { complete, position, frames, tally }
}
