use proptest::prelude::*;

use super::*;
use crate::{ExportFormat, ExportOptions, ImportOptions, JobId, NewJob, Order, Origin, Vendor, testing};

fn ordered(order: Order) -> Job {
    let new = NewJob {
        id: JobId::new(Timestamp::UNIX_EPOCH, &[7; 10]),
        account: "a".parse().unwrap(),
        started_by: "ann".to_owned(),
        file_name: None,
        order,
    };
    Job::new(new, Timestamp::UNIX_EPOCH)
}

fn new_job(check: bool) -> Job {
    ordered(ImportOptions { check, ..ImportOptions::default() }.into())
}

fn new_export() -> Job {
    ordered(ExportOptions { format: ExportFormat::Csv, gzip: true, filter: crate::ExportFilter::default() }.into())
}

fn new_move() -> Job {
    let place = |domain: &str| crate::MoveTarget::Domain(domain.to_owned());
    let rule = crate::MoveRule::new(place("old.example"), place("new.example")).unwrap();
    ordered(crate::Moving::Rule(rule).into())
}

fn exported(begun_at: Revision) -> Change {
    let file = ExportFile { sha256: "00".to_owned(), expires_at: Timestamp::UNIX_EPOCH, deleted_at: None };
    Change::Exported { begun_at, tally: ExportTally { comments: 5, ..ExportTally::default() }, bytes: 9, file }
}

fn error(code: &str) -> JobError {
    JobError { code: code.to_owned(), message: format!("{code} happened"), offset: Some(3) }
}

fn ended(ending: Ending) -> Change {
    Change::Ended(ImportSummary::default(), ending)
}

/// Proof that the check, or the import, of the two slices planned by [`any_change`] is complete.
fn proof_of(check: bool) -> Reconciled {
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("f"), String::new());
    let progress = Progress { slices_total: 2, bytes_total: 9, ..Progress::default() };
    testing::proof(&Job { facts: Some(facts), progress, ..new_job(check) }).unwrap()
}

fn any_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        any::<bool>().prop_map(|check| Ending::Reconciled(proof_of(check))),
        Just(Ending::Partial(Tally::default())),
        Just(Ending::Other),
    ]
}

fn any_change() -> impl Strategy<Value = Change> {
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("f"), String::new());
    prop_oneof![
        Just(Change::Uploaded { bytes: 9, sha256: "00".to_owned() }),
        Just(Change::AttemptStarted),
        Just(Change::Heartbeat),
        Just(Change::AttemptReleased),
        prop::bool::ANY.prop_map(move |damaged| Change::Planned {
            facts: facts.clone(),
            slices: 2,
            bytes_total: 9,
            sha256: None,
            defect: damaged.then(|| error("truncated")),
        }),
        Just(Change::CancelRequested),
        Just(Change::Fault(error("poison"))),
        Just(Change::FinishStarted),
        any::<bool>().prop_map(|checks| Change::Checked(
            ImportSummary { pages: 1, ..ImportSummary::default() },
            proof_of(checks)
        )),
        Just(Change::Confirmed { by: "ann".to_owned(), site_url: None, pages_as_before: false }),
        Just(Change::NotConfirmed),
        Just(Change::UploadDeleted),
        any_ending().prop_map(|ending| Change::Ended(ImportSummary { pages: 1, ..ImportSummary::default() }, ending)),
        Just(Change::NotReconciled(error("incomplete"))),
    ]
}

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

fn any_change_of_an_export() -> impl Strategy<Value = Change> {
    let goes_on = |begun_at| Change::ExportGoesOn { begun_at, tally: ExportTally::default(), bytes: 3 };
    prop_oneof![
        4 => Just(Change::AttemptStarted),
        1 => Just(Change::Heartbeat),
        1 => Just(Change::AttemptReleased),
        2 => (1..5_u64).prop_map(goes_on),
        3 => (1..5_u64).prop_map(exported),
        1 => Just(Change::CancelRequested),
        1 => Just(Change::Fault(error("crashes"))),
        1 => Just(Change::FinishStarted),
        3 => Just(ended(Ending::Other)),
        2 => Just(Change::FileDeleted),
        1 => any_change(),
    ]
}

proptest! {
    /// An export succeeds exactly if its file is complete, and offers the file from then until it
    /// is deleted, once.
    #[test]
    fn only_a_whole_file_is_offered(changes in prop::collection::vec(any_change_of_an_export(), 0..24)) {
        let mut job = new_export();
        for change in changes {
            let before = job.clone();
            let Ok(mut after) = job.after(change.clone(), Timestamp::UNIX_EPOCH) else { continue };
            after.revision += 1;
            prop_assert!(!before.state.is_final() || change == Change::FileDeleted);
            let is_whole = after.export.as_ref().is_some_and(|export| export.file.is_some());
            prop_assert!(after.state != JobState::Succeeded || is_whole);
            prop_assert!(!is_whole || after.phase == Phase::Finishing);
            let deletions = after.timeline.iter().filter(|entry| entry.event == TimelineEvent::FileDeleted).count();
            let is_offered = after.state == JobState::Succeeded && deletions == 0;
            prop_assert_eq!(after.offered_file().is_some(), is_offered);
            prop_assert!(deletions <= 1);
            if let Change::Exported { begun_at, .. } | Change::ExportGoesOn { begun_at, .. } = change {
                prop_assert_eq!(before.export.map(|export| export.begun_at), Some(begun_at), "who began last reports");
            }
            prop_assert_eq!((after.pass(), after.is_dry_run()), (Pass::Import, false));
            job = after;
        }
    }
}

fn through(mut job: Job, steps: impl IntoIterator<Item = Change>) -> Job {
    for step in steps {
        job = job.after(step, Timestamp::UNIX_EPOCH).unwrap();
        job.revision += 1;
    }
    job
}

fn checked() -> Job {
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("f"), "e".to_owned());
    let steps = [
        Change::Uploaded { bytes: 9, sha256: "00".to_owned() },
        Change::AttemptStarted,
        Change::Planned { facts, slices: 1, bytes_total: 90, defect: None, sha256: None },
        Change::FinishStarted,
    ];
    let mut job = through(new_job(true), steps);
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
    let mut job = through(new_job(false), steps);
    assert!(!job.stopping, "its slices are read all the same");
    job = job.after(Change::FinishStarted, Timestamp::UNIX_EPOCH).unwrap();
    job = job.after(ended(Ending::Partial(Tally::default())), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(job.state, JobState::Failed);
    assert_eq!(job.error.unwrap().code, "truncated");
}

#[test]
fn an_export_ends_with_its_file_and_loses_it_once() {
    let job = through(new_export(), [Change::AttemptStarted, exported(2), Change::FinishStarted, ended(Ending::Other)]);
    assert_eq!((job.state, job.attempts), (JobState::Succeeded, 0));
    assert_eq!(job.offered_file().map(|file| file.sha256.as_str()), Some("00"));
    job.after(Change::CancelRequested, Timestamp::UNIX_EPOCH).unwrap_err();
    let job = through(job, [Change::FileDeleted]);
    assert!(job.offered_file().is_none());
    job.after(Change::FileDeleted, Timestamp::UNIX_EPOCH).unwrap_err();
}

#[test]
fn a_cancelled_export_offers_nothing_though_a_worker_comes_late_with_the_file() {
    let job = through(new_export(), [Change::AttemptStarted, Change::CancelRequested]);
    job.after(exported(2), Timestamp::UNIX_EPOCH).unwrap_err();
    let job = through(job, [Change::FinishStarted, ended(Ending::Other)]);
    assert_eq!((job.state, job.offered_file()), (JobState::Cancelled, None));
}

#[test]
fn of_two_workers_at_one_export_the_later_one_counts() {
    let job = through(new_export(), [Change::AttemptStarted, Change::AttemptStarted]);
    job.after(exported(2), Timestamp::UNIX_EPOCH).unwrap_err();
    let job = through(job, [exported(3)]);
    assert_eq!(job.export.map(|export| export.begun_at), Some(3));
}

#[test]
fn a_move_ends_when_all_is_moved_and_one_that_is_cancelled_says_what_stays() {
    let tally = crate::MoveTally { threads: 3, ..crate::MoveTally::default() };
    let begun = through(new_move(), [Change::AttemptStarted, Change::MoveGoesOn(tally)]);
    assert_eq!((begun.phase, begun.attempts, begun.moved), (Phase::Moving, 0, Some(tally)));
    begun.after(Change::FinishStarted, Timestamp::UNIX_EPOCH).unwrap_err();
    let end = [Change::FinishStarted, ended(Ending::Other)];
    let moved = through(begun.clone(), [Change::Moved(tally)].into_iter().chain(end.clone()));
    assert_eq!((moved.state, moved.moved), (JobState::Succeeded, Some(tally)));
    let cancelled = through(begun, [Change::CancelRequested].into_iter().chain(end));
    assert_eq!((cancelled.state, cancelled.moved), (JobState::Cancelled, Some(tally)));
    assert!(cancelled.timeline.last().unwrap().text.contains("can be undone"));
}
