//! A job and how it moves from state to state.

mod change;
mod check;
mod order;
mod resumable;
mod sync;
mod timeline;
mod work;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ExportResult, ImportSummary, JobId, MoveTally, Origin, PageOptions, Tally, TaskKind, Timestamp,
    TraceParent, Vendor,
};

pub use change::{Change, Ending, IllegalChange};
pub use check::{Checked, Pass};
pub use order::{JobKind, Order};
pub use resumable::{Resumable, UploadWriter};
pub use sync::SiteSync;
pub use timeline::{TimelineEntry, TimelineEvent};

/// Grows by one with every change of a job, from 1.
pub type Revision = u64;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Being uploaded, or waiting for a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// Checked, waiting for the admin's word.
    Waiting,
    /// Ended well.
    Succeeded,
    /// Ended with an error; stays so until an admin uploads again.
    Failed,
    /// Ended because an admin asked for it.
    Cancelled,
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Waiting, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// Whether nothing will happen any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// The word used in stores and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What is being done for a job that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The file is on its way.
    Uploading,
    /// The file is whole; it is being looked at and cut, or waits for that.
    Planning,
    /// Slices are read and written.
    Importing,
    /// An export is written, or waits for that.
    Exporting,
    /// Threads are moved, or wait for that.
    Moving,
    /// What is left to do when nothing more is read or written: parents are linked, totals made, the upload deleted.
    Finishing,
}

impl Phase {
    /// The one task of a job in this phase, where it has one.
    #[must_use]
    pub const fn task(self) -> Option<TaskKind> {
        match self {
            Self::Planning => Some(TaskKind::Plan),
            Self::Exporting => Some(TaskKind::Export),
            Self::Moving => Some(TaskKind::Move),
            Self::Uploading | Self::Importing | Self::Finishing => None,
        }
    }

    /// The word used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Planning => "planning",
            Self::Importing => "importing",
            Self::Exporting => "exporting",
            Self::Moving => "moving",
            Self::Finishing => "finishing",
        }
    }
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobError {
    /// A word for programs, such as `truncated`; docs/formats.md lists them.
    pub code: String,
    /// A sentence for people: what happened and what to do.
    pub message: String,
    /// Byte of the (decompressed) file where it happened.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub offset: Option<u64>,
}

/// What the planner found out about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Whose file it is.
    pub vendor: Vendor,
    /// Of which site; where it holds several, the one with most comments.
    pub origin: Origin,
    /// The sites that it holds, where these are several: those with most comments first, at most [`FileFacts::ORIGINS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<OriginCount>,
    /// The file does not say which site it is of, and `origin` stands for one that is still to be named. Only while it is
    /// checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub site_needed: bool,
    /// By what pages of `origin` were known at its last import, where that is not what this one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_pages: Option<PageOptions>,
    /// Why the planner thinks so, for people: `root element disqus, 2,519 threads`.
    pub evidence: String,
}

impl FileFacts {
    /// Most entries in [`FileFacts::origins`].
    pub const ORIGINS: usize = 100;

    /// A file of one site.
    #[must_use]
    pub const fn of_site(vendor: Vendor, origin: Origin, evidence: String) -> Self {
        Self { vendor, origin, origins: Vec::new(), site_needed: false, earlier_pages: None, evidence }
    }
}

/// A site in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OriginCount {
    /// The site at the vendor.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub origin: Origin,
    /// Comments of it that the file holds.
    pub comments: u64,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// Bytes received.
    pub bytes_stored: u64,
    /// Bytes to read, after decompression; 0 until planned.
    pub bytes_total: u64,
    /// Bytes read, after decompression.
    pub bytes_read: u64,
    /// Slices cut.
    pub slices_total: u32,
    /// Slices read to their end.
    pub slices_done: u32,
}

/// One import, export or move. Stores keep it whole and replace it only when its revision is still the one they hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub account: AccountId,
    /// What the admin asked for.
    #[serde(flatten)]
    pub order: Order,
    /// Where it stands.
    pub state: JobState,
    /// What is being done, or was being done last.
    pub phase: Phase,
    /// See [`Revision`]. Set by the store.
    pub revision: Revision,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The name of the token that started it.
    pub started_by: String,
    /// As the client named the file; for people only, never trusted.
    pub file_name: Option<String>,
    /// Size of the file as its sender announced it, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced_bytes: Option<u64>,
    /// What only an upload has that may come in by several requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumable: Option<Resumable>,
    /// SHA-256 of the upload in hexadecimal, once it is whole. Requests of a resumable upload may go to several processes, so
    /// that of one is known once it was planned.
    pub sha256: Option<String>,
    /// What the planner found out.
    pub facts: Option<FileFacts>,
    /// Whether reading is to stop at the next batch.
    pub stopping: bool,
    /// Whether an admin asked for the end.
    pub cancel_requested: bool,
    /// Why it failed, or will fail once what is whole has been imported.
    pub error: Option<JobError>,
    /// How far it is.
    pub progress: Progress,
    /// The counts so far.
    pub tally: Tally,
    /// What only the end tells; zeros before.
    #[serde(default, alias = "closing")]
    pub summary: ImportSummary,
    /// What the check found, once there was one; stays when the import is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Checked>,
    /// Whether an admin, knowing what the check found, asked for the import.
    #[serde(default)]
    pub confirmed: bool,
    /// Of an import that a linked site sends: what it has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<Box<SiteSync>>,
    /// What an export wrote, once it was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<ExportResult>,
    /// What a move has moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<MoveTally>,
    /// How many times a worker began to plan, to export or to move, and was not heard of again.
    #[serde(default, alias = "plan_attempts")]
    pub attempts: u32,
    /// The trace of the request that asked for it, where traces are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceParent>,
    /// What happened when, oldest first.
    pub timeline: Vec<TimelineEntry>,
}

/// What a new job begins with.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub account: AccountId,
    /// The name of the token.
    pub started_by: String,
    /// As the client named the file.
    pub file_name: Option<String>,
    /// What the admin asked for.
    pub order: Order,
}

impl Job {
    /// A job that begins now: an import with its upload, an export or a move by waiting for a worker.
    #[must_use]
    pub fn new(new: NewJob, now: Timestamp) -> Self {
        let started = format!("started by {}", new.started_by);
        let phase = match &new.order {
            Order::Import(_) => Phase::Uploading,
            Order::Export(_) => Phase::Exporting,
            Order::Move(_) => Phase::Moving,
        };
        Self {
            id: new.id,
            account: new.account,
            order: new.order,
            state: JobState::Queued,
            phase,
            revision: 1,
            created_at: now,
            updated_at: now,
            ended_at: None,
            started_by: new.started_by,
            file_name: new.file_name,
            announced_bytes: None,
            resumable: None,
            sha256: None,
            facts: None,
            stopping: false,
            cancel_requested: false,
            error: None,
            progress: Progress::default(),
            tally: Tally::default(),
            summary: ImportSummary::default(),
            checked: None,
            confirmed: false,
            sync: None,
            export: None,
            moved: None,
            attempts: 0,
            trace: None,
            timeline: vec![TimelineEntry { at: now, event: TimelineEvent::Created, text: started }],
        }
    }
}
