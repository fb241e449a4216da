//! A job and its state transitions.

mod change;
mod check;
mod ending;
#[cfg(test)]
pub(crate) mod fixture;
mod resumable;
mod state_machine;
mod sync;
mod timeline;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ImportSummary, JobId, JobResults, JobSpec, Origin, PageOptions, Phase, Tally, Timestamp, TraceParent,
    Vendor,
};

pub use change::{Change, Ending, IllegalChange};
pub use check::{Checked, Pass};
pub use resumable::{Resumable, UploadWriter};
pub use sync::SiteSync;
pub use timeline::{TimelineEntry, TimelineEvent};

/// Increases by one with every change of a job, starting at 1.
pub type Revision = u64;

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Being uploaded, or waiting for a worker.
    Queued,
    /// A worker is processing it.
    Running,
    /// Checked; waiting for the admin's decision.
    Waiting,
    /// Ended successfully.
    Succeeded,
    /// Ended with an error; stays so until an admin uploads again.
    Failed,
    /// Ended at an admin's request.
    Cancelled,
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Waiting, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// Whether this state is final.
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

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobError {
    /// A code for programs, such as `truncated`; docs/formats.md lists them.
    pub code: String,
    /// A sentence for people: what happened and what to do.
    pub message: String,
    /// The byte offset in the (decompressed) file where it happened.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub offset: Option<u64>,
}

/// The planner's facts about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// The vendor of the file.
    pub vendor: Vendor,
    /// The site; if there are several, the one with most comments.
    pub origin: Origin,
    /// The sites in the file, if there are several: those with most comments first, at most
    /// [`FileFacts::ORIGINS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<OriginCount>,
    /// The file does not name its site, and `origin` is a placeholder. Only while it is checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub site_needed: bool,
    /// The page options of the last import of `origin`, if they differ from this one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_pages: Option<PageOptions>,
    /// The evidence, for people: `root element disqus, 2,519 threads`.
    pub evidence: String,
}

impl FileFacts {
    /// Maximum number of entries in [`FileFacts::origins`].
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
    /// Comments of the site in the file.
    pub comments: u64,
}

/// The progress of a job.
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
    /// Slices read completely.
    pub slices_done: u32,
}

/// One job. Stores keep it as a whole and replace it only if its revision is
/// still the stored one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The account that it belongs to.
    pub account: AccountId,
    /// What the admin requested.
    #[serde(flatten)]
    pub spec: JobSpec,
    /// Its state.
    pub state: JobState,
    /// Its current phase, or its last one.
    pub phase: Phase,
    /// See [`Revision`]. Set by the store.
    pub revision: Revision,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The name of the token that started it.
    pub started_by: String,
    /// The client's name for the file; for people only, never trusted.
    pub file_name: Option<String>,
    /// Size of the file as announced by its sender, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced_bytes: Option<u64>,
    /// Present only for an upload that may arrive in several requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumable: Option<Resumable>,
    /// SHA-256 of the upload in hexadecimal, once it is complete. Requests of a resumable upload
    /// may reach several processes, so its digest is known only after planning.
    pub sha256: Option<String>,
    /// The planner's facts.
    pub facts: Option<FileFacts>,
    /// Whether reading must stop at the next batch.
    pub stopping: bool,
    /// Whether an admin requested cancellation.
    pub cancel_requested: bool,
    /// Why it failed, or will fail once the intact part has been imported.
    pub error: Option<JobError>,
    /// Its progress.
    pub progress: Progress,
    /// The counts so far.
    pub tally: Tally,
    /// Known only at the end; zeros before.
    #[serde(default, alias = "closing")]
    pub summary: ImportSummary,
    /// The result of the check, if there was one; kept when the import is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Checked>,
    /// Whether an admin, knowing the result of the check, requested the import.
    #[serde(default)]
    pub confirmed: bool,
    /// The state of a linked site's sync, for such imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<Box<SiteSync>>,
    /// The result of its work, for jobs other than imports.
    #[serde(flatten)]
    pub results: JobResults,
    /// How many times a worker started the single task of the phase and was not heard from again.
    #[serde(default, alias = "plan_attempts")]
    pub attempts: u32,
    /// The trace of the request that created it, if traces are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceParent>,
    /// Its events, oldest first.
    pub timeline: Vec<TimelineEntry>,
}

/// The initial values of a job.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// The account that it belongs to.
    pub account: AccountId,
    /// The name of the token.
    pub started_by: String,
    /// The client's name for the file.
    pub file_name: Option<String>,
    /// What the admin requested.
    pub spec: JobSpec,
}

impl Job {
    /// A job that starts now: an import with its upload, an export or a move by waiting for a
    /// worker.
    #[must_use]
    pub fn new(new: NewJob, now: Timestamp) -> Self {
        let started = format!("started by {}", new.started_by);
        Self {
            id: new.id,
            account: new.account,
            phase: new.spec.kind().facts().first_phase,
            spec: new.spec,
            state: JobState::Queued,
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
            results: JobResults::default(),
            attempts: 0,
            trace: None,
            timeline: vec![TimelineEntry { at: now, event: TimelineEvent::Created, text: started }],
        }
    }
}
