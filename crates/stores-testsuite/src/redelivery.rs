//! The part of the contract of [`JobStore`] that keeps recovery from flooding the queue: what is
//! published once, what is postponed, and the counts of jobs.

use std::time::Duration;

use rethread_model::{
    AccountId, Change, Event, Job, JobError, JobState, Reach, SliceNumber, Step, Task, TaskKind, Timestamp,
    TraceParent, Vendor,
};
use rethread_stores::{ErrorKind, JobCounts, JobStore};

use super::fixture::{fresh_account, job_id, new_job};
use super::jobs::{apply, end, importing, report};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn JobStore) {
    what_was_told_is_not_told_again_at_once(store).await;
    of_many_janitors_one_is_told(store).await;
    an_event_is_told_once(store).await;
    a_postponed_slice_is_held_back(store).await;
    a_postponed_plan_counts_until_it_gets_further(store).await;
    the_census_counts_what_is_unfinished(store).await;
}

const HOUR: Duration = Duration::from_hours(1);
const NO_TIME: Duration = Duration::ZERO;

/// The current time of the store's clock, as it writes it into jobs.
async fn time_of(store: &dyn JobStore) -> Timestamp {
    let job = importing(store, &fresh_account(), 1).await;
    store.report(&job.account, job.id, Step::Plan, &report(1, 1)).await.expect("a report");
    store.get(&Reach::All, job.id).await.expect("an answer").expect("a job").updated_at
}

async fn tasks(store: &dyn JobStore, account: &AccountId, before: Timestamp) -> Vec<Task> {
    let overdue = store.overdue(before).await.expect("what is overdue");
    overdue.tasks.into_iter().filter(|task| task.account == *account).collect()
}

async fn kinds(store: &dyn JobStore, account: &AccountId, before: Timestamp) -> Vec<TaskKind> {
    tasks(store, account, before).await.into_iter().map(|task| task.kind).collect()
}

fn trace() -> Option<TraceParent> {
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().ok()
}

/// A job with a trace whose upload has stalled for two hours.
async fn still(store: &dyn JobStore) -> Job {
    let mut job = new_job(&fresh_account(), 0);
    job.updated_at = time_of(store).await - 2 * HOUR;
    job.trace = trace();
    store.create(&job).await.expect("a new job");
    job
}

async fn what_was_told_is_not_told_again_at_once(store: &dyn JobStore) {
    let job = still(store).await;
    let an_hour_ago = time_of(store).await - HOUR;
    let told = tasks(store, &job.account, an_hour_ago).await;
    assert_eq!(told, [Task::of(&job, TaskKind::Finish)]);
    assert!(told[0].trace.is_some() && told[0].trace == job.trace);
    assert_eq!(kinds(store, &job.account, an_hour_ago).await, [], "it was told in this interval");
    assert_eq!(kinds(store, &job.account, Timestamp::MAX).await, [TaskKind::Finish], "everything is everything");

    let mut moved = job.clone();
    moved.file_name = Some("renamed".to_owned());
    store.replace(&moved).await.expect("a change");
    assert_eq!(kinds(store, &job.account, an_hour_ago).await, [TaskKind::Finish], "it moved and stood still again");
}

async fn of_many_janitors_one_is_told(store: &dyn JobStore) {
    let job = still(store).await;
    let an_hour_ago = time_of(store).await - HOUR;
    let ask = || kinds(store, &job.account, an_hour_ago);
    let (one, two, three, four) = tokio::join!(ask(), ask(), ask(), ask());
    assert_eq!([one, two, three, four].concat(), [TaskKind::Finish]);
}

async fn an_event_is_told_once(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 1).await;
    let error = JobError { code: "truncated".to_owned(), message: "the file ends early".to_owned(), offset: None };
    apply(store, &job, Change::Fault(error)).await;
    let mut failed = apply(store, &job, Change::FinishStarted).await;
    failed.state = JobState::Failed;
    failed.ended_at = Some(time_of(store).await - 2 * HOUR);
    failed.trace = trace();
    store.replace(&failed).await.expect("an end");

    let an_hour_ago = time_of(store).await - HOUR;
    let ask = async |before| {
        let overdue = store.overdue(before).await.expect("what is overdue");
        let Event::JobFailed(wanted) = Event::of(&failed).expect("an event");
        let told = overdue.events.into_iter().map(|Event::JobFailed(ended)| ended);
        told.filter(|ended| ended.id == wanted.id).inspect(|ended| assert_eq!(*ended, wanted)).count()
    };
    let (one, two) = tokio::join!(ask(an_hour_ago), ask(an_hour_ago));
    assert_eq!(one + two, 1);
    assert_eq!(ask(an_hour_ago).await, 0);
    assert_eq!(ask(Timestamp::MAX).await, 1);
}

async fn a_postponed_slice_is_held_back(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 1).await;
    let number = SliceNumber(0);
    let task = Task::of(&job, TaskKind::Slice { number });
    store.open_slices(&account, job.id, 1).await.expect("slices");
    let begin = async || store.begin_slice(&account, job.id, number).await.expect("a start").attempts;
    let postpone = async |base, cap| store.postpone(&task, base, cap).await.expect("a note");

    assert_eq!(begin().await, 1);
    assert_eq!(postpone(HOUR, HOUR).await, 1);
    assert_eq!(kinds(store, &account, Timestamp::MAX).await, [], "its time has not come");
    assert_eq!(begin().await, 1, "the attempt before did not count");
    assert_eq!(postpone(HOUR, NO_TIME).await, 2, "beginning alone is no progress");
    assert_eq!(kinds(store, &account, Timestamp::MIN).await, [task.kind], "its time has come");
    assert_eq!(kinds(store, &account, Timestamp::MIN).await, [], "and it was told");

    store.report(&account, job.id, Step::Slice(number), &report(10, 1)).await.expect("a report");
    assert_eq!(postpone(HOUR, HOUR).await, 1, "it got further in between");
    store.report(&account, job.id, Step::Slice(number), &report(20, 2)).await.expect("a report");
    assert_eq!(kinds(store, &account, Timestamp::MAX).await, [task.kind], "somebody else was at it meanwhile");

    let ended = rethread_stores::StepReport { ended: true, complete: true, ..report(100, 3) };
    store.report(&account, job.id, Step::Slice(number), &ended).await.expect("a report");
    postpone(NO_TIME, NO_TIME).await;
    assert_eq!(kinds(store, &account, Timestamp::MAX).await, [TaskKind::Finish], "a slice that has ended stays so");
    let none = Task { kind: TaskKind::Slice { number: SliceNumber(7) }, ..task.clone() };
    for missing in [none, Task { job: job_id(0), ..task }] {
        let refused = store.postpone(&missing, HOUR, HOUR).await.expect_err("there is no such task");
        assert_eq!(refused.kind(), ErrorKind::NotFound);
    }
}

async fn a_postponed_plan_counts_until_it_gets_further(store: &dyn JobStore) {
    let account = fresh_account();
    let job = new_job(&account, 0);
    store.create(&job).await.expect("a new job");
    apply(store, &job, Change::Uploaded { bytes: 1, sha256: "00".to_owned() }).await;
    apply(store, &job, Change::AttemptStarted).await;
    let postpone = async |kind, base| store.postpone(&Task::of(&job, kind), base, HOUR).await.expect("a note");
    assert_eq!(postpone(TaskKind::Plan, HOUR).await, 1);
    assert_eq!(kinds(store, &account, Timestamp::MAX).await, []);
    apply(store, &job, Change::AttemptStarted).await;
    assert_eq!(postpone(TaskKind::Plan, NO_TIME).await, 2, "it began again and got no further");
    assert_eq!(kinds(store, &account, Timestamp::MIN).await, [TaskKind::Plan]);
    store.report(&account, job.id, Step::Plan, &report(0, 1)).await.expect("a report");
    assert_eq!(postpone(TaskKind::Plan, HOUR).await, 1, "what it wrote is progress");

    apply(store, &job, Change::CancelRequested).await;
    apply(store, &job, Change::FinishStarted).await;
    assert_eq!(kinds(store, &account, Timestamp::MAX).await, [TaskKind::Finish], "another task is not held back");
    assert_eq!(postpone(TaskKind::Finish, NO_TIME).await, 1, "nor was it postponed before");
    assert_eq!(kinds(store, &account, Timestamp::MIN).await, [TaskKind::Finish]);
    end(store, &job).await;
    postpone(TaskKind::Finish, NO_TIME).await;
    assert_eq!(kinds(store, &account, Timestamp::MAX).await, [], "a job that has ended stays so");
}

/// Others may use the store at the same time, so the numbers are lower bounds.
async fn the_census_counts_what_is_unfinished(store: &dyn JobStore) {
    let account = fresh_account();
    let mut waiting = new_job(&account, 0);
    waiting.updated_at = Timestamp::UNIX_EPOCH - HOUR;
    store.create(&waiting).await.expect("a new job");
    waiting.phase = rethread_model::Phase::Planning;
    waiting = store.replace(&waiting).await.expect("a change");
    importing(store, &account, 1).await;
    let job_counts = store.job_counts().await.expect("a job_counts");
    assert!(count(&job_counts, JobState::Queued, None) >= 1);
    assert!(count(&job_counts, JobState::Running, Some(Vendor::Disqus)) >= 1);
    assert!(job_counts.oldest_queued.expect("a queued job") <= waiting.updated_at);

    apply(store, &waiting, Change::CancelRequested).await;
    apply(store, &waiting, Change::FinishStarted).await;
    end(store, &waiting).await;
    let oldest = store.job_counts().await.expect("a job_counts").oldest_queued;
    assert!(oldest.is_none_or(|at| at > Timestamp::UNIX_EPOCH - HOUR), "it does not wait any more");
}

fn count(job_counts: &JobCounts, state: JobState, vendor: Option<Vendor>) -> u64 {
    job_counts.jobs.iter().filter(|(s, v, _)| (*s, *v) == (state, vendor)).map(|(_, _, count)| count).sum()
}
