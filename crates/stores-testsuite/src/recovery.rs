//! The part of the contract of [`JobStore`] about recovery: what is overdue, and events.

use rethread_model::{
    AccountId, Change, Ending, Event, EventId, FixedClock, ImportSummary, Job, JobError, JobState, SliceNumber, Step,
    Tally, TaskKind, Timestamp,
};
use rethread_stores::{JobStore, StepReport, change};

use super::fixture::{at, fresh_account, new_job};
use super::jobs::{apply, end, importing, report};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn JobStore) {
    what_moved_lately_is_not_overdue(store).await;
    every_phase_has_its_task(store).await;
    open_slices_are_overdue_one_by_one(store).await;
    a_window_that_nobody_opened_is_noticed(store).await;
    a_stopping_job_is_finished(store).await;
    a_failed_job_has_an_event(store).await;
}

const EVERYTHING: Timestamp = Timestamp::MAX;

fn slice(number: u32) -> TaskKind {
    TaskKind::Slice { number: SliceNumber(number) }
}

/// What is overdue for an account; others may use the store at the same time.
async fn overdue(store: &dyn JobStore, account: &AccountId, before: Timestamp) -> Vec<TaskKind> {
    let overdue = store.overdue(before).await.expect("what is overdue");
    overdue.tasks.into_iter().filter(|task| task.account == *account).map(|task| task.kind).collect()
}

async fn what_moved_lately_is_not_overdue(store: &dyn JobStore) {
    let account = fresh_account();
    let job = new_job(&account, 100);
    store.create(&job).await.expect("a new job");
    assert_eq!(overdue(store, &account, at(99)).await, []);
    assert_eq!(overdue(store, &account, at(100)).await, [TaskKind::Finish], "its upload stopped arriving");
}

async fn every_phase_has_its_task(store: &dyn JobStore) {
    let account = fresh_account();
    let job = new_job(&account, 0);
    store.create(&job).await.expect("a new job");
    apply(store, &job, Change::Uploaded { bytes: 1, sha256: "00".to_owned() }).await;
    assert_eq!(overdue(store, &account, EVERYTHING).await, [TaskKind::Plan], "it waits for a planner");
    apply(store, &job, Change::AttemptStarted).await;
    assert_eq!(overdue(store, &account, EVERYTHING).await, [TaskKind::Plan], "its planner was killed");
    apply(store, &job, Change::CancelRequested).await;
    apply(store, &job, Change::FinishStarted).await;
    assert_eq!(overdue(store, &account, EVERYTHING).await, [TaskKind::Finish]);
    end(store, &job).await;
    assert_eq!(overdue(store, &account, EVERYTHING).await, [], "it has ended");
}

async fn open_slices_are_overdue_one_by_one(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 3).await;
    store.open_slices(&account, job.id, 2).await.expect("slices");
    assert_eq!(overdue(store, &account, EVERYTHING).await, [slice(0), slice(1)]);
    assert_eq!(overdue(store, &account, Timestamp::MIN).await, []);
    for number in [0, 1] {
        let ended = StepReport { ended: true, complete: true, ..report(100, 1) };
        store.report(&account, job.id, Step::Slice(SliceNumber(number)), &ended).await.expect("a report");
    }
    store.open_slices(&account, job.id, 2).await.expect("slices");
    assert_eq!(overdue(store, &account, EVERYTHING).await, [slice(2)]);
    let ended = StepReport { ended: true, complete: true, ..report(100, 1) };
    store.report(&account, job.id, Step::Slice(SliceNumber(2)), &ended).await.expect("a report");
    assert_eq!(overdue(store, &account, EVERYTHING).await, [TaskKind::Finish], "everything is read");
}

/// The worker of the last open slice died before it opened the next.
async fn a_window_that_nobody_opened_is_noticed(store: &dyn JobStore) {
    let account = fresh_account();
    importing(store, &account, 2).await;
    assert_eq!(overdue(store, &account, EVERYTHING).await, [TaskKind::Plan]);
}

async fn a_stopping_job_is_finished(store: &dyn JobStore) {
    let account = fresh_account();
    let planning = new_job(&account, 0);
    store.create(&planning).await.expect("a new job");
    apply(store, &planning, Change::Uploaded { bytes: 1, sha256: "00".to_owned() }).await;
    apply(store, &planning, Change::CancelRequested).await;
    assert_eq!(overdue(store, &account, EVERYTHING).await, [TaskKind::Finish]);

    let account = fresh_account();
    let job = importing(store, &account, 3).await;
    store.open_slices(&account, job.id, 1).await.expect("slices");
    apply(store, &job, Change::CancelRequested).await;
    assert_eq!(overdue(store, &account, EVERYTHING).await, [slice(0)], "its worker shall say where it stopped");
    let gave_up = StepReport { ended: true, ..report(10, 1) };
    store.report(&account, job.id, Step::Slice(SliceNumber(0)), &gave_up).await.expect("a report");
    assert_eq!(overdue(store, &account, EVERYTHING).await, [TaskKind::Finish], "what is pending is not read any more");
}

async fn a_failed_job_has_an_event(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 1).await;
    let error = JobError { code: "truncated".to_owned(), message: "the file ends early".to_owned(), offset: Some(7) };
    apply(store, &job, Change::Fault(error.clone())).await;
    apply(store, &job, Change::FinishStarted).await;
    assert!(event_of(store, &job, EVERYTHING).await.is_none(), "it has not failed yet");
    let clock = FixedClock::new(at(50));
    let ended = Change::Ended(ImportSummary::default(), Ending::Partial(Tally::default()));
    let failed = change(store, &clock, &account, job.id, ended).await.expect("a change").expect("an end");
    assert_eq!(failed.state, JobState::Failed);

    assert!(event_of(store, &job, at(49)).await.is_none());
    let Event::JobFailed(event) = event_of(store, &job, at(50)).await.expect("an event");
    assert_eq!((event.id, event.state, event.error), (EventId::of_job_end(job.id), JobState::Failed, Some(error)));
    assert_eq!((event.at, event.vendor), (at(50), failed.facts.map(|facts| facts.vendor)));

    assert!(!store.is_delivered(event.id, "log").await.expect("an answer"));
    store.mark_delivered(event.id, "log").await.expect("a mark");
    store.mark_delivered(event.id, "log").await.expect("a mark, once more");
    assert!(store.is_delivered(event.id, "log").await.expect("an answer"));
    assert!(!store.is_delivered(event.id, "e-mail").await.expect("an answer"), "each channel has its own mark");
    assert!(event_of(store, &job, EVERYTHING).await.is_some(), "not all channels have it");
    store.event_done(event.id).await.expect("a mark");
    assert!(event_of(store, &job, EVERYTHING).await.is_none());
}

async fn event_of(store: &dyn JobStore, job: &Job, before: Timestamp) -> Option<Event> {
    let overdue = store.overdue(before).await.expect("what is overdue");
    overdue.events.into_iter().find(|event| event.id() == EventId::of_job_end(job.id))
}
