//! A check: the import as a dry run first, and an admin's word before it is done for real.

use serde::{Deserialize, Serialize};

use crate::{FindingCounts, Job, JobId, OutcomeCounts, ReadCounts, Receipt, StatusCounts, Timestamp};

/// Which part of a job is being done, or was done last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pass {
    /// The dry run that comes first where a check was asked for.
    Check,
    /// What the job is for; all there is where no check was asked for.
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

/// What a check found: the counts of a receipt, as they were then.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checked {
    /// What the file holds.
    pub read: ReadCounts,
    /// Comments by status.
    pub status: StatusCounts,
    /// What would become of the comments; adds up to `read.comments`.
    pub outcome: OutcomeCounts,
    /// Findings by effect and reason.
    pub findings: FindingCounts,
    /// Pages with comments that there would be.
    pub pages: i64,
    /// Replies whose parent the file lacks.
    pub orphans: i64,
    /// Comments that an earlier import brought and that the file lacks.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub removed: Option<i64>,
    /// Time of the earliest comment, of those that have one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub first_comment_at: Option<Timestamp>,
    /// Time of the latest.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub last_comment_at: Option<Timestamp>,
}

impl Checked {
    /// What the dry run of a job found.
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

    /// Whether no comment is written at present, and none was.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.import().is_some_and(|options| options.dry_run) || self.pass() == Pass::Check
    }

    /// The id by which the comment store knows what is being done, or was done last: checkpoints, findings and the ledger
    /// of a check are apart from those of the import that follows, so that nothing of it needs to be undone, and a worker
    /// that slept through the confirmation writes to what has ended.
    #[must_use]
    pub fn import_id(&self) -> JobId {
        match self.pass() {
            Pass::Check => self.id.of_check(),
            Pass::Import => self.id,
        }
    }

    /// Whether the job waits for an admin's word, rather than ends, when everything is read. Once it is not so, it is never
    /// so again.
    #[must_use]
    pub fn awaits_confirmation(&self) -> bool {
        self.pass() == Pass::Check && !self.stopping && self.error.is_none()
    }
}
