//! Exports as jobs, and their files.

use reqwest::header::{CONTENT_DISPOSITION, ETAG, RANGE};
use reqwest::{Response, StatusCode};
use rethread_model::{Receipt, Vendor};
use rethread_tests::{Api, Side, System, http_client, on_both_sides, sample, wait_for};
use serde_json::{Value, json};

use super::read::read;
use super::{FORMATS, unpacked};
use crate::generated_bytes;

on_both_sides!(
    a_file_goes_out_while_another_comes_in,
    a_file_is_as_the_command_line_writes_it,
    a_file_expires_and_its_job_says_so,
    an_export_that_is_killed_offers_no_half_file,
    an_export_that_is_cancelled_leaves_nothing,
);

/// Begins an export and returns the id of its job.
async fn begin(api: &Api, token: &str, wanted: &Value) -> String {
    let answer = http_client().post(api.url("exports")).bearer_auth(token).json(wanted).send().await.unwrap();
    let status = answer.status();
    let job: Value = answer.json().await.unwrap();
    assert_eq!(status, StatusCode::ACCEPTED, "{job:#}");
    job["id"].as_str().unwrap().to_owned()
}

async fn fetch(api: &Api, job: &str, token: &str) -> Response {
    http_client().get(api.url(&format!("jobs/{job}/file"))).bearer_auth(token).send().await.unwrap()
}

/// The file of an export, once it is complete.
async fn file(api: &Api, job: &str, token: &str) -> Vec<u8> {
    let receipt = api.receipt(job, token).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    let answer = fetch(api, job, token).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(receipt["export"]["bytes"], bytes.len());
    bytes.into()
}

async fn import(system: &System, token: &str, name: &str) {
    let receipt = system.api().import("", token, std::fs::read(sample(name)).unwrap()).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
}

/// By a command on the same stores.
fn exported(system: &System, format: &str) -> String {
    let finished = system.run(&["export", "--format", format]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    finished.stdout
}

/// An export of everything, as of one moment, does not hold up an import.
async fn a_file_goes_out_while_another_comes_in(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    import(&system, &token, "disqus.xml.gz").await;
    let before = exported(&system, "csv");
    let (upload, truth) = generated_bytes(Vendor::WordPress, 12_000);
    let running = api.begin_import("", &token, upload).await;
    api.has_read(&running, &token, 0).await;
    let job = begin(api, &token, &json!({"format": "csv"})).await;
    let during = String::from_utf8(file(api, &job, &token).await).unwrap();
    let rows: std::collections::BTreeSet<&str> = during.split("\r\n").collect();
    assert!(before.split("\r\n").all(|row| rows.contains(row)), "what was there is there");

    let receipt: Receipt = serde_json::from_value(api.receipt(&running, &token).await).unwrap();
    assert_eq!(truth.differences(&receipt), Vec::<String>::new());
    let created = usize::try_from(receipt.outcome.created).unwrap();
    let job = begin(api, &token, &json!({"format": "csv"})).await;
    let after = String::from_utf8(file(api, &job, &token).await).unwrap();
    assert_eq!(read("csv", &after).comments, created + 26);
    assert!(read("csv", &during).comments <= created + 26);
}

async fn a_file_is_as_the_command_line_writes_it(side: Side) {
    let system = System::start(side).await;
    let (api, token, stranger) = (system.api(), system.token("default"), system.token("globex"));
    import(&system, &token, "disqus.xml.gz").await;
    for format in FORMATS {
        let job = begin(api, &token, &json!({"format": format, "gzip": true})).await;
        let packed = file(api, &job, &token).await;
        assert_eq!(read(format, &unpacked(&packed)), read(format, &exported(&system, format)), "{format}");
        let shown = api.job(&job, &token).await;
        assert_eq!(shown["export"]["written"]["tally"]["comments"], 26, "{shown:#}");

        if side == Side::Embedded {
            let told = system.run(&["jobs", &job]).stdout;
            assert!(told.contains("Exported comments") && told.contains("26 comments on 4 pages"), "{told}");
        }

        let part = http_client().get(api.url(&format!("jobs/{job}/file"))).header(RANGE, "bytes=10-29");
        let part = part.bearer_auth(&token).send().await.unwrap();
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        let sha256 = shown["export"]["written"]["file"]["sha256"].as_str().unwrap();
        assert_eq!(part.headers()[ETAG], format!("\"{sha256}\""));
        assert!(part.headers()[CONTENT_DISPOSITION].to_str().unwrap().ends_with(".gz\""));
        assert_eq!(part.bytes().await.unwrap(), packed[10..30]);
        for foreign in [fetch(api, &job, &stranger).await, fetch(api, &job, "rt_nobody").await] {
            assert!(matches!(foreign.status(), StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED));
            assert!(!foreign.headers().contains_key(ETAG));
        }
    }
    let plain = begin(api, &token, &json!({"format": "csv"})).await;
    assert_eq!(file(api, &plain, &token).await, exported(&system, "csv").into_bytes());
    let spam = json!({"format": "csv", "filter": {"status": ["spam"], "vendor": "disqus"}});
    let spam = begin(api, &token, &spam).await;
    let spam = String::from_utf8(file(api, &spam, &token).await).unwrap();
    assert_eq!(read("csv", &spam).comments, 2);
    let nothing = begin(api, &stranger, &json!({"format": "csv"})).await;
    let nothing = String::from_utf8(file(api, &nothing, &stranger).await).unwrap();
    assert_eq!(read("csv", &nothing).comments, 0, "nothing of another account goes out");
}

async fn a_file_expires_and_its_job_says_so(side: Side) {
    let settings = [("RETHREAD_WORKER__EXPORT_EXPIRES_AFTER", "1s"), ("RETHREAD_WORKER__JANITOR_INTERVAL", "200ms")];
    let system = System::start_with(side, &settings).await;
    let (api, token) = (system.api(), system.token("default"));
    import(&system, &token, "disqus.xml.gz").await;
    let job = begin(api, &token, &json!({"format": "jsonl"})).await;
    assert_eq!(api.receipt(&job, &token).await["state"], "succeeded");
    let shown = wait_for("the file to be deleted", || async {
        let shown = api.job(&job, &token).await;
        let last = shown["timeline"].as_array()?.last()?["event"].clone();
        (last == "file_deleted").then_some(shown)
    })
    .await;
    assert_eq!(shown["state"], "succeeded");
    assert!(shown["export"]["written"]["file"]["deleted_at"].is_string(), "{shown:#}");
    let gone = fetch(api, &job, &token).await;
    assert_eq!(gone.status(), StatusCode::GONE);
    wait_for("nothing to be stored", || async { system.files().await.is_empty().then_some(()) }).await;
}

/// Enough comments to catch an export while it runs.
const MANY: u64 = 20_000;

async fn many(system: &System, token: &str) {
    let (upload, _) = generated_bytes(Vendor::Commento, MANY);
    assert_eq!(system.api().import("", token, upload).await["state"], "succeeded");
}

async fn is_being_written(api: &Api, job: &str, token: &str) {
    wait_for("the export to be written", || async {
        let shown = api.job(job, token).await;
        assert_ne!(shown["state"], "succeeded", "it was over too soon: {shown:#}");
        (shown["state"] == "running").then_some(())
    })
    .await;
}

async fn an_export_that_is_killed_offers_no_half_file(side: Side) {
    let mut system = System::start(side).await;
    let token = system.token("default");
    many(&system, &token).await;
    let job = begin(system.api(), &token, &json!({"format": "jsonl", "gzip": true})).await;
    is_being_written(system.api(), &job, &token).await;
    assert_eq!(fetch(system.api(), &job, &token).await.status(), StatusCode::NOT_FOUND);
    system.restart().await;
    let packed = file(system.api(), &job, &token).await;
    let found = read("jsonl", &unpacked(&packed));
    assert_eq!(found, read("jsonl", &exported(&system, "jsonl")));
    let files = system.files().await;
    assert_eq!(files.len(), 1, "nothing is left of what was half written: {files:?}");
}

async fn an_export_that_is_cancelled_leaves_nothing(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    many(&system, &token).await;
    let job = begin(api, &token, &json!({"format": "wordpress", "gzip": true})).await;
    is_being_written(api, &job, &token).await;
    let (status, _) = api.post(&format!("jobs/{job}/cancel"), &token, Vec::new()).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let receipt = api.receipt(&job, &token).await;
    assert_eq!((&receipt["state"], &receipt["export"]["file"]), (&json!("cancelled"), &Value::Null), "{receipt:#}");
    assert_eq!(fetch(api, &job, &token).await.status(), StatusCode::NOT_FOUND);
    wait_for("nothing to be stored", || async { system.files().await.is_empty().then_some(()) }).await;
}
