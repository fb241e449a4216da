//! Messages to the notifier.

use serde::{Deserialize, Serialize};

use crate::{AccountId, EventId, Job, JobError, JobId, JobKind, JobState, Timestamp, TraceParent, Vendor};

/// An event that people are notified of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// A job failed.
    #[serde(rename = "job.failed.v1")]
    JobFailed(JobEnded),
}

impl Event {
    /// The event for the job's current state: one if the job has failed, otherwise none.
    #[must_use]
    pub fn of(job: &Job) -> Option<Self> {
        (job.state == JobState::Failed).then(|| {
            Self::JobFailed(JobEnded {
                id: EventId::of_job_end(job.id),
                account: job.account.clone(),
                job: job.id,
                kind: job.kind(),
                state: job.state,
                vendor: job.facts.as_ref().map(|facts| facts.vendor),
                error: job.error.clone(),
                at: job.ended_at.unwrap_or(job.updated_at),
                trace: job.trace.clone(),
            })
        })
    }

    /// The same for every copy of an event.
    #[must_use]
    pub const fn id(&self) -> EventId {
        match self {
            Self::JobFailed(ended) => ended.id,
        }
    }
}

/// How a job ended. Contains no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobEnded {
    /// The event's id.
    pub id: EventId,
    /// The job's account.
    pub account: AccountId,
    /// The job.
    pub job: JobId,
    /// The kind of job.
    #[serde(default)]
    pub kind: JobKind,
    /// Its final state.
    pub state: JobState,
    /// The vendor, if it was recognised.
    pub vendor: Option<Vendor>,
    /// The error of a failed job.
    pub error: Option<JobError>,
    /// When the job ended.
    pub at: Timestamp,
    /// The trace of the job's upload. Travels like [`crate::Task::trace`].
    #[serde(skip)]
    pub trace: Option<TraceParent>,
}
