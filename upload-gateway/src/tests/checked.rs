//! An import that is checked first, as the API shows it.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use rethread_model::{
    Change, FileFacts, Finding, FrameCounts, ImportOptions, ImportSummary, Job, Origin, Reason, Role, Scope, Step,
    TaskKind, Vendor, testing,
};
use rethread_stores::{Batch, Target};
use serde_json::{Value, json};

use super::events::Events;
use super::harness::{Api, problem};
use super::imported::finding;

/// A waiting job whose file was checked, with one finding.
pub(super) async fn waiting(api: &Api) -> Job {
    let job = api.job_with(ImportOptions { check: true, ..ImportOptions::default() }).await;
    let facts = FileFacts::of_site(Vendor::Disqus, Origin::new("forum"), "a test".to_owned());
    for step in [
        Change::Uploaded { bytes: 9, sha256: "00".to_owned() },
        Change::AttemptStarted,
        Change::Planned { facts, slices: 0, bytes_total: 90, defect: None, sha256: None },
        Change::FinishStarted,
    ] {
        api.change(&job, step).await;
    }
    find(api, &api.stored(job.id).await, finding(10, Reason::PaddedValue, "1")).await;
    let summary = ImportSummary {
        pages: 3,
        removed: Some(2),
        first_comment_at: Some("2001-02-03T04:05:06Z".parse().unwrap()),
        last_comment_at: Some("2002-02-03T04:05:06Z".parse().unwrap()),
        ..ImportSummary::default()
    };
    let proof = testing::proof(&api.stored(job.id).await).unwrap();
    api.change(&job, Change::Checked(summary, proof)).await
}

/// Stores a finding as a worker would at this point.
async fn find(api: &Api, job: &Job, found: Finding) {
    let scope = Scope { account: job.account.clone(), vendor: Vendor::Disqus, origin: Origin::new("forum") };
    let target =
        Target { scope, job: job.import_id(), dry_run: job.is_dry_run(), newest_comment_at: None, overwrite: false };
    let (frames, records, other_origins, findings) = (FrameCounts::default(), Vec::new(), BTreeMap::new(), vec![found]);
    let batch =
        Batch { step: Step::Plan, from: 0, position: 0, complete: true, frames, records, other_origins, findings };
    api.context.backends.comments.commit(&target, batch).await.unwrap();
}

async fn finding_offsets(api: &Api, job: &Job, token: &str) -> Vec<Value> {
    let listed = api.json(&format!("/api/v1/jobs/{}/findings", job.id), token).await;
    let listed = listed["findings"].as_array().unwrap();
    listed.iter().map(|finding| finding["offset"].clone()).collect()
}

#[tokio::test]
async fn a_confirmation_names_the_site_that_the_file_does_not_name() {
    let mut api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job_with(ImportOptions { check: true, ..ImportOptions::default() }).await;
    let facts = FileFacts {
        site_needed: true,
        earlier_pages: None,
        ..FileFacts::of_site(Vendor::JustComments, Origin::new("unknown"), "a test".to_owned())
    };
    for step in [
        Change::Uploaded { bytes: 9, sha256: "00".to_owned() },
        Change::AttemptStarted,
        Change::Planned { facts, slices: 0, bytes_total: 90, defect: None, sha256: None },
        Change::FinishStarted,
    ] {
        api.change(&job, step).await;
    }
    let proof = testing::proof(&api.stored(job.id).await).unwrap();
    api.change(&job, Change::Checked(ImportSummary::default(), proof)).await;
    let path = format!("/api/v1/jobs/{}", job.id);
    assert_eq!(api.json(&path, &admin).await["site_needed"], true);
    for query in ["", "?site_url=", "?site_url=blog.example"] {
        let refused = api.post(&format!("{path}/confirm{query}"), &admin).await;
        problem(refused, StatusCode::BAD_REQUEST, "invalid-parameter").await;
    }
    let confirmed = api.post(&format!("{path}/confirm?site_url=https://me:secret@blog.example"), &admin).await;
    assert_eq!(confirmed.status(), StatusCode::ACCEPTED);
    assert_eq!(api.task().await, (job.id, TaskKind::Plan));
    let stored = api.stored(job.id).await;
    assert_eq!(stored.import().unwrap().site_url.as_deref(), Some("https://blog.example/"));
}

#[tokio::test]
async fn a_checked_job_shows_what_was_found_and_is_confirmed_once() {
    let mut api = Api::start().await;
    let admin = api.admin().await;
    let job = waiting(&api).await;
    let path = format!("/api/v1/jobs/{}", job.id);
    let shown = api.json(&path, &admin).await;
    assert_eq!((&shown["state"], &shown["check"], &shown["dry_run"]), (&json!("waiting"), &json!(true), &json!(true)));
    let checked = json!({
        "read": {"threads": 0, "comments": 0, "replies": 0},
        "status": {"approved": 0, "pending": 0, "spam": 0, "deleted": 0},
        "outcome": {"created": 0, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0},
        "findings": {"repaired": {}, "skipped": {}, "failed": {}},
        "pages": 3, "orphans": 0, "removed": 2,
        "first_comment_at": "2001-02-03T04:05:06Z", "last_comment_at": "2002-02-03T04:05:06Z",
    });
    assert_eq!((&shown["checked"], &shown["stalled"], &shown["queue_place"]), (&checked, &json!(false), &Value::Null));
    let receipt = api.json(&format!("{path}/receipt"), &admin).await;
    assert_eq!((&receipt["dry_run"], &receipt["pages"]), (&json!(true), &json!(3)));
    assert_eq!(receipt["last_comment_at"], checked["last_comment_at"]);
    assert_eq!(finding_offsets(&api, &job, &admin).await, [10]);

    let stranger = api.token("globex", Role::Admin).await;
    problem(api.post(&format!("{path}/confirm"), &stranger).await, StatusCode::NOT_FOUND, "not-found").await;
    let confirmed = api.post(&format!("{path}/confirm"), &admin).await;
    assert_eq!(confirmed.status(), StatusCode::ACCEPTED);
    let confirmed: Value = confirmed.json().await.unwrap();
    assert_eq!((&confirmed["phase"], &confirmed["dry_run"]), (&json!("planning"), &json!(false)));
    assert_eq!((&confirmed["check"], &confirmed["checked"]), (&json!(true), &checked));
    assert_eq!(api.task().await, (job.id, TaskKind::Plan));
    let timeline = confirmed["timeline"].as_array().unwrap();
    assert_eq!(timeline.last().unwrap()["text"], "import confirmed by ann");

    assert_eq!(finding_offsets(&api, &job, &admin).await, Vec::<Value>::new(), "the import has found nothing yet");
    find(&api, &api.stored(job.id).await, finding(20, Reason::PaddedValue, "2")).await;
    assert_eq!(finding_offsets(&api, &job, &admin).await, [20]);
    problem(api.post(&format!("{path}/confirm"), &admin).await, StatusCode::CONFLICT, "job-state").await;
}

#[tokio::test]
async fn a_job_that_waits_is_cancelled_and_then_not_confirmed() {
    let mut api = Api::start().await;
    let admin = api.admin().await;
    let job = waiting(&api).await;
    let path = format!("/api/v1/jobs/{}", job.id);
    for _ in 0..2 {
        let cancelled = api.post(&format!("{path}/cancel"), &admin).await;
        assert_eq!(cancelled.status(), StatusCode::ACCEPTED);
        assert_eq!(api.task().await, (job.id, TaskKind::Finish));
    }
    problem(api.post(&format!("{path}/confirm"), &admin).await, StatusCode::CONFLICT, "job-state").await;
    let ended = api.end(&job).await;
    problem(api.post(&format!("{path}/confirm"), &admin).await, StatusCode::CONFLICT, "job-state").await;
    let shown = api.json(&path, &admin).await;
    assert_eq!((&shown["state"], &shown["dry_run"]), (&json!("cancelled"), &json!(true)));
    assert!(shown["checked"].is_object());
    assert_eq!(ended.timeline.last().unwrap().text, "cancelled; nothing was imported");
}

#[tokio::test]
async fn a_job_is_followed_through_its_check_and_its_import() {
    let api = Api::start().await;
    let job = waiting(&api).await;
    let mut events = Events::of(&api, &job, None).await;
    assert_eq!(events.next().await.unwrap().1["state"], "waiting");
    api.change(&job, Change::Confirmed { by: "ann".to_owned(), site_url: None, pages_as_before: false }).await;
    assert_eq!(events.next().await.unwrap().1["phase"], "planning", "the stream did not end with the check");
    api.end(&job).await;
    let mut last = Value::Null;
    while let Some((_, job)) = events.next().await {
        last = job;
    }
    assert_eq!((&last["state"], &last["dry_run"]), (&json!("succeeded"), &json!(false)));
}

#[tokio::test]
async fn a_plain_job_is_not_confirmed() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job().await;
    let refused = api.post(&format!("/api/v1/jobs/{}/confirm", job.id), &admin).await;
    problem(refused, StatusCode::CONFLICT, "job-state").await;
    let shown = api.json(&format!("/api/v1/jobs/{}", job.id), &admin).await;
    assert_eq!((&shown["check"], &shown["checked"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_queued_job_knows_its_place() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let mut jobs = Vec::new();
    for _ in 0..2 {
        let job = api.job().await;
        api.change(&job, Change::Uploaded { bytes: 9, sha256: "00".to_owned() }).await;
        jobs.push(job);
    }
    let place = async |job: &Job| api.json(&format!("/api/v1/jobs/{}", job.id), &admin).await["queue_place"].clone();
    assert_eq!((place(&jobs[0]).await, place(&jobs[1]).await), (json!(0), json!(1)));
    api.change(&jobs[0], Change::AttemptStarted).await;
    assert_eq!(place(&jobs[0]).await, Value::Null, "a worker has it");
}
