//! Part of the contract of [`JobStore`]: reports of slices are taken back when the comment store
//! has less.

use rethread_model::{Change, Phase, SliceNumber, SliceSpec, Step};
use rethread_stores::{ErrorKind, JobStore, StepReport};

use super::fixture::fresh_account;
use super::jobs::{apply, get, importing, report, spec};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn JobStore) {
    slices_come_back_as_they_were_planned(store).await;
    a_reopened_slice_is_read_again(store).await;
    a_slice_at_work_goes_on_from_what_is_written(store).await;
    a_job_that_is_past_it_keeps_what_was_reported(store).await;
}

async fn slices_come_back_as_they_were_planned(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 12).await;
    let planned: Vec<SliceSpec> = (0..12).map(spec).collect();
    assert_eq!(store.slices(&account, job.id).await.expect("slices"), planned, "by number, with what is in them");
}

/// All of it was read, and then the comment store lost half of it.
async fn a_reopened_slice_is_read_again(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 2).await;
    let read = StepReport { ended: true, complete: true, ..report(100, 9) };
    store.open_slices(&account, job.id, 2).await.expect("slices");
    for number in [0, 1] {
        store.report(&account, job.id, Step::Slice(SliceNumber(number)), &read).await.expect("a report");
    }
    let number = SliceNumber(1);
    for _ in 0..2 {
        let slice_progress = store.reopen_slice(&account, job.id, number, &report(50, 4)).await.expect("a slice");
        assert_eq!((slice_progress.open, slice_progress.pending, slice_progress.is_read()), (0, 1, false));
        let job = get(store, &job).await;
        assert_eq!((job.progress.slices_done, job.progress.bytes_read), (1, 150));
        assert_eq!((job.tally.read.comments, job.tally.outcome.created), (13, 13));
    }
    let start = store.begin_slice(&account, job.id, number).await.expect("a start");
    assert_eq!((start.is_ended, start.attempts, start.reported_bytes), (false, 1, 50));
    let slice_progress = store.report(&account, job.id, Step::Slice(number), &read).await.expect("a report");
    let job = get(store, &job).await;
    assert!(slice_progress.is_read());
    assert_eq!((job.progress.slices_done, job.progress.bytes_read, job.tally.read.comments), (2, 200, 18));
    let missing = store.reopen_slice(&account, job.id, SliceNumber(7), &report(0, 0)).await;
    assert_eq!(missing.expect_err("there is no such slice").kind(), ErrorKind::NotFound);
}

async fn a_slice_at_work_goes_on_from_what_is_written(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 1).await;
    let (number, step) = (SliceNumber(0), Step::Slice(SliceNumber(0)));
    store.begin_slice(&account, job.id, number).await.expect("a start");
    store.report(&account, job.id, step, &report(80, 8)).await.expect("a report");
    let start = store.begin_slice(&account, job.id, number).await.expect("a start");
    assert_eq!((start.is_ended, start.reported_bytes), (false, 80));
    store.reopen_slice(&account, job.id, number, &report(30, 3)).await.expect("a slice");
    store.report(&account, job.id, step, &report(40, 4)).await.expect("a report");
    let job = get(store, &job).await;
    assert_eq!((job.progress.bytes_read, job.tally.read.comments), (40, 4), "what it reports next counts");
}

async fn a_job_that_is_past_it_keeps_what_was_reported(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 1).await;
    let read = StepReport { ended: true, complete: true, ..report(100, 9) };
    store.report(&account, job.id, Step::Slice(SliceNumber(0)), &read).await.expect("a report");
    let finishing = apply(store, &job, Change::FinishStarted).await;
    assert_eq!(finishing.phase, Phase::Finishing);
    store.reopen_slice(&account, job.id, SliceNumber(0), &report(1, 1)).await.expect("nothing");
    assert_eq!(get(store, &job).await, finishing);
}
