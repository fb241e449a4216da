//! Plans an upload: detects its format, cuts it into slices and opens the window.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use rethread_formats::{Limits, Plan, PlanError, SliceSink};
use rethread_model::{
    AccountId, Change, FrameCounts, ImportOptions, Job, JobError, JobId, JobState, Located, Order, Origin, Phase,
    Reach, Record, SliceNumber, Step, TaskKind,
};
use rethread_runtime::METRICS;
use rethread_stores::{Batch, BlobKey, BlobPrefix, BlobStore, ErrorKind, StepReport, apply_in_pass};

use crate::blob_reader::BlobReader;
use crate::lost_upload;
use crate::reader::Reader;
use crate::slice::target;
use crate::task_error::{TaskError, fault, retry};
use crate::threads::Waiter;
use crate::{Worker, heartbeat};

impl Worker {
    /// Does whatever is left before slices can be read. Repeating it yields the same slices.
    pub(crate) async fn plan(&self, account: &AccountId, id: JobId, reader: &Reader) -> Result<(), TaskError> {
        let jobs = &self.context.backends.jobs;
        let Some(job) = self.job(account, id).await? else {
            return Ok(());
        };
        match (job.state, job.phase) {
            (state, _) if state.is_final() => return Ok(()),
            (JobState::Waiting, _) if !job.stopping => return Ok(()),
            (_, Phase::Uploading) => return Ok(()),
            _ if job.stopping => return self.publish(&job, TaskKind::Finish).await,
            (_, Phase::Finishing) => return self.publish(&job, TaskKind::Finish).await,
            (JobState::Running, Phase::Importing) => {
                let slice_progress = retry(|| jobs.slice_progress(account, id)).await?;
                return self.go_on(&job, slice_progress).await;
            }
            _ => {}
        }
        let Order::Import(options) = &job.order else { return Ok(()) };
        let Some(job) = self.start_attempt(&job, plan_crashes).await? else {
            return Ok(());
        };
        let planned = self.make_plan(&job, options.clone(), reader).await;
        if let Err(TaskError::Stopping | TaskError::Backend(_)) = planned {
            self.apply(&job, Change::AttemptReleased).await?;
        }
        match planned?.and_then(|(plan, sha256)| Ok((with_site(&job, plan)?, sha256))) {
            Ok((mut plan, sha256)) => {
                self.compare_pages(&job, &mut plan).await?;
                self.begin_import(&job, plan, sha256).await
            }
            Err(error) => {
                self.apply(&job, Change::Fault(error)).await?;
                self.publish(&job, TaskKind::Finish).await
            }
        }
    }

    /// The current state of a job.
    pub(crate) async fn job(&self, account: &AccountId, id: JobId) -> Result<Option<Job>, TaskError> {
        let reach = Reach::Account(account.clone());
        Ok(retry(|| self.context.backends.jobs.get(&reach, id)).await?)
    }

    /// Changes a job. Returns `None` when the job no longer accepts the change, or has begun its
    /// next pass.
    pub(crate) async fn apply(&self, job: &Job, wanted: Change) -> Result<Option<Job>, TaskError> {
        let backends = &self.context.backends;
        let clock = &*self.context.clock;
        let changed = retry(|| apply_in_pass(&*backends.jobs, clock, job, wanted.clone())).await?;
        Ok(changed.ok())
    }

    /// Runs the planner on the slot's thread. The inner error is the file's fault.
    pub(crate) async fn make_plan(
        &self,
        job: &Job,
        options: ImportOptions,
        reader: &Reader,
    ) -> Result<Result<(Plan, Option<String>), JobError>, TaskError> {
        let blobs = &self.context.backends.blobs;
        let key = BlobKey::Upload(job.account.clone(), job.id);
        let Some(size) = retry(|| blobs.size(&key)).await? else {
            return Ok(Err(lost_upload::missing(job)));
        };
        let received = job.progress.bytes_stored;
        if size != received {
            return Ok(Err(lost_upload::changed(job, format_args!("{size} bytes instead of {received}"))));
        }
        let stop = self.context.lifecycle.soft().child_token();
        let mut upload = BlobReader::new(Arc::clone(blobs), key, size, reader.waiter(), stop.clone()).with_digest();
        let mut sink =
            BlobSink { blobs: Arc::clone(blobs), account: job.account.clone(), job: job.id, waiter: reader.waiter() };
        let limits = self.limits(job);
        let planning = reader.done(move || {
            let plan = rethread_formats::plan(&mut upload, size, &options, &limits, &mut sink)?;
            Ok::<_, PlanError>((plan, upload.sha256()?))
        });
        let beat = || async {
            // A job that is replanned to recover lost data keeps its plan: no other worker can take
            // it over.
            if job.phase == Phase::Planning && matches!(self.apply(job, Change::Heartbeat).await, Ok(None)) {
                stop.cancel();
            }
        };
        let planned = heartbeat::beside(heartbeat::interval(&self.config), beat, planning).await;
        match planned.ok_or(TaskError::Panicked)? {
            // An upload received in several requests has no digest until it is planned.
            Ok((_, stored)) if job.sha256.is_some() && job.sha256 != stored => {
                Ok(Err(lost_upload::changed(job, "its checksum is another")))
            }
            Ok((plan, stored)) => Ok(Ok((plan, stored))),
            Err(PlanError::Refused(error)) => Ok(Err(error)),
            Err(PlanError::Io(_)) if stop.is_cancelled() => Err(TaskError::Stopping),
            Err(PlanError::Io(error)) => match TaskError::with_upload(job, error) {
                TaskError::LostUpload(error) => Ok(Err(error)),
                trouble => Err(trouble),
            },
        }
    }

    fn limits(&self, job: &Job) -> Limits {
        Limits {
            slice_bytes: usize::try_from(self.config.slice_bytes).unwrap_or(usize::MAX),
            record_bytes: usize::try_from(self.config.record_bytes).unwrap_or(usize::MAX),
            unpacked_bytes: self.config.unpacked_bytes,
            unpacked_ratio: self.config.unpacked_ratio,
            received_at: Some(job.created_at),
        }
    }

    /// Stores the planner's result and publishes the first slices.
    async fn begin_import(&self, job: &Job, plan: Plan, sha256: Option<String>) -> Result<(), TaskError> {
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
    pub(crate) async fn commit_plan(&self, job: &Job, plan: &Plan) -> Result<(), TaskError> {
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

fn plan_crashes(crashes: u32) -> JobError {
    let message = format!(
        "looking at the file crashed {crashes} times; this is a fault of Rethread: send the operators the job's id"
    );
    fault("plan_crashes", message)
}

/// Stores the slices of a compressed upload.
struct BlobSink {
    blobs: Arc<dyn BlobStore>,
    account: AccountId,
    job: JobId,
    waiter: Waiter,
}

impl SliceSink for BlobSink {
    fn put(&mut self, number: SliceNumber, bytes: &[u8]) -> io::Result<()> {
        let key = BlobKey::Slice(self.account.clone(), self.job, number);
        let bytes = Bytes::copy_from_slice(bytes);
        let blobs = Arc::clone(&self.blobs);
        let storing = async move {
            let store = || async {
                let mut writer = blobs.create(&key).await?;
                writer.write(bytes.clone()).await?;
                writer.finish().await
            };
            retry(store).await
        };
        self.waiter.on(storing)?.map(drop).map_err(io::Error::other)
    }
}
