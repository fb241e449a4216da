//! The part of the contract of [`JobStore`] about jobs that are not imports.

use std::time::Duration;

use rethread_model::kinds::{ExportChange, MoveChange};
use rethread_model::{
    AccountId, Change, ExportFile, ExportFilter, ExportFormat, ExportOptions, ExportTally, Job, JobKind, JobState,
    MoveRule, MoveTally, MoveTarget, Moving, Reach, Task, TaskKind, Timestamp,
};
use rethread_stores::{JobFilter, JobStore};

use super::fixture::{at, fresh_account, job_with, new_job};
use super::jobs::{apply, end};

/// Runs this part of the contract.
pub(super) async fn run(store: &dyn JobStore) {
    a_list_may_be_of_one_kind(store).await;
    an_export_waits_is_done_and_loses_its_file(store).await;
    a_move_waits_and_is_done(store).await;
}

fn export(account: &AccountId, second: i64) -> Job {
    let filter = ExportFilter { page: Some("a.example/x".to_owned()), ..ExportFilter::default() };
    job_with(account, second, ExportOptions { format: ExportFormat::Jsonl, gzip: true, filter })
}

async fn a_list_may_be_of_one_kind(store: &dyn JobStore) {
    let account = fresh_account();
    let reach = Reach::Account(account.clone());
    let jobs = [new_job(&account, 0), export(&account, 1), new_job(&account, 2), export(&account, 3)];
    for job in &jobs {
        store.create(job).await.expect("a new job");
    }
    for (kind, expected) in
        [(Some(JobKind::Import), vec![2, 0]), (Some(JobKind::Export), vec![3, 1]), (None, vec![3, 2, 1, 0])]
    {
        let filter = JobFilter { kind, limit: 10, ..JobFilter::default() };
        let found = store.list(&reach, &filter).await.expect("a list");
        let expected: Vec<&Job> = expected.into_iter().map(|index: usize| &jobs[index]).collect();
        assert_eq!(found.jobs.iter().collect::<Vec<_>>(), expected, "{kind:?}");
        assert!(!found.has_more);
    }
    let first = JobFilter { kind: Some(JobKind::Export), limit: 1, ..JobFilter::default() };
    let found = store.list(&reach, &first).await.expect("a list");
    assert!(found.has_more && found.jobs == [jobs[3].clone()]);
    let queued = JobFilter { state: Some(JobState::Queued), before: Some(jobs[3].id), ..first };
    assert_eq!(store.list(&reach, &queued).await.expect("a list").jobs, [jobs[1].clone()]);
}

async fn an_export_waits_is_done_and_loses_its_file(store: &dyn JobStore) {
    let job = export(&fresh_account(), 0);
    store.create(&job).await.expect("a new job");
    let tasks = async || {
        let overdue = store.overdue(Timestamp::MAX).await.expect("what is overdue");
        overdue.tasks.into_iter().filter(|task| task.job == job.id).map(|task| task.kind).collect::<Vec<_>>()
    };
    let is_queued = async || store.queued().await.expect("a list").contains(&job.id);
    assert_eq!((tasks().await, is_queued().await), (vec![TaskKind::Export], true));

    let begun = apply(store, &job, Change::AttemptStarted).await;
    assert_eq!(
        begun.results.export.as_ref().map(|export| export.begun_at),
        Some(begun.revision),
        "revisions grow by one"
    );
    assert_eq!((tasks().await, is_queued().await), (vec![TaskKind::Export], false), "its worker was killed");
    let task = Task::of(&begun, TaskKind::Export);
    for times in [1, 2] {
        assert_eq!(store.postpone(&task, Duration::ZERO, Duration::ZERO).await.expect("a number"), times);
    }

    let (begun_at, tally) = (begun.revision, ExportTally { comments: 3, ..ExportTally::default() });
    apply(store, &job, ExportChange::Progressed { begun_at, tally: tally.clone(), bytes: 4 }.into()).await;
    let file = ExportFile { sha256: "00".to_owned(), expires_at: at(9), deleted_at: None };
    apply(store, &job, ExportChange::Exported { begun_at, tally, bytes: 5, file }.into()).await;
    assert_eq!(tasks().await, [TaskKind::Finish]);
    apply(store, &job, Change::FinishStarted).await;
    let ended = end(store, &job).await;
    assert_eq!((ended.state, tasks().await), (JobState::Succeeded, vec![]));
    assert_eq!(ended.offered_file().map(|file| file.expires_at), Some(at(9)));

    let deleted = apply(store, &job, ExportChange::FileDeleted.into()).await;
    let found = store.get(&Reach::Account(job.account.clone()), job.id).await.expect("an answer");
    assert_eq!(found, Some(deleted));
    assert!(found.is_some_and(|job| job.offered_file().is_none()));
    assert_eq!(tasks().await, []);

    let stopping = export(&job.account, 1);
    store.create(&stopping).await.expect("a new job");
    apply(store, &stopping, Change::CancelRequested).await;
    let overdue = store.overdue(Timestamp::MAX).await.expect("what is overdue").tasks;
    let kinds: Vec<TaskKind> = overdue.iter().filter(|task| task.job == stopping.id).map(|task| task.kind).collect();
    assert_eq!(kinds, [TaskKind::Finish], "nobody writes what nobody wants");
}

async fn a_move_waits_and_is_done(store: &dyn JobStore) {
    let rule = MoveRule::new(MoveTarget::UrlId("a".to_owned()), MoveTarget::UrlId("b".to_owned())).expect("a rule");
    let job = job_with(&fresh_account(), 0, Moving::Rule(rule));
    store.create(&job).await.expect("a new job");
    let tasks = async || {
        let overdue = store.overdue(Timestamp::MAX).await.expect("what is overdue");
        overdue.tasks.into_iter().filter(|task| task.job == job.id).map(|task| task.kind).collect::<Vec<_>>()
    };
    assert!(store.queued().await.expect("a list").contains(&job.id));
    assert_eq!(tasks().await, [TaskKind::Move]);
    apply(store, &job, Change::AttemptStarted).await;
    assert_eq!(tasks().await, [TaskKind::Move], "its worker was killed");
    assert_eq!(
        store.postpone(&Task::of(&job, TaskKind::Move), Duration::ZERO, Duration::ZERO).await.expect("a number"),
        1
    );
    let tally = MoveTally { threads: 2, comments: 9, ..MoveTally::default() };
    apply(store, &job, MoveChange::Moved(tally).into()).await;
    assert_eq!(tasks().await, [TaskKind::Finish]);
    apply(store, &job, Change::FinishStarted).await;
    let ended = end(store, &job).await;
    let found = store.get(&Reach::All, job.id).await.expect("an answer");
    assert_eq!((found.as_ref().and_then(|job| job.results.moved), found), (Some(tally), Some(ended)));
}
