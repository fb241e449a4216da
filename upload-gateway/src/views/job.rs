use rethread_model::{
    AccountId, Checked, ExportOptions, ExportResult, FindingCounts, Job, JobError, JobId, JobKind, JobSpec, JobState,
    OriginCount, OutcomeCounts, PageKey, PageOptions, Phase, Progress, ReadCounts, Receipt, Revision, Scheme, SiteId,
    SiteSync, StatusCounts, TimelineEntry, Timestamp, Vendor,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::MoveView;
use crate::gateway::SeenJob;

/// A list of jobs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Jobs)]
pub(crate) struct JobsView {
    /// Newest first.
    pub(crate) jobs: Vec<JobView>,
    /// Cursor for the next jobs; null at the end.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// How the pages of an earlier import were identified.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EarlierPages {
    /// What identifies pages.
    page_key: PageKey,
    /// Scheme of page addresses, for files without one (Commento).
    scheme: Scheme,
    /// Number of rules that replaced prefixes of page addresses.
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
    /// The account that the job belongs to.
    account: AccountId,
    /// The kind of job.
    kind: JobKind,
    /// The state of the job.
    state: JobState,
    /// The current or last phase.
    phase: Phase,
    /// Increases with every change; the id of live events.
    #[schema(value_type = u64)]
    revision: Revision,
    /// When the job was created.
    created_at: Timestamp,
    /// When the job last changed.
    updated_at: Timestamp,
    /// When the job ended.
    #[schema(required)]
    ended_at: Option<Timestamp>,
    /// Name of the token that started the job.
    started_by: String,
    /// The file name given by the client; for display only.
    #[schema(required)]
    file_name: Option<String>,
    /// The detected vendor or, until then, the one named by the admin.
    #[schema(required)]
    vendor: Option<Vendor>,
    /// The site at the vendor, once known.
    #[schema(required)]
    origin: Option<String>,
    /// The sites at the vendor, those with the most comments first, at most 100; empty until known.
    origins: Vec<OriginCount>,
    /// Whether the file does not name its site, so that a confirmation must (`site_url`). Only for
    /// a check.
    site_needed: bool,
    /// How pages of `origin` were identified at its last import; only if the options of this import
    /// differ. A confirmation may apply the earlier ones (`pages_as_before`).
    #[schema(required)]
    earlier_pages: Option<EarlierPages>,
    /// Whether no comment is written. Also true while a check runs, waits or was not confirmed.
    dry_run: bool,
    /// Whether the file is checked first, and imported when an admin confirms.
    check: bool,
    /// The result of the check; kept after the confirmation.
    #[schema(required)]
    checked: Option<Checked>,
    /// Whether the job should have moved but has not for some time.
    stalled: bool,
    /// Number of jobs ahead of this one, over all accounts; only for a queued job.
    #[schema(required)]
    queue_place: Option<u64>,
    /// Whether an admin requested cancellation.
    cancel_requested: bool,
    /// The progress of the job.
    progress: Progress,
    /// Records read so far.
    read: ReadCounts,
    /// Comments by status so far.
    status: StatusCounts,
    /// Comments by outcome so far.
    outcome: OutcomeCounts,
    /// Findings by effect and reason so far.
    findings: FindingCounts,
    /// Why the job failed, or will fail once the valid part has been imported.
    #[schema(required)]
    error: Option<JobError>,
    /// Events of the job with their times, oldest first.
    timeline: Vec<TimelineEntry>,
    /// For an import that a WordPress site sends: what the site reported.
    #[schema(required)]
    sync: Option<SyncView>,
    /// For an export: the options, and what was written so far.
    #[schema(required)]
    export: Option<ExportView>,
    /// For a move: the options, and what was moved so far.
    #[schema(required)]
    r#move: Option<MoveView>,
}

/// An import that a WordPress site sends.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sync)]
pub(crate) struct SyncView {
    /// The site.
    site: SiteId,
    /// The site's address, as the site states it.
    domain: String,
    /// Total number of comments, as announced with the first batch; null before that.
    #[schema(required)]
    announced: Option<u64>,
    /// Number of comments left, as reported with the last batch; null before the first.
    #[schema(required)]
    remaining: Option<u64>,
    /// When the site last sent something.
    heard_at: Timestamp,
    /// Whether the site has sent everything.
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
    /// The options of the export.
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

/// For a job that has just changed: it is not stalled, and its queue position was not read.
impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let receipt = Receipt::of(&job);
        let named = job.import().and_then(|options| options.vendor);
        let check = job.import().is_some_and(|options| options.check);
        let results = job.results;
        let (mut export, mut r#move) = (None, None);
        match job.spec {
            JobSpec::Import(_) => {}
            JobSpec::Export(options) => {
                export = Some(ExportView { options, written: results.export.unwrap_or_default() });
            }
            JobSpec::Move(options) => r#move = Some(MoveView { options, moved: results.moved.unwrap_or_default() }),
        }
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
            r#move,
        }
    }
}
