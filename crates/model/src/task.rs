//! Messages to workers.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Job, JobId, SliceNumber, TraceParent};

/// A unit of work for a job. Doing a task twice, even concurrently, has the effect of doing it
/// once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Task {
    /// The job's account.
    pub account: AccountId,
    /// The job.
    pub job: JobId,
    /// The kind of work.
    #[serde(flatten)]
    pub kind: TaskKind,
    /// The trace of the job's upload. Travels beside the message, in a header if the queue has
    /// headers.
    #[serde(skip)]
    pub trace: Option<TraceParent>,
}

impl Task {
    /// A task of a job.
    #[must_use]
    pub fn of(job: &Job, kind: TaskKind) -> Self {
        Self { account: job.account.clone(), job: job.id, kind, trace: job.trace.clone() }
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
