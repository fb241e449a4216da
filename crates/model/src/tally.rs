//! Counts. A tally belongs to a slice, a step or a job; a job's is the sum of its parts.

use std::collections::BTreeMap;
use std::ops::{AddAssign, SubAssign};

use serde::{Deserialize, Serialize};

use crate::{Finding, Reason, Status};

/// What an import did, or in a dry run would do, with one comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It did not exist before.
    Created,
    /// The source changed since the last import.
    Updated,
    /// The source has not changed; nothing was written.
    Unchanged,
    /// Left out on purpose.
    Skipped,
    /// Could not be imported.
    Failed,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 5] = [Self::Created, Self::Updated, Self::Unchanged, Self::Skipped, Self::Failed];

    /// The word used in stores and receipts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }

    /// The outcome with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// The content of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadCounts {
    /// Distinct threads.
    pub threads: i64,
    /// Every comment.
    pub comments: i64,
    /// Comments for which the file names a parent.
    pub replies: i64,
}

/// Comments by status, except skipped and failed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusCounts {
    /// Public.
    pub approved: i64,
    /// Waiting for a moderator.
    pub pending: i64,
    /// Spam.
    pub spam: i64,
    /// Tombstones.
    pub deleted: i64,
}

impl StatusCounts {
    /// The count of one status.
    pub const fn of(&mut self, status: Status) -> &mut i64 {
        match status {
            Status::Approved => &mut self.approved,
            Status::Pending => &mut self.pending,
            Status::Spam => &mut self.spam,
            Status::Deleted => &mut self.deleted,
        }
    }
}

/// Comments by outcome. Their sum is every comment that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeCounts {
    /// New comments.
    pub created: i64,
    /// Changed at the source since the last import.
    pub updated: i64,
    /// Unchanged; nothing was written.
    pub unchanged: i64,
    /// Left out on purpose.
    pub skipped: i64,
    /// Could not be imported.
    pub failed: i64,
}

impl OutcomeCounts {
    /// The count of one outcome.
    pub const fn of(&mut self, outcome: Outcome) -> &mut i64 {
        match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Failed => &mut self.failed,
        }
    }

    /// Comments that are stored, or would be.
    #[must_use]
    pub const fn taken(&self) -> i64 {
        self.created + self.updated + self.unchanged
    }

    /// The sum of all outcomes.
    #[must_use]
    pub const fn sum(&self) -> i64 {
        self.created + self.updated + self.unchanged + self.skipped + self.failed
    }
}

/// Counts of a part of a job, or of the whole. A part may be negative if it corrects another one (a
/// duplicate that was written before the first comment with its id was found); the sum over a job
/// never is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// The content of the file.
    pub read: ReadCounts,
    /// By status.
    pub status: StatusCounts,
    /// By outcome.
    pub outcome: OutcomeCounts,
    /// Findings by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub findings: BTreeMap<Reason, i64>,
}

impl Tally {
    /// Counts a finding.
    pub fn found(&mut self, finding: &Finding) {
        *self.findings.entry(finding.reason).or_default() += 1;
    }

    /// The number of findings with this reason.
    #[must_use]
    pub fn findings_of(&self, reason: Reason) -> i64 {
        self.findings.get(&reason).copied().unwrap_or(0)
    }

    fn combine(&mut self, other: &Self, sign: i64) {
        let pairs = [
            (&mut self.read.threads, other.read.threads),
            (&mut self.read.comments, other.read.comments),
            (&mut self.read.replies, other.read.replies),
            (&mut self.status.approved, other.status.approved),
            (&mut self.status.pending, other.status.pending),
            (&mut self.status.spam, other.status.spam),
            (&mut self.status.deleted, other.status.deleted),
            (&mut self.outcome.created, other.outcome.created),
            (&mut self.outcome.updated, other.outcome.updated),
            (&mut self.outcome.unchanged, other.outcome.unchanged),
            (&mut self.outcome.skipped, other.outcome.skipped),
            (&mut self.outcome.failed, other.outcome.failed),
        ];
        for (own, others) in pairs {
            *own += sign * others;
        }
        for (reason, count) in &other.findings {
            *self.findings.entry(*reason).or_default() += sign * count;
        }
        self.findings.retain(|_, count| *count != 0);
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.combine(other, 1);
    }
}

impl SubAssign<&Self> for Tally {
    fn sub_assign(&mut self, other: &Self) {
        self.combine(other, -1);
    }
}
