//! A check: the import runs first as a dry run, and starts for real only when an admin confirms it.

use serde::{Deserialize, Serialize};

use super::{JobState, Progress};
use crate::{
    FindingCounts, ImportSummary, Job, JobId, JobSpec, OutcomeCounts, Phase, ReadCounts, Receipt, StatusCounts, Tally,
    Timestamp,
};

/// The current or last pass of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pass {
    /// The dry run that comes first if a check was requested.
    Check,
    /// The job itself; the only pass if no check was requested.
    #[default]
    Import,
}

impl Pass {
    /// The word used in stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Import => "import",
        }
    }
}

/// The result of a check: the counts of a receipt at that time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checked {
    /// The content of the file.
    pub read: ReadCounts,
    /// Comments by status.
    pub status: StatusCounts,
    /// The outcome that the comments would have; adds up to `read.comments`.
    pub outcome: OutcomeCounts,
    /// Findings by effect and reason.
    pub findings: FindingCounts,
    /// Pages that would have comments.
    pub pages: i64,
    /// Replies whose parent is not in the file.
    pub orphans: i64,
    /// Comments from an earlier import that are not in the file.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub removed: Option<i64>,
    /// Time of the earliest comment, among those with a time.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub first_comment_at: Option<Timestamp>,
    /// Time of the latest.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub last_comment_at: Option<Timestamp>,
}

impl Checked {
    /// The result of a job's dry run.
    pub(crate) fn of(job: &Job) -> Self {
        let receipt = Receipt::of(job);
        Self {
            read: receipt.read,
            status: receipt.status,
            outcome: receipt.outcome,
            findings: receipt.findings,
            pages: receipt.pages,
            orphans: receipt.orphans,
            removed: receipt.removed,
            first_comment_at: receipt.first_comment_at,
            last_comment_at: receipt.last_comment_at,
        }
    }
}

impl Job {
    /// See [`Pass`].
    #[must_use]
    pub fn pass(&self) -> Pass {
        let is_checked_first = self.import().is_some_and(|options| options.check);
        if is_checked_first && !self.confirmed { Pass::Check } else { Pass::Import }
    }

    /// Whether the job writes no comments now and has written none.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.import().is_some_and(|options| options.dry_run) || self.pass() == Pass::Check
    }

    /// The id of the current or last pass in the comment store. Checkpoints, findings and the
    /// ledger of a check are separate from those of the import that follows. So nothing needs to be
    /// undone, and a stalled worker that missed the confirmation writes to a pass that has ended.
    #[must_use]
    pub fn import_id(&self) -> JobId {
        match self.pass() {
            Pass::Check => self.id.of_check(),
            Pass::Import => self.id,
        }
    }

    /// Whether the job waits for an admin's decision, instead of ending, when everything is read.
    /// Once `false`, it stays `false`.
    #[must_use]
    pub fn awaits_confirmation(&self) -> bool {
        self.pass() == Pass::Check && !self.stopping && self.error.is_none()
    }

    /// Applies what an admin adds, and returns to the state after the upload.
    pub(super) fn confirm(&mut self, site_url: Option<String>, pages_as_before: bool) {
        if let JobSpec::Import(options) = &mut self.spec {
            options.site_url = site_url.or(options.site_url.take());
            let earlier = self.facts.as_ref().and_then(|facts| facts.earlier_pages.clone());
            if let Some(pages) = earlier.filter(|_| pages_as_before) {
                options.set_pages(pages);
            }
        }
        self.confirmed = true;
        self.state = JobState::Queued;
        self.phase = Phase::Planning;
        self.attempts = 0;
        self.progress = Progress { bytes_stored: self.progress.bytes_stored, ..Progress::default() };
        self.tally = Tally::default();
        self.summary = ImportSummary::default();
    }
}
