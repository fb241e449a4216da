//! Imports one slice.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use rethread_model::{
    AccountId, Change, CommittedStep, FileFacts, Job, JobId, Phase, Scope, SliceNumber, SliceSource, SliceSpec, Step,
    TaskKind,
};
use rethread_runtime::METRICS;
use rethread_stores::{Batch, BlobKey, Checkpoint, ErrorKind, SliceProgress, StepReport, Target};
use tracing::Span;

use crate::batches::{ReadError, Reading};
use crate::blob_reader::BlobReader;
use crate::lost_upload;
use crate::reader::Reader;
use crate::reconcile::report_of;
use crate::task_error::{TaskError, fault, retry};
use crate::{Worker, heartbeat};

/// How a slice continues after a batch.
enum Progress {
    GoOn,
    Ended(SliceProgress),
}

impl Worker {
    /// Resumes a slice where it was last written, and writes it batch by batch.
    pub(crate) async fn slice(
        &self,
        account: &AccountId,
        id: JobId,
        number: SliceNumber,
        reader: &Reader,
    ) -> Result<(), TaskError> {
        let jobs = &self.context.backends.jobs;
        let Some(job) = self.job(account, id).await? else {
            return Ok(());
        };
        // Stale task: the job is not importing.
        let Some(facts) = job.facts.clone().filter(|_| job.phase == Phase::Importing) else {
            return Ok(());
        };
        let start = match retry(|| jobs.begin_slice(account, id, number)).await {
            // The job has just begun its next pass, which publishes its slices again.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            begun => begun?,
        };
        if start.is_ended {
            let slice_progress = retry(|| jobs.slice_progress(account, id)).await?;
            return self.go_on(&job, slice_progress).await;
        }
        if start.attempts > self.config.max_attempts && !job.stopping {
            if u128::from(start.idle_ms) < self.config.overdue_after.as_millis() {
                // Other workers may hold this slice too, all of them waiting for a backend. The
                // janitor decides later.
                return Ok(retry(|| jobs.release_slice(account, id, number)).await?);
            }
            // No worker has reported for a while, so the earlier attempts were killed.
            self.give_up(&job, &start.spec, start.attempts - 1).await?;
        }
        if start.attempts > 1 {
            METRICS.retries.add(&["task"], 1);
        }
        tracing::debug!(%account, job = %id, slice = %number, attempt = start.attempts, "slice begins");
        let begun = Instant::now();
        let slice_progress = match self.write_slice(&job, &facts, (start.spec, start.reported_bytes), reader).await {
            Err(TaskError::LostUpload(error)) => {
                tracing::error!(%account, job = %id, slice = %number, error = %error.message, "the upload is lost");
                self.apply(&job, Change::Fault(error)).await?;
                // The next attempt sees that the job is stopping, and ends.
                return self.publish(&job, TaskKind::Slice { number }).await;
            }
            written => written?,
        };
        match slice_progress {
            Some(slice_progress) => {
                METRICS.slice_seconds.observe(&[facts.vendor.as_str()], begun.elapsed().as_secs_f64());
                tracing::debug!(%account, job = %id, slice = %number, "slice ended");
                self.go_on(&job, slice_progress).await
            }
            None => Ok(()),
        }
    }

    /// Fails the job of a slice that killed its workers. The rows written so far stay.
    async fn give_up(&self, job: &Job, spec: &SliceSpec, crashes: u32) -> Result<(), TaskError> {
        let error = fault(
            "slice_crashes",
            format!(
                "reading bytes {} to {} of the file crashed {crashes} times; this is a fault of Rethread: \
                 send the operators the job's id",
                spec.start, spec.end
            ),
        );
        // A rejected change means that the job is already finishing, for whatever reason
        // came first.
        self.apply(job, Change::Fault(error)).await.map(drop)
    }

    /// Writes the rest of a slice. Returns `None` when another worker took it over.
    async fn write_slice(
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
        let target = target_of(job, facts, spec);
        let site_relation = Box::pin(self.site_relation(job, &target)).await?;
        let mut batches = reader.read(self.reading(job, facts, spec, checkpoint.position, reader).await?);
        while let Some(portions) = batches.recv().await {
            let portions = portions.map_err(|error| match error {
                ReadError::Io(error) => TaskError::with_upload(job, error),
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

    async fn reading(
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

/// The target of a slice: its scope is the site of records that name none.
fn target_of(job: &Job, facts: &FileFacts, spec: &SliceSpec) -> Target {
    let target = target(job, facts);
    let origin = spec.origin.clone().unwrap_or(target.scope.origin);
    Target { scope: Scope { origin, ..target.scope }, newest_comment_at: spec.newest_comment_at, ..target }
}

/// The state of a checkpoint's step.
fn committed(checkpoint: &Checkpoint) -> CommittedStep {
    let Checkpoint { complete, position, frames, tally, .. } = checkpoint.clone();
    CommittedStep { complete, position, frames, tally }
}

/// The target of a job.
pub(crate) fn target(job: &Job, facts: &FileFacts) -> Target {
    let scope = Scope { account: job.account.clone(), vendor: facts.vendor, origin: facts.origin.clone() };
    let overwrite = job.import().is_some_and(|options| options.overwrite);
    Target { scope, job: job.import_id(), dry_run: job.is_dry_run(), newest_comment_at: None, overwrite }
}
