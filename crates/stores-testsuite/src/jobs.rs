//! The contract of [`JobStore`]: jobs, slices and reports. What is overdue is in `recovery`.

use std::sync::Arc;
use std::time::Duration;

use rethread_model::{
    AccountId, Change, Checksum, FileFacts, FixedClock, FrameCounts, ImportSummary, Job, JobError, JobId, JobState,
    Origin, Phase, Reach, SliceContent, SliceNumber, SliceSource, SliceSpec, Step, Tally, Timestamp, Vendor, testing,
};
use rethread_stores::{ErrorKind, JobFilter, JobStore, StepReport, change};

use super::fixture::{at, fresh_account, job_id, new_job};
use super::{kinds, passes, recovery, redelivery, reopened};

/// Runs the contract.
pub async fn jobs(store: Arc<dyn JobStore>) {
    let store = &*store;
    store.check().await.expect("a store that works");
    a_job_is_seen_within_reach_only(store).await;
    jobs_are_listed_newest_first(store).await;
    a_change_needs_the_latest_revision(store).await;
    bytes_are_noted_while_they_arrive(store).await;
    slices_open_in_order_within_the_window(store).await;
    attempts_count_since_a_slice_got_further(store).await;
    reports_are_absolute(store).await;
    an_ended_step_reports_no_more(store).await;
    a_slice_that_is_not_there_reports_nothing(store).await;
    waiting_ends_with_a_change(store).await;
    passes::run(store).await;
    kinds::run(store).await;
    recovery::run(store).await;
    reopened::run(store).await;
    redelivery::run(store).await;
}

/// Applies a change to a job.
pub(super) async fn apply(store: &dyn JobStore, job: &Job, wanted: Change) -> Job {
    let clock = FixedClock::new(at(0));
    let changed = change(store, &clock, &job.account, job.id, wanted).await.expect("a change");
    changed.expect("a change that the job takes")
}

/// A stored job in the phase `importing`, with slices of 100 bytes.
pub(super) async fn importing(store: &dyn JobStore, account: &AccountId, slices: u32) -> Job {
    let job = new_job(account, 0);
    store.create(&job).await.expect("a new job");
    apply(store, &job, Change::Uploaded { bytes: 9, sha256: "00".to_owned() }).await;
    apply(store, &job, Change::AttemptStarted).await;
    let specs: Vec<_> = (0..slices).map(spec).collect();
    store.add_slices(account, job.id, &specs).await.expect("slices");
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("forum"), "a test".to_owned());
    let bytes_total = u64::from(slices) * 100;
    apply(store, &job, Change::Planned { facts, slices, bytes_total, defect: None, sha256: None }).await
}

pub(super) fn spec(number: u32) -> SliceSpec {
    let start = u64::from(number) * 100;
    SliceSpec {
        number: SliceNumber(number),
        source: SliceSource::Upload,
        part: 0,
        start,
        end: start + 100,
        content: content(number),
        origin: Some(Origin::new("forum")),
        newest_comment_at: Some(Timestamp::UNIX_EPOCH),
        head: serde_json::json!({ "forum": "f" }),
    }
}

/// Ends a finishing job.
pub(super) async fn end(store: &dyn JobStore, job: &Job) -> Job {
    let finishing = get(store, job).await;
    let summary = ImportSummary { pages: 1, ..ImportSummary::default() };
    apply(store, job, Change::Ended(summary, testing::ending(&finishing))).await
}

/// Differs from slice to slice.
fn content(number: u32) -> SliceContent {
    let frames = FrameCounts { comments: u64::from(number) + 1, ..FrameCounts::default() };
    SliceContent { frames, checksum: Checksum::of(&number.to_le_bytes()) }
}

pub(super) fn report(bytes_read: u64, comments: i64) -> StepReport {
    let mut tally = Tally::default();
    tally.read.comments = comments;
    tally.outcome.created = comments;
    StepReport { bytes_read, tally, ..StepReport::default() }
}

pub(super) async fn get(store: &dyn JobStore, job: &Job) -> Job {
    let reach = Reach::Account(job.account.clone());
    store.get(&reach, job.id).await.expect("an answer").expect("a job")
}

async fn a_job_is_seen_within_reach_only(store: &dyn JobStore) {
    let job = new_job(&fresh_account(), 0);
    store.create(&job).await.expect("a new job");
    let twice = store.create(&job).await.expect_err("the id is taken");
    assert_eq!(twice.kind(), ErrorKind::Conflict);
    assert_eq!(get(store, &job).await, job, "a job comes back as it was stored");
    assert_eq!(store.get(&Reach::All, job.id).await.expect("an answer"), Some(job.clone()));

    let stranger = Reach::Account(fresh_account());
    assert_eq!(store.get(&stranger, job.id).await.expect("an answer"), None);
    let waited = store.wait(&stranger, job.id, 0, Duration::from_mins(1)).await.expect("an answer");
    assert_eq!(waited, None, "nobody waits for a job that does not exist");
    let Reach::Account(stranger) = stranger else { return };
    let foreign = Job { account: stranger.clone(), ..job.clone() };
    let refused = [
        store.replace(&foreign).await.map(drop),
        store.slice_progress(&stranger, job.id).await.map(drop),
        store.receiving(&stranger, job.id, 5).await.map(drop),
        store.add_slices(&stranger, job.id, &[spec(0)]).await,
        store.open_slices(&stranger, job.id, 1).await.map(drop),
        store.report(&stranger, job.id, Step::Plan, &report(1, 1)).await.map(drop),
        store.report(&job.account, job_id(0), Step::Plan, &report(1, 1)).await.map(drop),
    ];
    for result in refused {
        assert_eq!(result.expect_err("there is no such job").kind(), ErrorKind::NotFound);
    }
    assert_eq!(get(store, &job).await, job, "nothing was changed");
}

async fn jobs_are_listed_newest_first(store: &dyn JobStore) {
    let account = fresh_account();
    let mut ids = Vec::new();
    for second in 0..5 {
        let job = new_job(&account, second);
        store.create(&job).await.expect("a new job");
        ids.insert(0, job.id);
    }
    let reach = Reach::Account(account.clone());
    let list = async |reach: &Reach, filter: JobFilter| {
        let page = store.list(reach, &filter).await.expect("jobs");
        (page.jobs.iter().map(|job| job.id).collect::<Vec<JobId>>(), page.has_more)
    };
    let filter = JobFilter { limit: 3, ..JobFilter::default() };
    assert_eq!(list(&reach, filter.clone()).await, (ids[..3].to_vec(), true));
    let rest = JobFilter { before: Some(ids[2]), ..filter.clone() };
    assert_eq!(list(&reach, rest).await, (ids[3..].to_vec(), false));
    let of_account = JobFilter { account: Some(account.clone()), limit: 200, ..JobFilter::default() };
    assert_eq!(list(&Reach::All, of_account.clone()).await, (ids.clone(), false));
    assert_eq!(list(&Reach::Account(fresh_account()), of_account.clone()).await, (vec![], false));

    let cancelled = store.get(&reach, ids[1]).await.expect("an answer").expect("a job");
    apply(store, &cancelled, Change::CancelRequested).await;
    apply(store, &cancelled, Change::FinishStarted).await;
    end(store, &cancelled).await;
    for (state, expected) in [(JobState::Cancelled, vec![ids[1]]), (JobState::Running, vec![])] {
        let filter = JobFilter { state: Some(state), ..of_account.clone() };
        assert_eq!(list(&reach, filter).await, (expected, false));
    }
}

async fn a_change_needs_the_latest_revision(store: &dyn JobStore) {
    let job = new_job(&fresh_account(), 0);
    store.create(&job).await.expect("a new job");
    let mut changed = job.clone();
    changed.file_name = Some("renamed".to_owned());
    let stored = store.replace(&changed).await.expect("a change");
    assert_eq!(stored.revision, job.revision + 1);
    assert_eq!(get(store, &job).await, stored);
    let late = store.replace(&changed).await.expect_err("somebody was faster");
    assert_eq!(late.kind(), ErrorKind::Conflict);
    assert_eq!(get(store, &job).await, stored);

    // `change` reads the job again and applies the change to its current state.
    let cancelled = apply(store, &job, Change::CancelRequested).await;
    assert!(cancelled.cancel_requested);
    assert_eq!(cancelled.file_name.as_deref(), Some("renamed"));
    let clock = FixedClock::new(at(0));
    let illegal = change(store, &clock, &job.account, job.id, Change::UploadDeleted).await.expect("an answer");
    illegal.expect_err("nothing was finished");
    let missing = change(store, &clock, &job.account, job_id(0), Change::CancelRequested).await;
    assert_eq!(missing.expect_err("there is no such job").kind(), ErrorKind::NotFound);
}

async fn bytes_are_noted_while_they_arrive(store: &dyn JobStore) {
    let job = new_job(&fresh_account(), 0);
    store.create(&job).await.expect("a new job");
    let slice_progress = store.receiving(&job.account, job.id, 1000).await.expect("a note");
    assert!(!slice_progress.stopping);
    let noted = get(store, &job).await;
    assert_eq!(noted.progress.bytes_stored, 1000);
    assert!(noted.revision > job.revision);
    store.receiving(&job.account, job.id, 900).await.expect("a note");
    assert_eq!(get(store, &job).await, noted, "a late note changes nothing");

    apply(store, &job, Change::Uploaded { bytes: 2000, sha256: "00".to_owned() }).await;
    let uploaded = get(store, &job).await;
    store.receiving(&job.account, job.id, 3000).await.expect("a note");
    assert_eq!(get(store, &job).await, uploaded);
    apply(store, &job, Change::Fault(JobError { code: "x".to_owned(), message: "x".to_owned(), offset: None })).await;
    assert!(store.receiving(&job.account, job.id, 3000).await.expect("a note").stopping);
}

async fn slices_open_in_order_within_the_window(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 5).await;
    let open = async |window| store.open_slices(&account, job.id, window).await.expect("slices");
    let slice_progress = store.slice_progress(&account, job.id).await.expect("a slice_progress");
    assert_eq!((slice_progress.open, slice_progress.pending, slice_progress.is_read()), (0, 5, false));
    assert_eq!(open(2).await, [SliceNumber(0), SliceNumber(1)]);
    assert_eq!(open(2).await, []);
    assert_eq!(open(3).await, [SliceNumber(2)]);
    // Planning again yields the same slices and reopens none.
    store.add_slices(&account, job.id, &[spec(0), spec(1), spec(4)]).await.expect("slices");
    let slice_progress = store.slice_progress(&account, job.id).await.expect("a slice_progress");
    assert_eq!((slice_progress.open, slice_progress.pending), (3, 2));

    let ended = StepReport { ended: true, complete: true, ..report(100, 1) };
    let slice_progress = store.report(&account, job.id, Step::Slice(SliceNumber(1)), &ended).await.expect("a report");
    assert_eq!((slice_progress.open, slice_progress.pending), (2, 2));
    assert_eq!(open(3).await, [SliceNumber(3)]);

    apply(store, &job, Change::CancelRequested).await;
    assert_eq!(open(9).await, [], "none of a stopping job is opened");
    for number in [0, 2, 3] {
        let gave_up = StepReport { ended: true, ..report(50, 1) };
        store.report(&account, job.id, Step::Slice(SliceNumber(number)), &gave_up).await.expect("a report");
    }
    let slice_progress = store.slice_progress(&account, job.id).await.expect("a slice_progress");
    assert_eq!(
        (slice_progress.open, slice_progress.pending, slice_progress.stopping, slice_progress.is_read()),
        (0, 1, true, true)
    );
    assert_eq!(get(store, &job).await.progress.slices_done, 1, "given up is not done");
}

async fn attempts_count_since_a_slice_got_further(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 1).await;
    let number = SliceNumber(0);
    store.open_slices(&account, job.id, 1).await.expect("slices");
    let begin = async || store.begin_slice(&account, job.id, number).await.expect("a start");
    let first = begin().await;
    assert_eq!((first.attempts, first.is_ended, first.spec), (1, false, spec(0)));
    let second = begin().await;
    assert_eq!(second.attempts, 2, "its worker was killed");
    assert!(second.idle_ms < 60_000, "and was heard of just before: {} ms", second.idle_ms);
    store.release_slice(&account, job.id, number).await.expect("a release");
    assert_eq!(begin().await.attempts, 2, "a drained worker does not count");
    store.report(&account, job.id, Step::Slice(number), &report(0, 0)).await.expect("a report");
    assert_eq!(begin().await.attempts, 3, "this report got no further");
    store.report(&account, job.id, Step::Slice(number), &report(10, 1)).await.expect("a report");
    assert_eq!(begin().await.attempts, 1, "this one did");
    let ended = StepReport { ended: true, complete: true, ..report(100, 2) };
    store.report(&account, job.id, Step::Slice(number), &ended).await.expect("a report");
    assert!(begin().await.is_ended, "a task that comes again finds nothing to do");
    assert_eq!(store.slice_progress(&account, job.id).await.expect("a slice_progress").open, 0);
    let missing = store.begin_slice(&account, job.id, SliceNumber(7)).await.expect_err("there is no such slice");
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

async fn reports_are_absolute(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 2).await;
    let tell = async |number, told: &StepReport| {
        store.report(&account, job.id, Step::Slice(SliceNumber(number)), told).await.expect("a report");
        get(store, &job).await
    };
    tell(0, &report(40, 4)).await;
    let two = tell(1, &report(60, 6)).await;
    assert_eq!((two.progress.bytes_read, two.tally.read.comments, two.tally.outcome.created), (100, 10, 10));
    assert_eq!(tell(1, &report(60, 6)).await, two, "saying the same again changes nothing");
    assert_eq!(tell(1, &report(50, 5)).await, two, "nor does a report that was overtaken");
    let corrected = tell(1, &report(70, -2)).await;
    assert_eq!((corrected.progress.bytes_read, corrected.tally.read.comments), (110, 2));

    store.report(&account, job.id, Step::Plan, &report(0, 1)).await.expect("a report");
    let finish = store.report(&account, job.id, Step::Finish, &report(0, 3)).await.expect("a report");
    assert_eq!(finish.pending, 2);
    let all = get(store, &job).await;
    assert_eq!((all.progress.bytes_read, all.tally.read.comments), (110, 6));
}

async fn an_ended_step_reports_no_more(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 1).await;
    store.open_slices(&account, job.id, 1).await.expect("slices");
    let step = Step::Slice(SliceNumber(0));
    let ended = StepReport { ended: true, complete: true, ..report(100, 9) };
    let slice_progress = store.report(&account, job.id, step, &ended).await.expect("a report");
    assert!(slice_progress.is_read());
    let after = get(store, &job).await;
    assert_eq!((after.progress.slices_done, after.progress.bytes_read), (1, 100));
    for late in [ended, report(200, 20), StepReport { ended: true, ..report(300, 1) }] {
        store.report(&account, job.id, step, &late).await.expect("a report");
        assert_eq!(get(store, &job).await, after);
    }
    apply(store, &job, Change::FinishStarted).await;
    let end = end(store, &job).await;
    store.report(&account, job.id, Step::Finish, &report(5, 5)).await.expect("a report");
    assert_eq!(get(store, &job).await, end, "a job that has ended does not change");
    assert_eq!(end.phase, Phase::Finishing);
}

/// A store that lost its last second may receive reports of slices that it does not know any more.
async fn a_slice_that_is_not_there_reports_nothing(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 1).await;
    let before = get(store, &job).await;
    let step = Step::Slice(SliceNumber(1));
    let ended = StepReport { ended: true, complete: true, ..report(100, 9) };
    store.report(&account, job.id, step, &ended).await.expect("a report");
    assert_eq!(get(store, &job).await, before);
    store.add_slices(&account, job.id, &[spec(1)]).await.expect("slices");
    store.report(&account, job.id, step, &ended).await.expect("a report");
    let after = get(store, &job).await;
    assert_eq!((after.progress.slices_done, after.progress.bytes_read, after.tally.read.comments), (1, 100, 9));
}

async fn waiting_ends_with_a_change(store: &dyn JobStore) {
    let account = fresh_account();
    let job = importing(store, &account, 1).await;
    let reach = Reach::Account(account.clone());
    let wait =
        async |after, at_most| store.wait(&reach, job.id, after, at_most).await.expect("an answer").expect("a job");
    assert_eq!(wait(job.revision - 1, Duration::from_mins(1)).await, job, "it is past that already");
    assert_eq!(wait(job.revision, Duration::from_millis(20)).await, job, "nothing happened in that time");
    let (seen, ()) = tokio::join!(wait(job.revision, Duration::from_mins(1)), async {
        store.report(&account, job.id, Step::Slice(SliceNumber(0)), &report(10, 1)).await.expect("a report");
    });
    assert_eq!(seen.revision, job.revision + 1);
    assert_eq!(seen.progress.bytes_read, 10);
}
