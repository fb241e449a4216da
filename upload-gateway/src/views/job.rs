use rethread_model::{
    AccountId, Checked, FindingCounts, Job, JobError, JobId, JobKind, JobState, OutcomeCounts, Phase, Progress,
    ReadCounts, Receipt, Revision, StatusCounts, TimelineEntry, Timestamp, Vendor,
};
use serde::Serialize;

use crate::status::SeenJob;

/// Some jobs.
#[derive(Debug, Serialize)]
pub(crate) struct JobsView {
    pub(crate) jobs: Vec<JobView>,
    pub(crate) next: Option<String>,
}

/// A job.
#[derive(Debug, Serialize)]
pub(crate) struct JobView {
    id: JobId,
    account: AccountId,
    kind: JobKind,
    state: JobState,
    phase: Phase,
    revision: Revision,
    created_at: Timestamp,
    updated_at: Timestamp,
    ended_at: Option<Timestamp>,
    started_by: String,
    file_name: Option<String>,
    /// As recognised, or until then as the admin named it.
    vendor: Option<Vendor>,
    origin: Option<String>,
    /// Whether no comment is written: also while a check is under way, waits or was not confirmed.
    dry_run: bool,
    check: bool,
    checked: Option<Checked>,
    stalled: bool,
    queue_place: Option<u64>,
    cancel_requested: bool,
    progress: Progress,
    read: ReadCounts,
    status: StatusCounts,
    outcome: OutcomeCounts,
    findings: FindingCounts,
    error: Option<JobError>,
    timeline: Vec<TimelineEntry>,
}

impl From<SeenJob> for JobView {
    fn from(seen: SeenJob) -> Self {
        let SeenJob { job, stalled, queue_place } = seen;
        Self { stalled, queue_place, ..job.into() }
    }
}

/// Of a job that was changed a moment ago: it is not stalled, and its place was not looked at.
impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let receipt = Receipt::of(&job);
        Self {
            id: job.id,
            account: job.account,
            kind: job.kind,
            state: job.state,
            phase: job.phase,
            revision: job.revision,
            created_at: job.created_at,
            updated_at: job.updated_at,
            ended_at: job.ended_at,
            started_by: job.started_by,
            file_name: job.file_name,
            vendor: receipt.vendor.or(job.options.vendor),
            origin: receipt.origin,
            dry_run: receipt.dry_run,
            check: job.options.check,
            checked: job.checked,
            stalled: false,
            queue_place: None,
            cancel_requested: job.cancel_requested,
            progress: job.progress,
            read: receipt.read,
            status: receipt.status,
            outcome: receipt.outcome,
            findings: receipt.findings,
            error: job.error,
            timeline: job.timeline,
        }
    }
}
