//! The part of the contract of [`JobStore`] about jobs that wait: for a worker, or for an admin's
//! confirmation between a check and its import.

use rethread_model::{
    Change, FileFacts, ImportOptions, ImportSummary, Job, JobId, JobState, Origin, Pass, Reach, SliceNumber, Step,
    Tally, TaskKind, Timestamp, Vendor, testing,
};
use rethread_stores::{JobStore, StepReport};

use super::fixture::{at, fresh_account, job_with, new_job};
use super::jobs::{apply, report, spec};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn JobStore) {
    a_confirmed_job_begins_with_nothing_of_its_check(store).await;
    a_late_report_of_a_check_is_passed_over(store).await;
    what_waits_for_a_word_is_not_overdue_until_it_is_stopped(store).await;
    the_queue_is_in_the_order_of_arrival(store).await;
}

const SLICE: Step = Step::Slice(SliceNumber(0));

async fn get(store: &dyn JobStore, job: &Job) -> Job {
    store.get(&Reach::All, job.id).await.expect("an answer").expect("a job")
}

/// Takes a job from a complete upload to slices, the first of which is open.
async fn plan(store: &dyn JobStore, job: &Job, slices: u32) {
    apply(store, job, Change::AttemptStarted).await;
    let specs: Vec<_> = (0..slices).map(spec).collect();
    store.add_slices(&job.account, job.id, &specs).await.expect("slices");
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("forum"), "a test".to_owned());
    apply(store, job, Change::Planned { facts, slices, bytes_total: 100, defect: None, sha256: None }).await;
    let opened = store.open_slices(&job.account, job.id, 1).await.expect("slices");
    assert_eq!(opened, [SliceNumber(0)]);
}

fn read(pass: Pass, comments: i64) -> StepReport {
    StepReport { pass, ended: true, complete: true, ..report(100, comments) }
}

/// A job whose one slice was checked.
async fn checked(store: &dyn JobStore) -> Job {
    let options = ImportOptions { check: true, ..ImportOptions::default() };
    let job = job_with(&fresh_account(), 0, options);
    store.create(&job).await.expect("a new job");
    apply(store, &job, Change::Uploaded { bytes: 9, sha256: "00".to_owned() }).await;
    plan(store, &job, 1).await;
    store.report(&job.account, job.id, SLICE, &read(Pass::Check, 4)).await.expect("a report");
    apply(store, &job, Change::FinishStarted).await;
    let reach = Reach::Account(job.account.clone());
    let finishing = store.get(&reach, job.id).await.expect("an answer").expect("a job");
    let proof = testing::proof(&finishing).expect("everything is written");
    apply(store, &job, Change::Checked(ImportSummary { pages: 2, ..ImportSummary::default() }, proof)).await
}

async fn confirm(store: &dyn JobStore, job: &Job) -> Job {
    apply(store, job, Change::Confirmed { by: "ann".to_owned(), site_url: None, pages_as_before: false }).await
}

async fn a_confirmed_job_begins_with_nothing_of_its_check(store: &dyn JobStore) {
    let waiting = checked(store).await;
    assert_eq!((waiting.state, waiting.tally.read.comments), (JobState::Waiting, 4));
    assert_eq!(get(store, &waiting).await, waiting, "what was found comes back as it was stored");
    let confirmed = confirm(store, &waiting).await;
    let stored = get(store, &waiting).await;
    assert_eq!(stored, confirmed);
    assert_eq!((stored.tally, stored.progress.bytes_stored, stored.progress.bytes_read), (Tally::default(), 9, 0));
    assert_eq!(stored.checked.expect("what was found").read.comments, 4);
    let slice_progress = store.slice_progress(&waiting.account, waiting.id).await.expect("a slice_progress");
    assert_eq!((slice_progress.open, slice_progress.pending), (0, 0));

    // The next pass may be sliced differently, and reports everything from the start.
    plan(store, &waiting, 2).await;
    let start = store.begin_slice(&waiting.account, waiting.id, SliceNumber(0)).await.expect("a start");
    assert_eq!((start.attempts, start.is_ended), (1, false));
    store.report(&waiting.account, waiting.id, SLICE, &read(Pass::Import, 3)).await.expect("a report");
    let imported = get(store, &waiting).await;
    assert_eq!(
        (imported.tally.read.comments, imported.progress.bytes_read, imported.progress.slices_done),
        (3, 100, 1)
    );
}

/// From a worker that stalled during the confirmation.
async fn a_late_report_of_a_check_is_passed_over(store: &dyn JobStore) {
    let waiting = checked(store).await;
    let (account, id) = (&waiting.account, waiting.id);
    for step in [SLICE, Step::Finish] {
        let late = StepReport { pass: Pass::Check, ..report(200, 40) };
        store.report(account, id, step, &late).await.expect("an answer");
        assert_eq!(get(store, &waiting).await, waiting, "what waits changes by an admin's word alone");
    }
    confirm(store, &waiting).await;
    plan(store, &waiting, 1).await;
    let before = get(store, &waiting).await;
    for late in [read(Pass::Check, 40), StepReport { pass: Pass::Check, ..report(10, 40) }] {
        let slice_progress = store.report(account, id, SLICE, &late).await.expect("an answer");
        assert_eq!(slice_progress.open, 1);
        assert_eq!(get(store, &waiting).await, before);
    }
}

async fn what_waits_for_a_word_is_not_overdue_until_it_is_stopped(store: &dyn JobStore) {
    let waiting = checked(store).await;
    let overdue = async || {
        let overdue = store.overdue(Timestamp::MAX).await.expect("what is overdue").tasks;
        overdue.into_iter().filter(|task| task.job == waiting.id).map(|task| task.kind).collect::<Vec<_>>()
    };
    let unconfirmed = async |before| {
        let jobs = store.unconfirmed(before).await.expect("jobs");
        jobs.contains(&(waiting.account.clone(), waiting.id))
    };
    assert_eq!(overdue().await, []);
    assert!(unconfirmed(at(0)).await && !unconfirmed(at(-1)).await);
    confirm(store, &checked(store).await).await;
    apply(store, &waiting, Change::NotConfirmed).await;
    assert_eq!(overdue().await, [TaskKind::Finish]);
    assert!(!unconfirmed(Timestamp::MAX).await, "its end is on the way");

    let confirmed = checked(store).await;
    confirm(store, &confirmed).await;
    let tasks = store.overdue(Timestamp::MAX).await.expect("what is overdue").tasks;
    let kinds: Vec<_> = tasks.iter().filter(|task| task.job == confirmed.id).map(|task| task.kind).collect();
    assert_eq!(kinds, [TaskKind::Plan], "its planner was never told, or was killed");
}

/// Others may use the store at the same time.
async fn the_queue_is_in_the_order_of_arrival(store: &dyn JobStore) {
    let account = fresh_account();
    let mut jobs = Vec::new();
    for second in 0..4 {
        let job = new_job(&account, second);
        store.create(&job).await.expect("a new job");
        jobs.push(job);
    }
    let queue = async || {
        let ids = store.queued().await.expect("jobs");
        ids.into_iter().filter_map(|id| jobs.iter().position(|job| job.id == id)).collect::<Vec<_>>()
    };
    assert_eq!(queue().await, [0; 0], "their uploads are on the way");
    for (number, second) in [(2, 1), (0, 2), (3, 3), (1, 4)] {
        let clock = rethread_model::FixedClock::new(at(second));
        let uploaded = Change::Uploaded { bytes: 9, sha256: "00".to_owned() };
        let changed = rethread_stores::change(store, &clock, &account, jobs[number].id, uploaded).await;
        changed.expect("a change").expect("a change that the job takes");
    }
    assert_eq!(queue().await, [2, 0, 3, 1]);
    apply(store, &jobs[0], Change::CancelRequested).await;
    apply(store, &jobs[2], Change::AttemptStarted).await;
    assert_eq!(queue().await, [3, 1], "what a worker has, or nobody wants any more, does not wait");
    let ids: Vec<JobId> = store.queued().await.expect("jobs");
    assert_eq!(ids.iter().filter(|id| **id == jobs[3].id).count(), 1);
}
