//! How a job comes to its end: cancelled, failed or done.

use super::{Ending, Job, JobError, JobState, Pass, TimelineEvent};
use crate::{JobKind, Phase, Timestamp};

impl Job {
    /// Whether there is still something to stop: an import that is finishing can no longer be
    /// cancelled, a check can.
    pub(super) fn can_be_cancelled(&self) -> bool {
        let is_checked = self.pass() == Pass::Check && self.error.is_none();
        !self.state.is_final() && (self.phase != Phase::Finishing || is_checked)
    }

    pub(super) fn cancel(&mut self, now: Timestamp, why: &str) {
        if !self.cancel_requested {
            self.note(now, TimelineEvent::CancelRequested, why.to_owned());
        }
        self.cancel_requested = true;
        self.stopping = true;
    }

    /// Records only the first of several faults.
    pub(super) fn note_fault(&mut self, error: JobError, now: Timestamp) {
        if self.error.is_none() {
            self.note(now, TimelineEvent::Fault, error.message.clone());
            self.error = Some(error);
        }
    }

    /// Whether the proof suffices for the end that the job comes to.
    pub(super) fn may_end(&self, ending: &Ending) -> bool {
        let would_succeed = !self.cancel_requested && self.error.is_none();
        match ending {
            Ending::Reconciled(proof) => proof.is_of(self),
            Ending::Partial(_) => !would_succeed && self.kind() == JobKind::Import,
            Ending::Other => self.kind() != JobKind::Import,
        }
    }

    /// Adds a repeated deletion to the timeline only once.
    pub(super) fn note_deletion(&mut self, now: Timestamp) {
        if !self.timeline.iter().any(|entry| entry.event == TimelineEvent::UploadDeleted) {
            self.note(now, TimelineEvent::UploadDeleted, "the uploaded file was deleted".to_owned());
        }
    }

    pub(super) fn end(&mut self, now: Timestamp) {
        let (state, event, text) = if self.cancel_requested {
            let what_stays = match self.pass() {
                Pass::Check => "cancelled; nothing was imported",
                Pass::Import => self.kind().facts().cancelled,
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
}
