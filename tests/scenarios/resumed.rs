//! Public tus clients send a file despite an interruption.

use std::path::Path;
use std::process::{Command, Stdio};

use rethread_model::Vendor;
use rethread_tests::{
    Direction, Finished, Proxy, Side, System, client_script, node_client, on_both_sides, python_client,
};

use crate::generated_bytes;

on_both_sides!(an_upload_by_tuspy_goes_on, an_upload_by_tus_js_client_goes_on);

async fn an_upload_by_tuspy_goes_on(side: Side) {
    let client = || {
        let mut python = python_client("python");
        python.arg(client_script("upload.py"));
        python
    };
    an_upload_goes_on(side, client).await;
}

async fn an_upload_by_tus_js_client_goes_on(side: Side) {
    an_upload_goes_on(side, || node_client("upload.cjs")).await;
}

/// The connection breaks in the middle of a chunk, and the client's process ends. A new one sends
/// the rest, and only that.
async fn an_upload_goes_on(side: Side, client: impl Fn() -> Command) {
    let system = System::start(side).await;
    let (token, api) = (system.token("default"), system.api());
    let (upload, truth) = generated_bytes(Vendor::Disqus, 20_000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.xml");
    std::fs::write(&file, &upload).unwrap();
    let file_bytes = upload.len() as u64;
    assert!(file_bytes > 8 << 20, "several chunks: {file_bytes}");

    let proxy = Proxy::to(api.address()).await;
    let run = async || {
        let endpoint = format!("http://{}/api/v1/uploads", proxy.address());
        let memory = folder.path().join("memory");
        finished(client(), &[&endpoint, &token], &[&file, &memory]).await
    };
    proxy.cut_after(Direction::Up, file_bytes / 2);
    let first = run().await;
    assert_ne!(first.code, Some(0), "it cannot have succeeded: {first:?}");
    assert_eq!(api.get("jobs", &token).await.1["jobs"][0]["phase"], "uploading");
    proxy.heal();
    let before = proxy.traffic().bytes_up;
    let second = run().await;
    assert_eq!(second.code, Some(0), "{second:?}");
    let sent_again = proxy.traffic().bytes_up - before;
    assert!(sent_again < file_bytes * 2 / 3, "{sent_again} of {file_bytes} bytes were sent the second time");

    let job = second.stdout.trim().rsplit('/').next().unwrap();
    let receipt = api.receipt(job, &token).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    assert_eq!(receipt["read"], serde_json::to_value(truth.read).unwrap());
    assert_eq!(receipt["bytes"]["stored"], file_bytes);
    assert_eq!(api.get("jobs", &token).await.1["jobs"].as_array().unwrap().len(), 1, "one upload is one job");
}

async fn finished(client: Command, arguments: &[&str], paths: &[&Path]) -> Finished {
    let mut client = tokio::process::Command::from(client);
    let output = client.args(arguments).args(paths).stdin(Stdio::null()).kill_on_drop(true).output();
    output.await.expect("the client runs").into()
}
