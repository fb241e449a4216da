//! The state machine.
//!
//! ```text
//! queued/uploading ─ Uploaded ─> queued/planning ─ AttemptStarted ─> running/planning
//!        │ UploadTaken, UploadGoesOn,   │                               │ Planned
//!        │ UploadPaused, UploadFinished │                               v
//!        │                              │                        running/importing
//!        └──────────────────────────────┴───────────────────────────────┤
//!          CancelRequested, Fault: the job is stopping                  │ FinishStarted
//!                                                                       v
//! succeeded | failed | cancelled  <─ Ended ─  running/finishing ─ UploadDeleted
//! ```
//!
//! A job with a check passes through these states twice. The first pass is a dry run. If everything
//! was read and nothing prevents the import, this pass does not end the job:
//!
//! ```text
//! running/finishing ─ Checked ─> waiting ─ Confirmed ─> queued/planning, and on as above
//!                                   └──── CancelRequested, NotConfirmed ─ FinishStarted ─> running/finishing
//! ```
//!
//! An export is one piece of work, and its file outlives it:
//!
//! ```text
//! queued/exporting ─ AttemptStarted ─> running/exporting ─ Exported ─> running/finishing
//!     ─ Ended ─> succeeded ─ FileDeleted
//! ```
//!
//! A move works the same way, without a file: it has `moving` and `Moved` in place of `exporting`
//! and `Exported`.
//!
//! A sync of a linked site starts by waiting for its first batch, and ends only when the site
//! reports that it has sent everything:
//!
//! ```text
//! running/importing ─ BatchReceived, repeatedly ─ AllSent ─ FinishStarted ─> running/finishing, as above
//! ```

use crate::job::check::Checked;
use crate::{
    Digest, ExportFile, ExportResult, ExportTally, FileFacts, ImportSummary, Job, JobError, JobKind, JobState,
    MoveTally, Order, Pass, Phase, Progress, Reconciled, Revision, Tally, TimelineEntry, TimelineEvent, Timestamp,
    UploadWriter,
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
    /// A worker starts to plan or to export. May be repeated: planning again gives the same slices,
    /// exporting again another file. Each start is counted, so that a job that kills every worker
    /// is not retried for ever.
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
    /// Progress of a worker that is writing an export; refused once another one has started.
    ExportGoesOn {
        /// See [`ExportResult::begun_at`].
        begun_at: Revision,
        /// What was written so far.
        tally: ExportTally,
        /// The size of the file so far.
        bytes: u64,
    },
    /// The file of an export is complete; refused once another worker has started.
    Exported {
        /// See [`ExportResult::begun_at`].
        begun_at: Revision,
        /// The content of the file.
        tally: ExportTally,
        /// Its size.
        bytes: u64,
        /// The file.
        file: ExportFile,
    },
    /// Progress of a worker that is moving threads.
    MoveGoesOn(MoveTally),
    /// All threads were moved.
    Moved(MoveTally),
    /// The file of a successful export was deleted.
    FileDeleted,
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
            Self::ExportGoesOn { .. } => "export goes on",
            Self::Exported { .. } => "exported",
            Self::MoveGoesOn(_) => "move goes on",
            Self::Moved(_) => "moved",
            Self::FileDeleted => "file deleted",
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

    /// The job after `change`. The store sets the revision.
    pub fn after(&self, change: Change, now: Timestamp) -> Result<Self, IllegalChange> {
        let illegal = self.refusal(&change);
        let mut job = self.clone();
        job.updated_at = now;
        match (self.state, self.phase, change) {
            (JobState::Queued, Phase::Uploading, Change::Uploaded { bytes, sha256 }) => {
                job.sha256 = Some(sha256);
                job.receive(now, bytes);
            }
            (JobState::Queued | JobState::Running, phase, Change::AttemptStarted)
                if phase.task().is_some() && !self.stopping =>
            {
                job.state = JobState::Running;
                job.attempts += 1;
                if phase == Phase::Exporting {
                    job.export = Some(ExportResult { begun_at: self.revision + 1, ..ExportResult::default() });
                }
            }
            (JobState::Running, phase, Change::Heartbeat) if phase.task().is_some() && !self.stopping => {}
            (JobState::Running, phase, Change::AttemptReleased) if phase.task().is_some() => {
                job.attempts = job.attempts.saturating_sub(1);
            }
            (JobState::Running, Phase::Planning, Change::Planned { facts, slices, bytes_total, defect, sha256 }) => {
                job.sha256 = job.sha256.or(sha256);
                job.error = defect.or(job.error);
                job.progress.slices_total = slices;
                job.progress.bytes_total = bytes_total;
                job.recognise(facts, now);
            }
            (_, _, Change::CancelRequested) if self.can_be_cancelled() => {
                job.cancel(now, "an admin asked to cancel the job");
            }
            (JobState::Waiting, _, Change::NotConfirmed) => {
                job.cancel(now, "nobody asked for the import in time");
            }
            (
                JobState::Queued | JobState::Running,
                Phase::Uploading | Phase::Planning | Phase::Importing | Phase::Exporting | Phase::Moving,
                Change::Fault(error),
            ) => {
                job.note_fault(error, now);
                job.stopping = true;
            }
            (JobState::Running, Phase::Finishing, Change::FinishStarted) => {}
            (JobState::Waiting, _, Change::FinishStarted) if self.stopping => {
                job.state = JobState::Running;
                job.phase = Phase::Finishing;
            }
            (JobState::Queued | JobState::Running, phase, Change::FinishStarted)
                if !(matches!(phase, Phase::Exporting | Phase::Moving) || self.takes_batches()) || self.stopping =>
            {
                job.settle_batches();
                job.state = JobState::Running;
                job.phase = Phase::Finishing;
                if self.kind() == JobKind::Import {
                    job.note(now, TimelineEvent::Finishing, "everything that can be read was read".to_owned());
                }
            }
            (JobState::Running, Phase::Finishing, Change::Checked(summary, proof))
                if self.awaits_confirmation() && proof.is_of(self) =>
            {
                job.summary = summary;
                job.tally = proof.tally().clone();
                job.checked = Some(Checked::of(&job));
                job.state = JobState::Waiting;
                job.note(now, TimelineEvent::Checked, "checked; nothing was imported yet".to_owned());
            }
            (JobState::Waiting, _, Change::Confirmed { by, site_url, pages_as_before }) if !self.stopping => {
                job.confirm(site_url, pages_as_before);
                job.note(now, TimelineEvent::Confirmed, format!("import confirmed by {by}"));
            }
            (JobState::Running, Phase::Finishing, Change::UploadDeleted) if !self.awaits_confirmation() => {
                job.note_deletion(now);
            }
            (JobState::Running, Phase::Finishing, Change::NotReconciled(error)) if self.kind() == JobKind::Import => {
                job.note_fault(error, now);
            }
            (JobState::Running, Phase::Finishing, Change::Ended(summary, ending))
                if !self.awaits_confirmation() && self.may_end(&ending) =>
            {
                job.summary = summary;
                match ending {
                    Ending::Reconciled(proof) => job.tally = proof.tally().clone(),
                    Ending::Partial(tally) => job.tally = tally,
                    Ending::Other => {}
                }
                job.end(now);
            }
            (_, _, change) => {
                let is_taken = job.apply_upload_change(change.clone(), now)
                    || job.apply_batch_change(&change, now)
                    || job.apply_work_change(change, now);
                if !is_taken {
                    return Err(illegal);
                }
            }
        }
        Ok(job)
    }

    /// Records the facts: the slices can be read.
    fn recognise(&mut self, facts: FileFacts, now: Timestamp) {
        let text = format!("recognised as {}: {}", facts.vendor.name(), facts.evidence);
        self.note(now, TimelineEvent::Planned, text);
        self.facts = Some(facts);
        self.phase = Phase::Importing;
        self.attempts = 0;
    }

    /// Adds a repeated deletion to the timeline only once.
    fn note_deletion(&mut self, now: Timestamp) {
        if !self.timeline.iter().any(|entry| entry.event == TimelineEvent::UploadDeleted) {
            self.note(now, TimelineEvent::UploadDeleted, "the uploaded file was deleted".to_owned());
        }
    }

    /// Records only the first of several faults.
    fn note_fault(&mut self, error: JobError, now: Timestamp) {
        if self.error.is_none() {
            self.note(now, TimelineEvent::Fault, error.message.clone());
            self.error = Some(error);
        }
    }

    /// Whether the proof suffices for the end that the job comes to.
    fn may_end(&self, ending: &Ending) -> bool {
        let would_succeed = !self.cancel_requested && self.error.is_none();
        match ending {
            Ending::Reconciled(proof) => proof.is_of(self),
            Ending::Partial(_) => !would_succeed && self.kind() == JobKind::Import,
            Ending::Other => self.kind() != JobKind::Import,
        }
    }

    /// Whether there is still something to stop: an import that is finishing can no longer be
    /// cancelled, a check can.
    fn can_be_cancelled(&self) -> bool {
        let is_checked = self.pass() == Pass::Check && self.error.is_none();
        !self.state.is_final() && (self.phase != Phase::Finishing || is_checked)
    }

    fn cancel(&mut self, now: Timestamp, why: &str) {
        if !self.cancel_requested {
            self.note(now, TimelineEvent::CancelRequested, why.to_owned());
        }
        self.cancel_requested = true;
        self.stopping = true;
    }

    /// Applies what an admin adds, and returns to the state after the upload.
    fn confirm(&mut self, site_url: Option<String>, pages_as_before: bool) {
        if let Order::Import(options) = &mut self.order {
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

    /// Records that the file is complete.
    pub(super) fn receive(&mut self, now: Timestamp, bytes: u64) {
        self.phase = Phase::Planning;
        self.progress.bytes_stored = bytes;
        self.note(now, TimelineEvent::Uploaded, format!("file received, {bytes} bytes"));
    }

    fn end(&mut self, now: Timestamp) {
        let (state, event, text) = if self.cancel_requested {
            let what_stays = match (self.kind(), self.pass()) {
                (JobKind::Import, Pass::Check) => "cancelled; nothing was imported",
                (JobKind::Import, Pass::Import) => "cancelled; what was imported before stays",
                (JobKind::Export, _) => "cancelled; there is no file",
                (JobKind::Move, _) => "cancelled; what was moved before stays, and can be undone",
            };
            (JobState::Cancelled, TimelineEvent::Cancelled, what_stays.to_owned())
        } else if let Some(error) = &self.error {
            (JobState::Failed, TimelineEvent::Failed, error.message.clone())
        } else {
            (JobState::Succeeded, TimelineEvent::Succeeded, "done".to_owned())
        };
        self.state = state;
        self.ended_at = Some(now);
        if state != JobState::Failed {
            self.error = None;
        }
        self.note(now, event, text);
    }

    pub(super) fn note(&mut self, at: Timestamp, event: TimelineEvent, text: String) {
        self.timeline.push(TimelineEntry { at, event, text });
    }
}

#[cfg(test)]
mod tests;
