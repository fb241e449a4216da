//! Messages to the notifier.

use serde::{Deserialize, Serialize};

use crate::{AccountId, EventId, Job, JobError, JobId, JobKind, JobState, Timestamp, TraceParent, Vendor};

/// Something that people should hear of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// A job failed.
    #[serde(rename = "job.failed.v1")]
    JobFailed(JobEnded),
}

impl Event {
    /// What people should hear of a job as it stands; nothing, unless it has failed.
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

    /// Same for every copy of one event.
    #[must_use]
    pub const fn id(&self) -> EventId {
        match self {
            Self::JobFailed(ended) => ended.id,
        }
    }
}

/// How a job ended. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobEnded {
    /// Of the event.
    pub id: EventId,
    /// The job's account.
    pub account: AccountId,
    /// The job.
    pub job: JobId,
    /// What it was to do.
    #[serde(default)]
    pub kind: JobKind,
    /// Its final state.
    pub state: JobState,
    /// The vendor, if it came to that.
    pub vendor: Option<Vendor>,
    /// Why, for a failed job.
    pub error: Option<JobError>,
    /// When.
    pub at: Timestamp,
    /// The trace of the job's upload. Travels like [`crate::Task::trace`].
    #[serde(skip)]
    pub trace: Option<TraceParent>,
}
