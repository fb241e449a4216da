//! Exports: the job and its file.

use bytes::Bytes;
use reqwest::header::{
    CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use rethread_model::kinds::ExportChange;
use rethread_model::{
    Change, ExportFile, ExportFormat, ExportOptions, ExportTally, Job, JobId, Role, TaskKind, Timestamp,
};
use rethread_runtime::GatewayConfig;
use rethread_stores::BlobKey;
use serde_json::{Value, json};

use super::harness::{Api, problem, unhurried};

async fn ask(api: &Api, token: &str, body: &Value) -> Response {
    api.request(Method::POST, "/api/v1/exports").bearer_auth(token).json(body).send().await.unwrap()
}

#[tokio::test]
async fn an_export_is_a_job_that_waits_for_a_worker() {
    let mut api = Api::start().await;
    let admin = api.admin().await;
    let wanted = json!({"format": "csv", "filter": {"vendor": "disqus", "status": ["approved", "spam"]}});
    let accepted = ask(&api, &admin, &wanted).await;
    assert_eq!(accepted.status(), StatusCode::ACCEPTED);
    let location = accepted.headers()["location"].to_str().unwrap().to_owned();
    let job: Value = accepted.json().await.unwrap();
    let id: JobId = job["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(location, format!("/api/v1/jobs/{id}"));
    assert_eq!(api.task().await, (id, TaskKind::Export));
    assert_eq!((&job["kind"], &job["phase"], &job["account"]), (&json!("export"), &json!("exporting"), &json!("acme")));
    let shown = api.json(&location, &admin).await;
    assert_eq!(shown["export"]["options"]["filter"]["status"], json!(["approved", "spam"]));
    assert_eq!(shown["export"]["written"]["file"], Value::Null);
    assert_eq!(shown["queue_place"], 0);

    api.job().await;
    for (kind, expected) in [("export", vec![id.to_string()]), ("import", vec![])] {
        let listed = api.json(&format!("/api/v1/jobs?kind={kind}&state=queued"), &admin).await;
        let ids: Vec<&str> = listed["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap()).collect();
        assert!(expected.iter().all(|id| ids.contains(&id.as_str())), "{kind}: {ids:?}");
        assert_eq!(ids.contains(&id.to_string().as_str()), kind == "export");
    }
}

#[tokio::test]
async fn what_is_no_export_is_refused() {
    let api = Api::start().await;
    let admin = api.admin().await;
    for body in [
        json!(["csv"]),
        json!({"format": "csv", "filter": [null]}),
        json!({}),
        json!({"format": "xlsx"}),
        json!({"format": "csv", "filter": {"site": "a"}}),
        json!("csv"),
    ] {
        problem(ask(&api, &admin, &body).await, StatusCode::BAD_REQUEST, "invalid-body").await;
    }
    let never = json!({"format": "csv", "filter": {"from": "2020-01-02T00:00:00Z", "until": "2020-01-02T00:00:00Z"}});
    let refused = problem(ask(&api, &admin, &never).await, StatusCode::BAD_REQUEST, "invalid-parameter").await;
    assert_eq!(refused["parameter"], "filter.until");
    assert_eq!(api.jobs().await, []);
}

#[tokio::test]
async fn an_account_has_so_many_exports() {
    let api = Api::start_with(GatewayConfig { max_exports_per_account: 2, ..unhurried() }).await;
    let admin = api.admin().await;
    let csv = json!({"format": "csv"});
    for _ in 0..2 {
        assert_eq!(ask(&api, &admin, &csv).await.status(), StatusCode::ACCEPTED);
    }
    let refused = ask(&api, &admin, &csv).await;
    assert!(refused.headers().contains_key("retry-after"));
    problem(refused, StatusCode::TOO_MANY_REQUESTS, "too-many-exports").await;
    let other = api.token("globex", Role::Admin).await;
    assert_eq!(ask(&api, &other, &csv).await.status(), StatusCode::ACCEPTED, "each account has its own");
    let first = api.jobs().await.into_iter().rev().find(|job| job.account.as_str() == "acme").unwrap();
    api.change(&first, Change::CancelRequested).await;
    api.end(&first).await;
    assert_eq!(ask(&api, &admin, &csv).await.status(), StatusCode::ACCEPTED);
}

const CONTENT: &str = "0123456789";

/// A succeeded export with its file.
async fn exported(api: &Api, expires_at: Timestamp) -> Job {
    let options =
        ExportOptions { format: ExportFormat::Csv, gzip: true, filter: rethread_model::ExportFilter::default() };
    let job = api.job_with(options).await;
    let begun = api.change(&job, Change::AttemptStarted).await;
    let key = BlobKey::Export(job.account.clone(), job.id, begun.revision);
    let mut blob = api.context.backends.blobs.create(&key).await.unwrap();
    blob.write(Bytes::from_static(CONTENT.as_bytes())).await.unwrap();
    let bytes = blob.finish().await.unwrap();
    let file = ExportFile { sha256: "00ff".to_owned(), expires_at, deleted_at: None };
    let tally = ExportTally::default();
    api.change(&job, ExportChange::Exported { begun_at: begun.revision, tally, bytes, file }.into()).await;
    api.end(&job).await
}

fn later() -> Timestamp {
    "2999-01-01T00:00:00Z".parse().unwrap()
}

struct Files {
    api: Api,
    admin: String,
    job: Job,
}

impl Files {
    async fn start() -> Self {
        let api = Api::start().await;
        let (admin, job) = (api.admin().await, exported(&api, later()).await);
        Self { api, admin, job }
    }

    fn fetch(&self) -> RequestBuilder {
        self.api.request(Method::GET, &format!("/api/v1/jobs/{}/file", self.job.id)).bearer_auth(&self.admin)
    }
}

#[tokio::test]
async fn a_file_comes_whole_and_says_what_it_is() {
    let files = Files::start().await;
    let answer = files.fetch().send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let header = |name| answer.headers()[name].to_str().unwrap();
    assert_eq!((header(CONTENT_TYPE), header(ETAG)), ("application/gzip", "\"00ff\""));
    let day = files.job.created_at.strftime("%Y-%m-%d");
    assert_eq!(header(CONTENT_DISPOSITION), format!("attachment; filename=\"comments-acme-{day}.csv.gz\""));
    assert_eq!((header(http::header::ACCEPT_RANGES), answer.content_length()), ("bytes", Some(10)));
    assert_eq!(answer.text().await.unwrap(), CONTENT);
    let path = format!("/api/v1/jobs/{}/file", files.job.id);
    let head = files.api.request(Method::HEAD, &path).bearer_auth(&files.admin).send().await.unwrap();
    assert_eq!((head.status(), head.headers()["content-length"].to_str().unwrap()), (StatusCode::OK, "10"));
}

#[tokio::test]
async fn a_download_that_broke_off_is_gone_on_with() {
    let files = Files::start().await;
    for (asked, range, part) in [
        ("bytes=4-", "bytes 4-9/10", "456789"),
        ("bytes=0-0", "bytes 0-0/10", "0"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=8-99", "bytes 8-9/10", "89"),
    ] {
        let answer = files.fetch().header(RANGE, asked).header(IF_RANGE, "\"00ff\"").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT, "{asked}");
        assert_eq!(answer.headers()[CONTENT_RANGE], range);
        assert_eq!(answer.text().await.unwrap(), part);
    }
    let whole = [
        (RANGE, "bytes=0-1,4-5"),
        (RANGE, "lines=1-2"),
        (RANGE, "bytes=5-2"),
        (RANGE, "bytes=0-"),
        (RANGE, "bytes=-11"),
    ];
    for (name, asked) in whole {
        let answer = files.fetch().header(name, asked).send().await.unwrap();
        assert_eq!((answer.status(), answer.text().await.unwrap()), (StatusCode::OK, CONTENT.to_owned()), "{asked}");
    }
    let another = files.fetch().header(RANGE, "bytes=4-").header(IF_RANGE, "\"other\"").send().await.unwrap();
    assert_eq!(another.text().await.unwrap(), CONTENT, "what was fetched before was of another file");
    let beyond = files.fetch().header(RANGE, "bytes=10-").send().await.unwrap();
    assert_eq!(beyond.headers()[CONTENT_RANGE], "bytes */10");
    problem(beyond, StatusCode::RANGE_NOT_SATISFIABLE, "no-such-range").await;
}

#[tokio::test]
async fn conditions_are_kept() {
    let files = Files::start().await;
    let known = files.fetch().header(IF_NONE_MATCH, "\"00ff\"").send().await.unwrap();
    assert_eq!((known.status(), known.text().await.unwrap()), (StatusCode::NOT_MODIFIED, String::new()));
    assert_eq!(files.fetch().header(IF_NONE_MATCH, "\"x\"").send().await.unwrap().status(), StatusCode::OK);
    let other = files.fetch().header(IF_MATCH, "\"x\"").send().await.unwrap();
    problem(other, StatusCode::PRECONDITION_FAILED, "file-changed").await;
    assert_eq!(files.fetch().header(IF_MATCH, "\"00ff\"").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn only_a_whole_file_that_is_still_there_is_given_and_only_to_its_account() {
    let files = Files::start().await;
    let Files { api, admin, job } = &files;
    let path = |job: &Job| format!("/api/v1/jobs/{}/file", job.id);
    let stranger = api.token("globex", Role::Admin).await;
    problem(api.get(&path(job), &stranger).await, StatusCode::NOT_FOUND, "not-found").await;

    let import = api.job().await;
    problem(api.get(&path(&import), admin).await, StatusCode::NOT_FOUND, "no-file").await;
    let options =
        ExportOptions { format: ExportFormat::Csv, gzip: false, filter: rethread_model::ExportFilter::default() };
    let running = api.job_with(options).await;
    api.change(&running, Change::AttemptStarted).await;
    problem(api.get(&path(&running), admin).await, StatusCode::NOT_FOUND, "no-file").await;
    api.change(&running, Change::CancelRequested).await;
    api.end(&running).await;
    problem(api.get(&path(&running), admin).await, StatusCode::NOT_FOUND, "no-file").await;

    let expired = exported(api, Timestamp::UNIX_EPOCH).await;
    problem(api.get(&path(&expired), admin).await, StatusCode::GONE, "file-expired").await;
    api.change(job, ExportChange::FileDeleted.into()).await;
    problem(api.get(&path(job), admin).await, StatusCode::GONE, "file-expired").await;
}
