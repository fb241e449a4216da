//! The kinds of jobs: what a kind is called, where it starts, which task does its work, and how its
//! outcome is worded.
//!
//! This is the only file of the crate that lists them. What only one kind knows is in its module.

mod export;
mod import;
mod moves;

use serde::{Deserialize, Serialize};

use crate::{ExportOptions, ExportResult, ImportOptions, Job, MoveTally, Moving, SliceNumber, Timestamp};

pub use export::ExportChange;
pub use moves::MoveChange;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// Imports an upload. The default, because earlier versions knew only this kind and did not
    /// always name it.
    #[default]
    Import,
    /// Writes comments into a file.
    Export,
    /// Moves threads to another page.
    Move,
}

/// The facts about a kind of job that other crates and the state machine need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindFacts {
    /// The word used in stores and in the API.
    pub word: &'static str,
    /// The phase in which a job starts. If it has a task ([`Phase::task`]), that task does all the
    /// work.
    pub first_phase: Phase,
    /// What remains of a cancelled job; the last entry of its timeline.
    pub cancelled: &'static str,
    /// The action in the audit log when an admin starts a job.
    pub audit_action: &'static str,
    /// How a summary words its outcome.
    pub verbs: KindVerbs,
}

/// The verb for what a kind of job does, and its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindVerbs {
    /// Of a job that succeeded: `Exported`.
    pub done: &'static str,
    /// Of a job that has not ended: `Exporting`.
    pub doing: &'static str,
    /// After "Failed to" and "Cancelled the": `export`.
    pub to_do: &'static str,
    /// Its object: `comments`.
    pub object: &'static str,
}

impl JobKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Import, Self::Export, Self::Move];

    /// The facts about this kind.
    #[must_use]
    pub const fn facts(self) -> &'static KindFacts {
        match self {
            Self::Import => &import::FACTS,
            Self::Export => &export::FACTS,
            Self::Move => &moves::FACTS,
        }
    }

    /// The word used in stores and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.facts().word
    }

    /// The kind with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What an admin requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "options", rename_all = "lowercase")]
pub enum JobSpec {
    /// To import an upload.
    Import(ImportOptions),
    /// To write comments into a file.
    Export(ExportOptions),
    /// To move threads to another page.
    Move(Moving),
}

impl JobSpec {
    /// The kind of such a job.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::Import(_) => JobKind::Import,
            Self::Export(_) => JobKind::Export,
            Self::Move(_) => JobKind::Move,
        }
    }
}

/// The current activity of a job that has not ended. In order: a job never returns to an earlier
/// phase, except when an import is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The file is being received.
    Uploading,
    /// The file is complete; it is being inspected and cut, or waits for that.
    Planning,
    /// Slices are being read and written.
    Importing,
    /// An export is being written, or waits for that.
    Exporting,
    /// Threads are being moved, or wait for that.
    Moving,
    /// The last steps, when nothing more is read or written: link parents, compute totals, delete
    /// the upload.
    Finishing,
}

impl Phase {
    /// The only task of a job in this phase, if it has one.
    #[must_use]
    pub const fn task(self) -> Option<TaskKind> {
        match self {
            Self::Planning => Some(TaskKind::Plan),
            Self::Exporting => Some(TaskKind::Export),
            Self::Moving => Some(TaskKind::Move),
            Self::Uploading | Self::Importing | Self::Finishing => None,
        }
    }

    /// The word used in stores and in the API.
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

/// The kinds of tasks. Names include a version, so that a newer worker recognises an older message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "task")]
pub enum TaskKind {
    /// Detect the vendor, cut slices, open the window.
    #[serde(rename = "plan.v1")]
    Plan,
    /// Import one slice.
    #[serde(rename = "slice.v1")]
    Slice {
        /// The slice's number.
        number: SliceNumber,
    },
    /// Write an export's file.
    #[serde(rename = "export.v1")]
    Export,
    /// Move threads to another page.
    #[serde(rename = "move.v1")]
    Move,
    /// Link parents, write the receipt, delete the upload, end the job.
    #[serde(rename = "finish.v1")]
    Finish,
}

impl TaskKind {
    /// The word that names the kind in message ids.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Slice { .. } => "slice",
            Self::Export => "export",
            Self::Move => "move",
            Self::Finish => "finish",
        }
    }

    /// The slice that the task imports. Other tasks concern the job as a whole.
    #[must_use]
    pub const fn slice(self) -> Option<SliceNumber> {
        match self {
            Self::Slice { number } => Some(number),
            _ => None,
        }
    }
}

/// What jobs other than imports did. Each kind has its own field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobResults {
    /// What was written; exports only, once they have started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub export: Option<ExportResult>,
    /// What was moved; moves only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub moved: Option<MoveTally>,
}

impl JobResults {
    /// The results in lines for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let export = self.export.iter().flat_map(|result| result.tally.lines());
        let moved = self.moved.iter().flat_map(MoveTally::lines);
        export.chain(moved).collect()
    }

    /// The number of comments concerned; `None` before there is a result.
    #[must_use]
    pub fn comments(&self) -> Option<u64> {
        let export = self.export.as_ref().map(|result| result.tally.comments);
        export.or(self.moved.map(|tally| tally.comments))
    }
}

/// A change of a job that only jobs of one kind accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindChange {
    /// Of an export.
    Export(ExportChange),
    /// Of a move.
    Move(MoveChange),
}

impl KindChange {
    /// What the change is called in errors.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Export(change) => change.word(),
            Self::Move(change) => change.word(),
        }
    }

    /// Applies the change; `false` if the job does not accept it.
    pub(crate) fn apply(self, job: &mut Job, now: Timestamp) -> bool {
        match self {
            Self::Export(change) => change.apply(job, now),
            Self::Move(change) => change.apply(job, now),
        }
    }
}

impl Job {
    /// The kind of job.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        self.spec.kind()
    }

    /// Prepares the result for a new attempt at the job's work.
    pub(crate) fn attempt_started(&mut self) {
        match self.kind() {
            JobKind::Export => export::attempt_started(self),
            JobKind::Import | JobKind::Move => {}
        }
    }
}

#[cfg(test)]
mod tests;
