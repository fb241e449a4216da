//! The slices of a job and their progress.

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{AccountId, JobId, Pass, SliceNumber, SliceSpec, Step, Tally};

use crate::Result;

/// What a worker needs to start a slice.
#[derive(Debug, Clone)]
pub struct SliceStart {
    /// The slice.
    pub spec: SliceSpec,
    /// The number of attempts since the slice last made progress, this one included.
    pub attempts: u32,
    /// The time in milliseconds without news of the slice before this attempt. Active workers
    /// report all the time, so a short time means that another worker also holds the slice, or has
    /// just died on it.
    pub idle_ms: u64,
    /// Whether there is nothing to do: the slice was read to its end, or given up.
    pub is_ended: bool,
    /// [`StepReport::bytes_read`] of the last report. The comment store was at least this far at
    /// that moment. If it is behind this value now, it was restored to an earlier state, and the
    /// slice must be reopened.
    pub reported_bytes: u64,
}

/// The progress of a step, in absolute numbers: reporting the same again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepReport {
    /// The pass of the job that the step belongs to.
    pub pass: Pass,
    /// Bytes of the (decompressed) document read in this step.
    pub bytes_read: u64,
    /// The counts of this step.
    pub tally: Tally,
    /// Whether this is the step's last report: it is complete, or was stopped.
    pub ended: bool,
    /// Whether it was read to its end (only with `ended`).
    pub complete: bool,
}

impl StepReport {
    /// Whether this report is ignored because the stored one of its step, with these bytes and this
    /// end, is further.
    #[must_use]
    pub const fn is_behind(&self, last_bytes_read: u64, has_ended: bool) -> bool {
        has_ended || (self.bytes_read < last_bytes_read && !self.ended)
    }
}

/// The state of a job, as far as a worker needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceProgress {
    /// Whether reading must stop.
    pub stopping: bool,
    /// Slices in the queue or held by a worker.
    pub open: u32,
    /// Slices that were not opened yet.
    pub pending: u32,
}

impl SliceProgress {
    /// Whether nothing more will be read, so `Finish` is next.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.open == 0 && (self.pending == 0 || self.stopping)
    }
}

/// Hands out the slices of a job, and records how far they are read.
#[async_trait]
pub trait SliceStore: Send + Sync + Debug {
    /// Stores the slices of a job, all unopened. Slices that exist already are left unchanged.
    async fn add_slices(&self, account: &AccountId, id: JobId, slices: &[SliceSpec]) -> Result<()>;

    /// Opens slices in order until `window` are open, and returns those that it opened. Opens none
    /// if the job is stopping.
    async fn open_slices(&self, account: &AccountId, id: JobId, window: u32) -> Result<Vec<SliceNumber>>;

    /// Records that a worker starts a slice.
    async fn begin_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<SliceStart>;

    /// Takes back the start of an attempt: the worker releases the slice for reasons unrelated to
    /// the slice (it is draining).
    async fn release_slice(&self, account: &AccountId, id: JobId, number: SliceNumber) -> Result<()>;

    /// The slices of a job, by number.
    async fn slices(&self, account: &AccountId, id: JobId) -> Result<Vec<SliceSpec>>;

    /// Takes back what was reported of a slice, and its end: the comment store has only what
    /// `report` says, because it was restored to an earlier state. A slice that had ended becomes
    /// pending, and the worker that starts it reads on from there. Does nothing when the report
    /// belongs to another pass than the job's, or when the job is not importing.
    ///
    /// Fails with [`crate::ErrorKind::NotFound`] when there is no such slice.
    async fn reopen_slice(
        &self,
        account: &AccountId,
        id: JobId,
        number: SliceNumber,
        report: &StepReport,
    ) -> Result<SliceProgress>;

    /// Records how far a step is. The job's progress and tally change by the difference to the last
    /// report of this step.
    ///
    /// A report is ignored when:
    ///
    /// - it is behind the stored one (fewer bytes and not ended, or after an ended one);
    /// - it belongs to another pass than the job's;
    /// - the job does not have the slice (a store that lost its last second may receive a report
    ///   before the slice is added again);
    /// - the job is waiting for an admin's confirmation.
    ///
    /// A slice that made progress starts counting its attempts from zero.
    async fn report(&self, account: &AccountId, id: JobId, step: Step, report: &StepReport) -> Result<SliceProgress>;

    /// Returns the state of a job.
    async fn slice_progress(&self, account: &AccountId, id: JobId) -> Result<SliceProgress>;
}
