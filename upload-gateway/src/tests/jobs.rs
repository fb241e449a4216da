use reqwest::StatusCode;
use rethread_model::{Change, Ending, ImportSummary, JobError, Tally, TaskKind};
use serde_json::{Value, json};

use super::harness::{Api, problem};

fn ids(list: &Value) -> Vec<String> {
    list["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn jobs_are_listed_newest_first_by_pages_and_by_state() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.insert(0, api.job().await.id.to_string());
    }
    made.sort_by(|one, other| other.cmp(one));
    let first = api.json("/api/v1/jobs?kind=import&limit=2", &admin).await;
    assert_eq!(ids(&first), made[..2]);
    let next = first["next"].as_str().unwrap();
    let second = api.json(&format!("/api/v1/jobs?limit=2&cursor={next}"), &admin).await;
    assert_eq!((ids(&second), &second["next"]), (made[2..].to_vec(), &Value::Null));

    let ended = api.end(&api.stored(made[1].parse().unwrap()).await).await;
    let succeeded = api.json("/api/v1/jobs?state=succeeded", &admin).await;
    assert_eq!(ids(&succeeded), [ended.id.to_string()]);
}

#[tokio::test]
async fn a_job_is_cancelled_once_or_twice_but_not_when_it_has_ended() {
    let mut api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job().await;
    let path = format!("/api/v1/jobs/{}/cancel", job.id);
    for _ in 0..2 {
        let cancelled = api.post(&path, &admin).await;
        assert_eq!(cancelled.status(), StatusCode::ACCEPTED);
        assert_eq!(cancelled.json::<Value>().await.unwrap()["cancel_requested"], true);
        assert_eq!(api.task().await, (job.id, TaskKind::Finish));
    }
    api.change(&job, Change::FinishStarted).await;
    problem(api.post(&path, &admin).await, StatusCode::CONFLICT, "job-state").await;
    api.change(&job, Change::Ended(ImportSummary::default(), Ending::Partial(Tally::default()))).await;
    problem(api.post(&path, &admin).await, StatusCode::CONFLICT, "job-state").await;
}

#[tokio::test]
async fn a_receipt_has_the_fixed_shape() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job().await;
    let error = JobError { code: "truncated".to_owned(), message: "the file ends early".to_owned(), offset: Some(7) };
    api.change(&job, Change::Fault(error)).await;
    api.end(&job).await;
    let mut receipt = api.json(&format!("/api/v1/jobs/{}/receipt", job.id), &admin).await;
    assert!(receipt["duration_ms"].take().is_u64());
    assert_eq!(
        receipt,
        json!({
            "job_id": job.id, "kind": "import", "state": "failed", "dry_run": false,
            "error": {"code": "truncated", "message": "the file ends early", "offset": 7},
            "vendor": null, "origin": null, "origins": [], "bytes": {"stored": 0, "read": 0},
            "read": {"threads": 0, "comments": 0, "replies": 0},
            "status": {"approved": 0, "pending": 0, "spam": 0, "deleted": 0},
            "outcome": {"created": 0, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0},
            "findings": {"repaired": {}, "skipped": {}, "failed": {}},
            "orphans": 0, "removed": null, "pages": 0, "merged_pages": 0, "merged": [],
            "first_comment_at": null, "last_comment_at": null, "duration_ms": null
        })
    );
}

#[tokio::test]
async fn without_the_status_service_the_answer_is_to_come_again() {
    let mut api = Api::start().await;
    let admin = api.admin().await;
    let job = api.job().await;
    api.stop_status().await;
    let path = format!("/api/v1/jobs/{}", job.id);
    for path in ["/api/v1/jobs", path.as_str(), &format!("{path}/events")] {
        let refused = api.get(path, &admin).await;
        assert!(refused.headers().contains_key("retry-after"));
        problem(refused, StatusCode::SERVICE_UNAVAILABLE, "unavailable").await;
    }
    api.start_status().await;
    assert_eq!(api.json(&path, &admin).await["id"], job.id.to_string());
}
