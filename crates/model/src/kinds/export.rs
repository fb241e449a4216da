//! Exports: reports of the worker that writes the file, and the file's lifetime.

use super::{JobSpec, KindChange, KindFacts, KindVerbs, Phase};
use crate::{
    Change, ExportFile, ExportOptions, ExportResult, ExportTally, Job, JobState, Revision, TimelineEvent, Timestamp,
};

pub(super) const FACTS: KindFacts = KindFacts {
    word: "export",
    first_phase: Phase::Exporting,
    cancelled: "cancelled; there is no file",
    audit_action: "export_begun",
    verbs: KindVerbs { done: "Exported", doing: "Exporting", to_do: "export", object: "comments" },
};

/// A change of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportChange {
    /// Progress of a worker that is writing; refused once another one has started.
    Progressed {
        /// See [`ExportResult::begun_at`].
        begun_at: Revision,
        /// What was written so far.
        tally: ExportTally,
        /// The size of the file so far.
        bytes: u64,
    },
    /// The file is complete; refused once another worker has started.
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
    /// The file of a successful export was deleted. The only change after the end of a job.
    FileDeleted,
}

impl ExportChange {
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Progressed { .. } => "export progressed",
            Self::Exported { .. } => "exported",
            Self::FileDeleted => "file deleted",
        }
    }

    pub(super) fn apply(self, job: &mut Job, now: Timestamp) -> bool {
        match self {
            Self::Progressed { begun_at, tally, bytes } if is_exported_since(job, begun_at) => {
                job.results.export = Some(ExportResult { begun_at, tally, bytes, file: None });
            }
            Self::Exported { begun_at, tally, bytes, file } if is_exported_since(job, begun_at) => {
                job.results.export = Some(ExportResult { begun_at, tally, bytes, file: Some(file) });
                job.finish_work(now, TimelineEvent::Exported, format!("file written, {bytes} bytes"));
            }
            Self::FileDeleted if job.offered_file().is_some() => {
                if let Some(file) = job.results.export.as_mut().and_then(|export| export.file.as_mut()) {
                    file.deleted_at = Some(now);
                }
                job.note(now, TimelineEvent::FileDeleted, "the exported file was deleted".to_owned());
            }
            _ => return false,
        }
        true
    }
}

/// Names the attempt, whose reports alone are accepted from now on.
pub(super) fn attempt_started(job: &mut Job) {
    job.results.export = Some(ExportResult { begun_at: job.revision + 1, ..ExportResult::default() });
}

/// Whether the worker that started at this revision is the one that writes the export.
fn is_exported_since(job: &Job, begun_at: Revision) -> bool {
    let is_its_own = job.results.export.as_ref().is_some_and(|export| export.begun_at == begun_at);
    job.is_working(Phase::Exporting) && !job.stopping && is_its_own
}

impl From<ExportOptions> for JobSpec {
    fn from(options: ExportOptions) -> Self {
        Self::Export(options)
    }
}

impl From<ExportChange> for Change {
    fn from(change: ExportChange) -> Self {
        Self::OfKind(KindChange::Export(change))
    }
}

impl Job {
    /// The file available for download: of a successful export, until it is deleted.
    #[must_use]
    pub fn offered_file(&self) -> Option<&ExportFile> {
        let file = self.results.export.as_ref().and_then(|export| export.file.as_ref());
        file.filter(|file| self.state == JobState::Succeeded && file.deleted_at.is_none())
    }
}

impl ExportTally {
    /// The totals, with a sentence for everything that the format cannot represent.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let Self { pages, threads, comments, losses } = self;
        let total = format!("{comments} comments on {pages} pages, in {threads} threads");
        let lost = losses
            .iter()
            .map(|(loss, count)| format!("lost: {count:>9}  {} ({loss})", loss.sentence().trim_end_matches('.')));
        [total].into_iter().chain(lost).collect()
    }
}

#[cfg(test)]
mod tests;
