//! Messages to workers.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Job, JobId, TaskKind, TraceParent};

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
