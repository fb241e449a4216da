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
//! A move works the same way, without a file. So does every kind whose first phase has a task: see
//! [`crate::kinds`].
//!
//! A sync of a linked site starts by waiting for its first batch, and ends only when the site
//! reports that it has sent everything:
//!
//! ```text
//! running/importing ─ BatchReceived, repeatedly ─ AllSent ─ FinishStarted ─> running/finishing, as above
//! ```

use crate::{
    Change, Checked, Ending, FileFacts, IllegalChange, Job, JobKind, JobState, Phase, TimelineEntry, TimelineEvent,
    Timestamp,
};

impl Job {
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
                job.attempt_started();
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
            (JobState::Queued | JobState::Running, phase, Change::Fault(error)) if phase != Phase::Finishing => {
                job.note_fault(error, now);
                job.stopping = true;
            }
            (JobState::Running, Phase::Finishing, Change::FinishStarted) => {}
            (JobState::Waiting, _, Change::FinishStarted) if self.stopping => {
                job.state = JobState::Running;
                job.phase = Phase::Finishing;
            }
            (JobState::Queued | JobState::Running, _, Change::FinishStarted)
                if self.stopping || !(self.has_work_left() || self.takes_batches()) =>
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
            (_, _, Change::OfKind(change)) => {
                if !change.apply(&mut job, now) {
                    return Err(illegal);
                }
            }
            (_, _, change) => {
                let is_taken = job.apply_batch_change(&change, now) || job.apply_upload_change(change, now);
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

    /// Whether the single task that does this kind's work has not ended.
    fn has_work_left(&self) -> bool {
        self.phase == self.kind().facts().first_phase && self.phase.task().is_some()
    }

    /// Whether a worker has started the work of this phase.
    pub(crate) fn is_working(&self, phase: Phase) -> bool {
        self.state == JobState::Running && self.phase == phase
    }

    /// Records that the single task that does this kind's work is done.
    pub(crate) fn finish_work(&mut self, now: Timestamp, event: TimelineEvent, text: String) {
        self.phase = Phase::Finishing;
        self.attempts = 0;
        self.note(now, event, text);
    }

    /// Adds an entry to the timeline.
    pub(crate) fn note(&mut self, at: Timestamp, event: TimelineEvent, text: String) {
        self.timeline.push(TimelineEntry { at, event, text });
    }
}

#[cfg(test)]
mod tests;
