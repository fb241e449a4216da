use proptest::prelude::*;

use super::*;
use crate::job::fixture::{any_change, ended, error, new_import, proof_of, through};
use crate::{ImportSummary, Origin, Progress, Tally, Vendor, testing};

/// Changes in an order that leads further than chance would, mixed with random ones.
fn any_story() -> impl Strategy<Value = Vec<Change>> {
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("f"), String::new());
    let pass = [
        Change::AttemptStarted,
        Change::Planned { facts, slices: 2, bytes_total: 9, defect: None, sha256: None },
        Change::FinishStarted,
        Change::Checked(ImportSummary::default(), proof_of(true)),
        Change::Confirmed { by: "ann".to_owned(), site_url: None, pages_as_before: false },
    ];
    let usual = [Change::Uploaded { bytes: 9, sha256: "00".to_owned() }].into_iter().chain(pass.clone()).chain(pass);
    let usual: Vec<Change> = usual.chain([Change::UploadDeleted, ended(Ending::Reconciled(proof_of(false)))]).collect();
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
    /// Whatever changes come in whatever order: a final state is never left, it is reached only
    /// through finishing, and it matches the job's history. Nothing is imported without the admin's
    /// confirmation if one was required.
    #[test]
    fn any_sequence_keeps_the_rules(check in prop::bool::ANY, changes in any_story()) {
        let mut job = new_import(check);
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
                        let is_proven = matches!(change, Change::Ended(_, Ending::Reconciled(_)));
                        prop_assert!(is_proven || after.state != JobState::Succeeded);
                    }
                    let confirms = matches!(change, Change::Confirmed { .. });
                    prop_assert!(confirms || after.phase as u8 >= before.phase as u8, "a job never goes back");
                    prop_assert_eq!(before.pass() != after.pass(), confirms, "but once, when it is confirmed");
                    if confirms {
                        prop_assert_eq!(before.state, JobState::Waiting);
                        prop_assert_eq!((&after.tally, &after.summary), (&Tally::default(), &ImportSummary::default()));
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

fn checked() -> Job {
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("f"), "e".to_owned());
    let steps = [
        Change::Uploaded { bytes: 9, sha256: "00".to_owned() },
        Change::AttemptStarted,
        Change::Planned { facts, slices: 1, bytes_total: 90, defect: None, sha256: None },
        Change::FinishStarted,
    ];
    let mut job = through(new_import(true), steps);
    job.tally.read.comments = 4;
    job.tally.outcome.created = 4;
    let proof = testing::proof(&job).unwrap();
    through(job, [Change::Checked(ImportSummary { pages: 3, ..ImportSummary::default() }, proof)])
}

#[test]
fn a_confirmed_job_begins_anew_and_remembers_what_was_checked() {
    let waiting = checked();
    assert_eq!((waiting.state, waiting.is_dry_run()), (JobState::Waiting, true));
    assert_eq!(waiting.checked.as_ref().map(|checked| (checked.read.comments, checked.pages)), Some((4, 3)));
    let confirmed =
        through(waiting.clone(), [Change::Confirmed { by: "ann".to_owned(), site_url: None, pages_as_before: false }]);
    assert_eq!((confirmed.state, confirmed.phase, confirmed.is_dry_run()), (JobState::Queued, Phase::Planning, false));
    let progress = Progress { bytes_stored: 9, ..Progress::default() };
    assert_eq!((confirmed.progress, confirmed.tally, confirmed.checked), (progress, Tally::default(), waiting.checked));
    assert_ne!(confirmed.id, waiting.id.of_check());
}

#[test]
fn a_job_that_nobody_confirms_is_cancelled_and_keeps_what_was_checked() {
    for word in [Change::NotConfirmed, Change::CancelRequested] {
        let waiting = checked();
        let ended = through(
            waiting.clone(),
            [
                word,
                Change::FinishStarted,
                Change::Ended(waiting.summary.clone(), Ending::Partial(waiting.tally.clone())),
            ],
        );
        assert_eq!((ended.state, ended.is_dry_run()), (JobState::Cancelled, true));
        assert_eq!((ended.tally, ended.summary, ended.checked), (waiting.tally, waiting.summary, waiting.checked));
    }
}

#[test]
fn what_waits_is_neither_finished_nor_failed_by_those_who_come_late() {
    let late = [Change::FinishStarted, Change::Fault(error("late")), Change::UploadDeleted, Change::AttemptStarted];
    for change in late.into_iter().chain([ended(Ending::Partial(Tally::default()))]) {
        checked().after(change, Timestamp::UNIX_EPOCH).unwrap_err();
    }
}

#[test]
fn a_damaged_file_is_imported_as_far_as_it_is_whole_and_then_fails() {
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("f"), "e".to_owned());
    let steps = [
        Change::Uploaded { bytes: 9, sha256: "00".to_owned() },
        Change::AttemptStarted,
        Change::Planned { facts, slices: 1, bytes_total: 9, defect: Some(error("truncated")), sha256: None },
    ];
    let mut job = through(new_import(false), steps);
    assert!(!job.stopping, "its slices are read all the same");
    job = job.after(Change::FinishStarted, Timestamp::UNIX_EPOCH).unwrap();
    job = job.after(ended(Ending::Partial(Tally::default())), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(job.state, JobState::Failed);
    assert_eq!(job.error.unwrap().code, "truncated");
}
