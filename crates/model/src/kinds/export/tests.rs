use proptest::prelude::*;

use super::*;
use crate::job::fixture::{any_change, ended, error, job_of, through};
use crate::{Ending, ExportFilter, ExportFormat, Pass};

fn new_export() -> Job {
    job_of(ExportOptions { format: ExportFormat::Csv, gzip: true, filter: ExportFilter::default() })
}

fn exported(begun_at: Revision) -> Change {
    let file = ExportFile { sha256: "00".to_owned(), expires_at: Timestamp::UNIX_EPOCH, deleted_at: None };
    ExportChange::Exported { begun_at, tally: ExportTally { comments: 5, ..ExportTally::default() }, bytes: 9, file }
        .into()
}

fn any_change_of_export() -> impl Strategy<Value = Change> {
    let goes_on = |begun_at| ExportChange::Progressed { begun_at, tally: ExportTally::default(), bytes: 3 }.into();
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
        2 => Just(ExportChange::FileDeleted.into()),
        1 => any_change(),
    ]
}

proptest! {
    /// An export succeeds exactly if its file is complete, and offers the file from then until it
    /// is deleted, once.
    #[test]
    fn only_a_whole_file_is_offered(changes in prop::collection::vec(any_change_of_export(), 0..24)) {
        let mut job = new_export();
        for change in changes {
            let before = job.clone();
            let Ok(mut after) = job.after(change.clone(), Timestamp::UNIX_EPOCH) else { continue };
            after.revision += 1;
            prop_assert!(!before.state.is_final() || change == ExportChange::FileDeleted.into());
            let is_whole = after.results.export.as_ref().is_some_and(|export| export.file.is_some());
            prop_assert!(after.state != JobState::Succeeded || is_whole);
            prop_assert!(!is_whole || after.phase == Phase::Finishing);
            let deletions = after.timeline.iter().filter(|entry| entry.event == TimelineEvent::FileDeleted).count();
            let is_offered = after.state == JobState::Succeeded && deletions == 0;
            prop_assert_eq!(after.offered_file().is_some(), is_offered);
            prop_assert!(deletions <= 1);
            if let Change::OfKind(KindChange::Export(
                ExportChange::Exported { begun_at, .. } | ExportChange::Progressed { begun_at, .. },
            )) = change
            {
                prop_assert_eq!(before.results.export.map(|export| export.begun_at), Some(begun_at), "who began last reports");
            }
            prop_assert_eq!((after.pass(), after.is_dry_run()), (Pass::Import, false));
            job = after;
        }
    }
}

#[test]
fn an_export_ends_with_its_file_and_loses_it_once() {
    let job = through(new_export(), [Change::AttemptStarted, exported(2), Change::FinishStarted, ended(Ending::Other)]);
    assert_eq!((job.state, job.attempts), (JobState::Succeeded, 0));
    assert_eq!(job.offered_file().map(|file| file.sha256.as_str()), Some("00"));
    job.after(Change::CancelRequested, Timestamp::UNIX_EPOCH).unwrap_err();
    let job = through(job, [ExportChange::FileDeleted.into()]);
    assert!(job.offered_file().is_none());
    job.after(ExportChange::FileDeleted.into(), Timestamp::UNIX_EPOCH).unwrap_err();
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
    assert_eq!(job.results.export.map(|export| export.begun_at), Some(3));
}
