//! What can happen to a job.

use crate::kinds::KindChange;
use crate::{
    Digest, FileFacts, ImportSummary, Job, JobError, JobState, Phase, Reconciled, Tally, Timestamp, UploadWriter,
};

/// A state transition of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The complete file was received.
    Uploaded {
        /// Its size.
        bytes: u64,
        /// SHA-256 in hexadecimal.
        sha256: String,
    },
    /// A request starts to write a resumable upload; refused while another one does.
    UploadTaken(UploadWriter),
    /// The request is still writing; refused once another one has taken over.
    UploadGoesOn {
        /// The request.
        writer: UploadWriter,
        /// Bytes received so far, including those of earlier requests.
        bytes: u64,
        /// See [`crate::Resumable::expires_at`].
        expires_at: Timestamp,
    },
    /// The request ends before the file is complete.
    UploadPaused {
        /// The name of the request's writer.
        writer: String,
        /// Bytes that are kept.
        bytes: u64,
        /// See [`crate::Resumable::expires_at`].
        expires_at: Timestamp,
    },
    /// The request ends and the file is complete.
    UploadFinished {
        /// The name of the request's writer.
        writer: String,
        /// The file's size.
        bytes: u64,
    },
    /// A worker starts the single task of the job's phase. May be repeated: planning again gives
    /// the same slices, exporting again another file. Each start is counted, so that a job that
    /// kills every worker is not retried for ever.
    AttemptStarted,
    /// The worker is still active.
    Heartbeat,
    /// The worker stopped for a reason outside the job: the attempt does not count.
    AttemptReleased,
    /// The file was recognised and cut.
    Planned {
        /// The planner's facts.
        facts: FileFacts,
        /// The number of slices.
        slices: u32,
        /// Bytes to read, after decompression.
        bytes_total: u64,
        /// What makes the file unreadable after the last slice; the job will fail with it once they
        /// are imported.
        defect: Option<JobError>,
        /// SHA-256 of the stored upload, in hexadecimal.
        sha256: Option<String>,
    },
    /// A linked site sent a batch, which becomes the next slice.
    BatchReceived {
        /// The batch's digest.
        sha256: Digest,
        /// Its size.
        bytes: u64,
        /// The number of comments in it.
        comments: u64,
        /// The number of comments that remain after it, according to the site.
        remaining: u64,
    },
    /// A linked site has nothing left to send.
    AllSent,
    /// A change that only jobs of one kind accept.
    OfKind(KindChange),
    /// An admin requested cancellation.
    CancelRequested,
    /// The job cannot continue and will fail.
    Fault(JobError),
    /// Nothing more is read. May be repeated.
    FinishStarted,
    /// Everything was read as a dry run, and an admin must decide whether to import it.
    Checked(ImportSummary, Reconciled),
    /// The plan and the written data disagree, and the missing part cannot be read any more; the
    /// import will fail.
    NotReconciled(JobError),
    /// An admin requested the import of the checked file: the job starts from scratch with the same
    /// upload.
    Confirmed {
        /// The name of the token.
        by: String,
        /// The site's address, if the file does not name it and the admin supplies it now.
        site_url: Option<String>,
        /// Pages keep the options of the site's last import ([`FileFacts::earlier_pages`]).
        pages_as_before: bool,
    },
    /// The import was not confirmed in time.
    NotConfirmed,
    /// The upload and its slices were deleted.
    UploadDeleted,
    /// The end. Refused for an import that would succeed without proof.
    Ended(ImportSummary, Ending),
}

impl Change {
    const fn word(&self) -> &'static str {
        match self {
            Self::Uploaded { .. } => "uploaded",
            Self::UploadTaken(_) => "upload taken",
            Self::UploadGoesOn { .. } => "upload goes on",
            Self::UploadPaused { .. } => "upload paused",
            Self::UploadFinished { .. } => "upload finished",
            Self::AttemptStarted => "begun",
            Self::Heartbeat => "goes on",
            Self::AttemptReleased => "given back",
            Self::Planned { .. } => "planned",
            Self::BatchReceived { .. } => "batch received",
            Self::AllSent => "all sent",
            Self::OfKind(change) => change.word(),
            Self::CancelRequested => "cancel requested",
            Self::Fault(_) => "fault",
            Self::FinishStarted => "finish started",
            Self::Checked(..) => "checked",
            Self::NotReconciled(_) => "not reconciled",
            Self::Confirmed { .. } => "confirmed",
            Self::NotConfirmed => "not confirmed",
            Self::UploadDeleted => "upload deleted",
            Self::Ended(..) => "ended",
        }
    }
}

/// What is known about the written data when a job ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Everything that was planned. An import succeeds only with this.
    Reconciled(Reconciled),
    /// What the comment store has of a cancelled or failed import.
    Partial(Tally),
    /// Nothing: the job is not an import.
    Other,
}

/// The change is not allowed in the job's state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a job that is {}/{} does not take the change \"{change}\"", state.as_str(), phase.as_str())]
pub struct IllegalChange {
    /// The job's state.
    pub state: JobState,
    /// The job's phase.
    pub phase: Phase,
    /// The change.
    pub change: &'static str,
}

impl Job {
    /// The error for a refused change.
    #[must_use]
    pub const fn refusal(&self, change: &Change) -> IllegalChange {
        IllegalChange { state: self.state, phase: self.phase, change: change.word() }
    }
}
