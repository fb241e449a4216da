//! Reports of a worker on an export or a move, and the lifetime of the file.

use super::{Change, Job, JobState, Phase, TimelineEvent};
use crate::{ExportFile, ExportResult, Revision, Timestamp};

impl Job {
    /// The file available for download: of a successful export, until it is deleted.
    #[must_use]
    pub fn offered_file(&self) -> Option<&ExportFile> {
        let file = self.export.as_ref().and_then(|export| export.file.as_ref());
        file.filter(|file| self.state == JobState::Succeeded && file.deleted_at.is_none())
    }

    /// Applies such a change; `false` if the job does not accept it.
    pub(super) fn apply_work_change(&mut self, change: Change, now: Timestamp) -> bool {
        match change {
            Change::ExportGoesOn { begun_at, tally, bytes } if self.is_exported_since(begun_at) => {
                self.export = Some(ExportResult { begun_at, tally, bytes, file: None });
            }
            Change::Exported { begun_at, tally, bytes, file } if self.is_exported_since(begun_at) => {
                self.export = Some(ExportResult { begun_at, tally, bytes, file: Some(file) });
                self.is_done(now, TimelineEvent::Exported, format!("file written, {bytes} bytes"));
            }
            Change::MoveGoesOn(tally) if self.is_at(Phase::Moving) && !self.stopping => {
                self.moved = Some(tally);
                // Each completed step counts as progress.
                self.attempts = 0;
            }
            // Accepted even if the job is stopping: the request came too late.
            Change::Moved(tally) if self.is_at(Phase::Moving) => {
                self.moved = Some(tally);
                self.is_done(now, TimelineEvent::Moved, format!("{} threads moved", tally.threads));
            }
            Change::FileDeleted if self.offered_file().is_some() => {
                if let Some(file) = self.export.as_mut().and_then(|export| export.file.as_mut()) {
                    file.deleted_at = Some(now);
                }
                self.note(now, TimelineEvent::FileDeleted, "the exported file was deleted".to_owned());
            }
            _ => return false,
        }
        true
    }

    fn is_done(&mut self, now: Timestamp, event: TimelineEvent, text: String) {
        self.phase = Phase::Finishing;
        self.attempts = 0;
        self.note(now, event, text);
    }

    fn is_at(&self, phase: Phase) -> bool {
        self.state == JobState::Running && self.phase == phase
    }

    /// Whether the worker that started at this revision is the one that writes the export.
    fn is_exported_since(&self, begun_at: Revision) -> bool {
        let is_its_own = self.export.as_ref().is_some_and(|export| export.begun_at == begun_at);
        self.is_at(Phase::Exporting) && !self.stopping && is_its_own
    }
}
