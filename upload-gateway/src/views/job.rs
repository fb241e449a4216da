use rethread_model::{
    AccountId, FindingCounts, Job, JobError, JobId, JobKind, JobState, OutcomeCounts, Phase, Progress, ReadCounts,
    Receipt, Revision, StatusCounts, TimelineEntry, Timestamp, Vendor,
};
use serde::Serialize;

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
    dry_run: bool,
    cancel_requested: bool,
    progress: Progress,
    read: ReadCounts,
    status: StatusCounts,
    outcome: OutcomeCounts,
    findings: FindingCounts,
    error: Option<JobError>,
    timeline: Vec<TimelineEntry>,
}

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
            dry_run: job.options.dry_run,
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
