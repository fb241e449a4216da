use rethread_model::{
    AccountId, Checked, ExportOptions, ExportResult, FindingCounts, Job, JobError, JobId, JobKind, JobState, Order,
    OriginCount, OutcomeCounts, PageKey, PageOptions, Phase, Progress, ReadCounts, Receipt, Revision, Scheme, SiteId,
    SiteSync, StatusCounts, TimelineEntry, Timestamp, Vendor,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::MoveView;
use crate::status::SeenJob;

/// Some jobs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Jobs)]
pub(crate) struct JobsView {
    /// Newest first.
    pub(crate) jobs: Vec<JobView>,
    /// Cursor of the jobs after these; null at the end.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// How the pages of an earlier import were identified.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EarlierPages {
    /// What pages are known by.
    page_key: PageKey,
    /// Of page addresses, for files without (Commento).
    scheme: Scheme,
    /// How many rules replaced the beginning of page addresses.
    rules: usize,
}

impl From<PageOptions> for EarlierPages {
    fn from(options: PageOptions) -> Self {
        let PageOptions { page_key, scheme, mapping } = options;
        Self { page_key, scheme, rules: mapping.len() }
    }
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
#[expect(clippy::struct_excessive_bools, reason = "the fields of the API, each of which is asked for by itself")]
pub(crate) struct JobView {
    /// UUID version 7: ids sort by time of creation.
    id: JobId,
    /// Whose it is.
    account: AccountId,
    /// What it does.
    kind: JobKind,
    /// Where it stands.
    state: JobState,
    /// What is being done, or was being done last.
    phase: Phase,
    /// Grows with every change; the id of live events.
    #[schema(value_type = u64)]
    revision: Revision,
    /// When it was made.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
    /// When it ended.
    #[schema(required)]
    ended_at: Option<Timestamp>,
    /// Name of the token that started it.
    started_by: String,
    /// As the client named the file; for people only.
    #[schema(required)]
    file_name: Option<String>,
    /// As recognised, or until then as the admin named it.
    #[schema(required)]
    vendor: Option<Vendor>,
    /// The site at the vendor, once known.
    #[schema(required)]
    origin: Option<String>,
    /// The sites at the vendor, those with most comments first, at most 100; empty until known.
    origins: Vec<OriginCount>,
    /// Whether the file does not say which site it is of, so that a confirmation must (`site_url`). Only of a check.
    site_needed: bool,
    /// How pages of `origin` were identified at its last import; only where this import was asked for something else. A
    /// confirmation may ask for it again (`pages_as_before`).
    #[schema(required)]
    earlier_pages: Option<EarlierPages>,
    /// Whether no comment is written: also while a check is under way, waits or was not confirmed.
    dry_run: bool,
    /// Whether the file is checked first, and imported when an admin confirms.
    check: bool,
    /// What the check found; kept after it was confirmed.
    #[schema(required)]
    checked: Option<Checked>,
    /// Whether it should have moved for some time, and has not.
    stalled: bool,
    /// How many jobs are in front of it, of any account; of a queued job only.
    #[schema(required)]
    queue_place: Option<u64>,
    /// Whether an admin asked for the end.
    cancel_requested: bool,
    /// How far it is.
    progress: Progress,
    /// What was read so far.
    read: ReadCounts,
    /// Comments by status so far.
    status: StatusCounts,
    /// Comments by outcome so far.
    outcome: OutcomeCounts,
    /// Findings by effect and reason so far.
    findings: FindingCounts,
    /// Why it failed, or will fail once what is whole has been imported.
    #[schema(required)]
    error: Option<JobError>,
    /// What happened when, oldest first.
    timeline: Vec<TimelineEntry>,
    /// Of an import that a WordPress site sends: what it has said.
    #[schema(required)]
    sync: Option<SyncView>,
    /// Of an export: what was asked for, and what was written so far.
    #[schema(required)]
    export: Option<ExportView>,
    /// Of a move: what was asked for, and what was moved so far.
    #[schema(required)]
    r#move: Option<MoveView>,
}

/// An import that a WordPress site sends.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sync)]
pub(crate) struct SyncView {
    /// The site.
    site: SiteId,
    /// Its address, as it names itself.
    domain: String,
    /// How many comments are to come in all, as it said with its first batch; null before that.
    #[schema(required)]
    announced: Option<u64>,
    /// How many comments are left, as it said with its last batch; null before the first.
    #[schema(required)]
    remaining: Option<u64>,
    /// When it last sent something.
    heard_at: Timestamp,
    /// Whether it has sent everything.
    complete: bool,
}

impl From<SiteSync> for SyncView {
    fn from(sync: SiteSync) -> Self {
        let SiteSync { site, domain, announced, remaining, heard_at, complete, last_batch: _ } = sync;
        Self { site, domain, announced, remaining, heard_at, complete }
    }
}

/// An export.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Export)]
pub(crate) struct ExportView {
    /// What was asked for.
    options: ExportOptions,
    /// What was written so far.
    written: ExportResult,
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
        let named = job.import().and_then(|options| options.vendor);
        let (export, moved) = match job.order.clone() {
            Order::Import(_) => (None, None),
            Order::Export(options) => {
                (Some(ExportView { options, written: job.export.clone().unwrap_or_default() }), None)
            }
            Order::Move(options) => (None, Some(MoveView { options, moved: job.moved.unwrap_or_default() })),
        };
        let check = job.import().is_some_and(|options| options.check);
        Self {
            id: job.id,
            account: job.account,
            kind: receipt.kind,
            state: job.state,
            phase: job.phase,
            revision: job.revision,
            created_at: job.created_at,
            updated_at: job.updated_at,
            ended_at: job.ended_at,
            started_by: job.started_by,
            file_name: job.file_name,
            vendor: receipt.vendor.or(named),
            origin: receipt.origin,
            origins: receipt.origins,
            site_needed: job.facts.as_ref().is_some_and(|facts| facts.site_needed),
            earlier_pages: job.facts.and_then(|facts| facts.earlier_pages).map(EarlierPages::from),
            dry_run: receipt.dry_run,
            check,
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
            sync: job.sync.map(|sync| SyncView::from(*sync)),
            export,
            r#move: moved,
        }
    }
}
