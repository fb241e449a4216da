//! The state machine.
//!
//! ```text
//! queued/uploading ─ Uploaded ─> queued/planning ─ PlanStarted ─> running/planning ─ Planned ─> running/importing
//!        │ UploadTaken, GoesOn,       │                               │                             │
//!        │ Paused, Finished           │                               │                             │
//!        └──────────── CancelRequested, Fault: the job is stopping; FinishStarted from anywhere ────┤
//!                                                                                                   v
//!                          succeeded | failed | cancelled  <─ Ended ─  running/finishing ─ UploadDeleted
//! ```
//!
//! A job that was asked for with a check goes this way twice. The first time, as a dry run, it does not end where
//! everything was read and nothing stands in the way of the import:
//!
//! ```text
//! running/finishing ─ Checked ─> waiting ─ Confirmed ─> queued/planning, and from there as above
//!                                   └──── CancelRequested, NotConfirmed ─ FinishStarted ─> running/finishing
//! ```

use crate::job::check::Checked;
use crate::{
    Closing, FileFacts, Job, JobError, JobState, Leg, Phase, Progress, Tally, TimelineEntry, TimelineEvent, Timestamp,
    UploadWriter,
};

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The file arrived whole.
    Uploaded {
        /// Its size.
        bytes: u64,
        /// SHA-256 in hexadecimal.
        sha256: String,
    },
    /// A request begins to write a resumable upload; refused while another one does.
    UploadTaken(UploadWriter),
    /// The request still writes it; refused once another one has taken over.
    UploadGoesOn {
        /// The request.
        writer: UploadWriter,
        /// Bytes that it has received, those of earlier requests included.
        bytes: u64,
        /// See [`crate::Resumable::expires_at`].
        expires_at: Timestamp,
    },
    /// The request ends, and more is to come.
    UploadPaused {
        /// Its name.
        writer: String,
        /// Bytes that are kept.
        bytes: u64,
        /// See [`crate::Resumable::expires_at`].
        expires_at: Timestamp,
    },
    /// The request brought the end: the file arrived whole.
    UploadFinished {
        /// Its name.
        writer: String,
        /// The file's size.
        bytes: u64,
    },
    /// A worker looks at the file. May be repeated: planning again gives the same slices. Each time is counted, because
    /// a file that kills every worker that looks at it must not come back for ever.
    PlanStarted,
    /// The worker still looks at it.
    PlanGoesOn,
    /// The worker stopped looking at it through no fault of the file: the beginning does not count.
    PlanReleased,
    /// The file was recognised and cut.
    Planned {
        /// What it is.
        facts: FileFacts,
        /// How many slices.
        slices: u32,
        /// Bytes to read, after decompression.
        bytes_total: u64,
        /// What makes the file unreadable after the last slice; the job will fail with it once they are imported.
        defect: Option<JobError>,
    },
    /// An admin asked for the end.
    CancelRequested,
    /// Something makes it impossible to go on; the job will fail.
    Fault(JobError),
    /// Nothing more is read. May be repeated.
    FinishStarted,
    /// Everything was read as a dry run, and an admin is to say whether to import it.
    Checked(Closing),
    /// An admin asked for the import of what was checked: everything begins anew with the same upload.
    Confirmed {
        /// The name of the token.
        by: String,
    },
    /// Nobody asked for the import of what was checked in the time there was.
    NotConfirmed,
    /// The upload and its slices are gone.
    UploadDeleted,
    /// The end.
    Ended(Closing),
}

impl Change {
    const fn word(&self) -> &'static str {
        match self {
            Self::Uploaded { .. } => "uploaded",
            Self::UploadTaken(_) => "upload taken",
            Self::UploadGoesOn { .. } => "upload goes on",
            Self::UploadPaused { .. } => "upload paused",
            Self::UploadFinished { .. } => "upload finished",
            Self::PlanStarted => "plan started",
            Self::PlanGoesOn => "plan goes on",
            Self::PlanReleased => "plan released",
            Self::Planned { .. } => "planned",
            Self::CancelRequested => "cancel requested",
            Self::Fault(_) => "fault",
            Self::FinishStarted => "finish started",
            Self::Checked(_) => "checked",
            Self::Confirmed { .. } => "confirmed",
            Self::NotConfirmed => "not confirmed",
            Self::UploadDeleted => "upload deleted",
            Self::Ended(_) => "ended",
        }
    }
}

/// A change that a job in this state does not take.
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
    /// The refusal of a change.
    #[must_use]
    pub const fn refusal(&self, change: &Change) -> IllegalChange {
        IllegalChange { state: self.state, phase: self.phase, change: change.word() }
    }

    /// The job after `change`. The revision is left to the store.
    pub fn after(&self, change: Change, now: Timestamp) -> Result<Self, IllegalChange> {
        let illegal = self.refusal(&change);
        let mut job = self.clone();
        job.updated_at = now;
        match (self.state, self.phase, change) {
            (JobState::Queued, Phase::Uploading, Change::Uploaded { bytes, sha256 }) => {
                job.sha256 = Some(sha256);
                job.receive(now, bytes);
            }
            (_, _, Change::UploadTaken(writer)) if self.takes_more() && self.upload_writer(now).is_none() => {
                if let Some(upload) = &mut job.resumable {
                    upload.writer = Some(writer);
                }
            }
            (_, _, Change::UploadGoesOn { writer, bytes, expires_at }) if self.takes_more_from(&writer.name) => {
                job.note_upload(bytes, expires_at, Some(writer));
            }
            (_, _, Change::UploadPaused { writer, bytes, expires_at }) if self.takes_more_from(&writer) => {
                job.note_upload(bytes, expires_at, None);
            }
            (_, _, Change::UploadFinished { writer, bytes }) if self.takes_more_from(&writer) => {
                job.note_upload(bytes, now, None);
                job.receive(now, bytes);
            }
            (JobState::Queued | JobState::Running, Phase::Planning, Change::PlanStarted) if !self.stopping => {
                job.state = JobState::Running;
                job.plan_attempts += 1;
            }
            (JobState::Running, Phase::Planning, Change::PlanGoesOn) if !self.stopping => {}
            (JobState::Running, Phase::Planning, Change::PlanReleased) => {
                job.plan_attempts = job.plan_attempts.saturating_sub(1);
            }
            (JobState::Running, Phase::Planning, Change::Planned { facts, slices, bytes_total, defect }) => {
                job.phase = Phase::Importing;
                job.plan_attempts = 0;
                job.note(
                    now,
                    TimelineEvent::Planned,
                    format!("recognised as {}: {}", facts.vendor.name(), facts.evidence),
                );
                job.facts = Some(facts);
                job.progress.slices_total = slices;
                job.progress.bytes_total = bytes_total;
                job.error = defect.or(job.error);
            }
            (_, _, Change::CancelRequested) if self.can_be_cancelled() => {
                job.cancel(now, "an admin asked to cancel the job");
            }
            (JobState::Waiting, _, Change::NotConfirmed) => {
                job.cancel(now, "nobody asked for the import in time");
            }
            (
                JobState::Queued | JobState::Running,
                Phase::Uploading | Phase::Planning | Phase::Importing,
                Change::Fault(error),
            ) => {
                if self.error.is_none() {
                    job.note(now, TimelineEvent::Fault, error.message.clone());
                    job.error = Some(error);
                }
                job.stopping = true;
            }
            (JobState::Running, Phase::Finishing, Change::FinishStarted) => {}
            (JobState::Waiting, _, Change::FinishStarted) if self.stopping => {
                job.state = JobState::Running;
                job.phase = Phase::Finishing;
            }
            (JobState::Queued | JobState::Running, _, Change::FinishStarted) => {
                job.state = JobState::Running;
                job.phase = Phase::Finishing;
                job.note(now, TimelineEvent::Finishing, "everything that can be read was read".to_owned());
            }
            (JobState::Running, Phase::Finishing, Change::Checked(closing)) if self.is_to_be_confirmed() => {
                job.closing = closing;
                job.checked = Some(Checked::of(&job));
                job.state = JobState::Waiting;
                job.note(now, TimelineEvent::Checked, "checked; nothing was imported yet".to_owned());
            }
            (JobState::Waiting, _, Change::Confirmed { by }) if !self.stopping => {
                job.begin_import();
                job.note(now, TimelineEvent::Confirmed, format!("import confirmed by {by}"));
            }
            (JobState::Running, Phase::Finishing, Change::UploadDeleted) if !self.is_to_be_confirmed() => {
                let is_noted = self.timeline.iter().any(|entry| entry.event == TimelineEvent::UploadDeleted);
                if !is_noted {
                    job.note(now, TimelineEvent::UploadDeleted, "the uploaded file was deleted".to_owned());
                }
            }
            (JobState::Running, Phase::Finishing, Change::Ended(closing)) if !self.is_to_be_confirmed() => {
                job.closing = closing;
                job.end(now);
            }
            _ => return Err(illegal),
        }
        Ok(job)
    }

    /// Whether there still is something to stop: an import whose end has begun is not stopped any more, a check is.
    fn can_be_cancelled(&self) -> bool {
        let is_checked = self.leg() == Leg::Check && self.error.is_none();
        !self.state.is_final() && (self.phase != Phase::Finishing || is_checked)
    }

    fn cancel(&mut self, now: Timestamp, why: &str) {
        if !self.cancel_requested {
            self.note(now, TimelineEvent::CancelRequested, why.to_owned());
        }
        self.cancel_requested = true;
        self.stopping = true;
    }

    /// Back to where the upload was whole.
    fn begin_import(&mut self) {
        self.confirmed = true;
        self.state = JobState::Queued;
        self.phase = Phase::Planning;
        self.plan_attempts = 0;
        self.progress = Progress { bytes_stored: self.progress.bytes_stored, ..Progress::default() };
        self.tally = Tally::default();
        self.closing = Closing::default();
    }

    /// The file is whole.
    fn receive(&mut self, now: Timestamp, bytes: u64) {
        self.phase = Phase::Planning;
        self.progress.bytes_stored = bytes;
        self.note(now, TimelineEvent::Uploaded, format!("file received, {bytes} bytes"));
    }

    fn end(&mut self, now: Timestamp) {
        let (state, event, text) = if self.cancel_requested {
            let what_stays = match self.leg() {
                Leg::Check => "cancelled; nothing was imported",
                Leg::Import => "cancelled; what was imported before stays",
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

    fn note(&mut self, at: Timestamp, event: TimelineEvent, text: String) {
        self.timeline.push(TimelineEntry { at, event, text });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ImportOptions, JobId, NewJob, Origin, Vendor};

    fn new_job(check: bool) -> Job {
        let new = NewJob {
            id: JobId::new(Timestamp::UNIX_EPOCH, &[7; 10]),
            account: "a".parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: None,
            options: ImportOptions { check, ..ImportOptions::default() },
        };
        Job::new(new, Timestamp::UNIX_EPOCH)
    }

    fn error(code: &str) -> JobError {
        JobError { code: code.to_owned(), message: format!("{code} happened"), offset: Some(3) }
    }

    fn any_change() -> impl Strategy<Value = Change> {
        let facts = FileFacts { vendor: Vendor::Disqus, origin: Origin::new("f"), evidence: String::new() };
        prop_oneof![
            Just(Change::Uploaded { bytes: 9, sha256: "00".to_owned() }),
            Just(Change::PlanStarted),
            Just(Change::PlanGoesOn),
            Just(Change::PlanReleased),
            prop::bool::ANY.prop_map(move |damaged| Change::Planned {
                facts: facts.clone(),
                slices: 2,
                bytes_total: 9,
                defect: damaged.then(|| error("truncated")),
            }),
            Just(Change::CancelRequested),
            Just(Change::Fault(error("poison"))),
            Just(Change::FinishStarted),
            Just(Change::Checked(Closing { pages: 1, ..Closing::default() })),
            Just(Change::Confirmed { by: "ann".to_owned() }),
            Just(Change::NotConfirmed),
            Just(Change::UploadDeleted),
            Just(Change::Ended(Closing { pages: 1, ..Closing::default() })),
        ]
    }

    /// Changes in an order that leads somewhere more often than chance does, with some of any kind in between.
    fn any_story() -> impl Strategy<Value = Vec<Change>> {
        let facts = FileFacts { vendor: Vendor::Disqus, origin: Origin::new("f"), evidence: String::new() };
        let leg = [
            Change::PlanStarted,
            Change::Planned { facts, slices: 2, bytes_total: 9, defect: None },
            Change::FinishStarted,
            Change::Checked(Closing::default()),
            Change::Confirmed { by: "ann".to_owned() },
        ];
        let usual = [Change::Uploaded { bytes: 9, sha256: "00".to_owned() }].into_iter().chain(leg.clone()).chain(leg);
        let usual: Vec<Change> = usual.chain([Change::UploadDeleted, Change::Ended(Closing::default())]).collect();
        let disturbed = prop::collection::vec((0..usual.len(), any_change()), 0..4).prop_map(move |others| {
            let mut story = usual.clone();
            for (place, other) in others {
                story.insert(place, other);
            }
            story
        });
        prop_oneof![prop::collection::vec(any_change(), 0..24), disturbed]
    }

    proptest! {
        /// Whatever is asked of a job in whatever order: a final state is never left, it is reached only through
        /// finishing, and it says what the job went through. Nothing is imported without a word of the admin where one
        /// was asked for.
        #[test]
        fn any_sequence_keeps_the_rules(check in prop::bool::ANY, changes in any_story()) {
            let mut job = new_job(check);
            for change in changes {
                let before = job.clone();
                match job.after(change.clone(), Timestamp::UNIX_EPOCH) {
                    Ok(after) => {
                        prop_assert!(!before.state.is_final(), "{change:?} moved a job that had ended");
                        if after.state.is_final() {
                            prop_assert_eq!(before.phase, Phase::Finishing);
                            prop_assert_eq!(before.state, JobState::Running);
                            let expected = if after.cancel_requested { JobState::Cancelled }
                                else if before.error.is_some() { JobState::Failed }
                                else { JobState::Succeeded };
                            prop_assert_eq!(after.state, expected);
                            prop_assert_eq!(after.state == JobState::Failed, after.error.is_some());
                            prop_assert!(after.ended_at.is_some());
                            prop_assert!(!check || after.confirmed || after.state != JobState::Succeeded);
                        }
                        let confirms = matches!(change, Change::Confirmed { .. });
                        prop_assert!(confirms || after.phase as u8 >= before.phase as u8, "a job never goes back");
                        prop_assert_eq!(before.leg() != after.leg(), confirms, "but once, when it is confirmed");
                        if confirms {
                            prop_assert_eq!(before.state, JobState::Waiting);
                            prop_assert_eq!((&after.tally, &after.closing), (&Tally::default(), &Closing::default()));
                            prop_assert_eq!(&after.checked, &before.checked);
                            prop_assert!(after.checked.is_some() && after.error.is_none() && !after.stopping);
                        }
                        prop_assert_eq!(after.is_dry_run(), check && !after.confirmed);
                        prop_assert!(!before.stopping || after.stopping);
                        job = after;
                    }
                    Err(illegal) => prop_assert_eq!(illegal.state, before.state),
                }
            }
        }
    }

    fn through(mut job: Job, steps: impl IntoIterator<Item = Change>) -> Job {
        for step in steps {
            job = job.after(step, Timestamp::UNIX_EPOCH).unwrap();
        }
        job
    }

    fn checked() -> Job {
        let facts = FileFacts { vendor: Vendor::Disqus, origin: Origin::new("f"), evidence: "e".to_owned() };
        let steps = [
            Change::Uploaded { bytes: 9, sha256: "00".to_owned() },
            Change::PlanStarted,
            Change::Planned { facts, slices: 1, bytes_total: 90, defect: None },
            Change::FinishStarted,
        ];
        let mut job = through(new_job(true), steps);
        job.tally.read.comments = 4;
        job.tally.outcome.created = 4;
        through(job, [Change::Checked(Closing { pages: 3, ..Closing::default() })])
    }

    #[test]
    fn a_confirmed_job_begins_anew_and_remembers_what_was_checked() {
        let waiting = checked();
        assert_eq!((waiting.state, waiting.is_dry_run()), (JobState::Waiting, true));
        assert_eq!(waiting.checked.as_ref().map(|checked| (checked.read.comments, checked.pages)), Some((4, 3)));
        let confirmed = through(waiting.clone(), [Change::Confirmed { by: "ann".to_owned() }]);
        assert_eq!(
            (confirmed.state, confirmed.phase, confirmed.is_dry_run()),
            (JobState::Queued, Phase::Planning, false)
        );
        let progress = Progress { bytes_stored: 9, ..Progress::default() };
        assert_eq!(
            (confirmed.progress, confirmed.tally, confirmed.checked),
            (progress, Tally::default(), waiting.checked)
        );
        assert_ne!(confirmed.id, waiting.id.of_check());
    }

    #[test]
    fn a_job_that_nobody_confirms_is_cancelled_and_keeps_what_was_checked() {
        for word in [Change::NotConfirmed, Change::CancelRequested] {
            let waiting = checked();
            let ended = through(waiting.clone(), [word, Change::FinishStarted, Change::Ended(waiting.closing.clone())]);
            assert_eq!((ended.state, ended.is_dry_run()), (JobState::Cancelled, true));
            assert_eq!((ended.tally, ended.closing, ended.checked), (waiting.tally, waiting.closing, waiting.checked));
        }
    }

    #[test]
    fn what_waits_is_neither_finished_nor_failed_by_those_who_come_late() {
        let late = [Change::FinishStarted, Change::Fault(error("late")), Change::UploadDeleted, Change::PlanStarted];
        for change in late.into_iter().chain([Change::Ended(Closing::default())]) {
            checked().after(change, Timestamp::UNIX_EPOCH).unwrap_err();
        }
    }

    #[test]
    fn a_damaged_file_is_imported_as_far_as_it_is_whole_and_then_fails() {
        let facts = FileFacts { vendor: Vendor::Disqus, origin: Origin::new("f"), evidence: "e".to_owned() };
        let steps = [
            Change::Uploaded { bytes: 9, sha256: "00".to_owned() },
            Change::PlanStarted,
            Change::Planned { facts, slices: 1, bytes_total: 9, defect: Some(error("truncated")) },
        ];
        let mut job = through(new_job(false), steps);
        assert!(!job.stopping, "its slices are read all the same");
        job = job.after(Change::FinishStarted, Timestamp::UNIX_EPOCH).unwrap();
        job = job.after(Change::Ended(Closing::default()), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(job.state, JobState::Failed);
        assert_eq!(job.error.unwrap().code, "truncated");
    }
}
