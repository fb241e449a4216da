//! `serve`, used with curl and over gRPC.

use std::process::{Command, Stdio};

use futures::TryStreamExt;
use rethread_model::Vendor;
use rethread_proto::v1::status_service_client::StatusServiceClient;
use rethread_proto::v1::{JobState, WatchJobRequest};
use rethread_tests::{Rethread, Serve, Side, System, on_both_sides};
use serde_json::Value;

use crate::generated;

on_both_sides!(an_upload_by_curl_is_watched_to_its_end_and_gone);

/// Runs curl with a token and returns what it printed.
fn curl(token: &str, arguments: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--fail-with-body", "--max-time", "120"])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("curl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn an_upload_by_curl_is_watched_to_its_end_and_gone(side: Side) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.xml");
    let truth = generated(Vendor::Disqus, 30_000, &file);
    let system = System::start(side).await;
    let token = system.token("default");
    let url = |route: &str| system.api().url(route);

    let body = format!("@{}", file.display());
    let answer = curl(
        &token,
        &["--data-binary", &body, "--header", "Content-Type: application/octet-stream", &url("imports?vendor=disqus")],
    );
    let job: Value = serde_json::from_str(&answer).unwrap();
    let id = job["id"].as_str().unwrap().to_owned();

    let events = tokio::task::spawn_blocking({
        let (token, url) = (token.clone(), url(&format!("jobs/{id}/events")));
        move || curl(&token, &["--no-buffer", &url])
    });
    let mut client = StatusServiceClient::connect(format!("http://{}", system.grpc())).await.unwrap();
    let mut request = tonic::Request::new(WatchJobRequest { job_id: id.clone(), after_revision: 0 });
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let watched: Vec<_> = client.watch_job(request).await.unwrap().into_inner().try_collect().await.unwrap();

    let last = watched.last().unwrap();
    assert_eq!(last.state(), JobState::Succeeded);
    assert!(watched.len() > 3, "more than the beginning and the end: {}", watched.len());
    assert!(watched.is_sorted_by_key(|job| job.revision));

    let events = events.await.unwrap();
    let snapshots: Vec<Value> = events
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|data| serde_json::from_str(data.trim()).unwrap())
        .collect();
    let last = snapshots.last().unwrap();
    assert_eq!(last["state"], "succeeded");
    assert_eq!(last["read"]["comments"].as_i64(), Some(truth.read.comments));
    let revisions: Vec<u64> = snapshots.iter().map(|job| job["revision"].as_u64().unwrap()).collect();
    assert!(revisions.is_sorted(), "{revisions:?}");

    assert_eq!(system.files().await, Vec::<String>::new());
    let receipt: Value = serde_json::from_str(&curl(&token, &[&url(&format!("jobs/{id}/receipt"))])).unwrap();
    assert_eq!(receipt["read"], serde_json::to_value(truth.read).unwrap());
    let pages: Value = serde_json::from_str(&curl(&token, &[&url("pages?limit=5")])).unwrap();
    let page = pages["pages"][0]["id"].as_str().unwrap();
    let comments: Value = serde_json::from_str(&curl(&token, &[&url(&format!("pages/{page}/comments"))])).unwrap();
    assert!(!comments["comments"].as_array().unwrap().is_empty());

    let log = system.log();
    // After the id; the secret may itself contain underscores.
    let secret = token.splitn(3, '_').nth(2).unwrap();
    assert!(!log.contains(secret), "the log holds the token");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_imports_through_a_running_server() {
    let rethread = Rethread::new();
    let file = rethread.data().join("export.json");
    let truth = generated(Vendor::Commento, 2_000, &file);
    let token = rethread.run(&["token", "create", "--account", "default", "--name", "ann"]).stdout.trim().to_owned();
    let serve = Serve::start(&rethread, &[]).await;
    let server = format!("http://{}", serve.api.address());
    let finished = tokio::task::block_in_place(|| rethread.import(&file, &["--server", &server, "--token", &token]));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(finished.json()["read"], serde_json::to_value(truth.read).unwrap());

    let refused = tokio::task::block_in_place(|| rethread.import(&file, &[]));
    assert_eq!(refused.code, Some(2));
    assert_eq!(refused.json()["error"]["code"], "folder_in_use", "{}", refused.stdout);
}
