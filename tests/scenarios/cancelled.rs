//! An admin changes its mind.

use reqwest::StatusCode;
use rethread_model::Vendor;
use rethread_tests::{Rethread, Serve, files_under, rows, wait_for};

use crate::{assert_adds_up, generated};

#[tokio::test]
async fn a_cancelled_job_stops_keeps_what_it_wrote_and_can_be_completed() {
    let rethread = Rethread::new();
    let file = rethread.data().join("export.xml");
    generated(Vendor::Disqus, 100_000, &file);
    let token = rethread.run(&["token", "create", "--account", "default", "--name", "ann"]).stdout.trim().to_owned();
    let serve = Serve::start(&rethread, &[]).await;
    let upload = std::fs::read(&file).unwrap();
    let (_, job) = serve.post("imports", &token, upload.clone()).await;
    let id = job["id"].as_str().unwrap();
    wait_for("comments to be read", || async {
        (serve.get(&format!("jobs/{id}"), &token).await.1["read"]["comments"].as_i64()? > 2_000).then_some(())
    })
    .await;
    assert_eq!(serve.post(&format!("jobs/{id}/cancel"), &token, Vec::new()).await.0, StatusCode::ACCEPTED);
    let receipt = serve.receipt(id, &token).await;
    assert_eq!(receipt["state"], "cancelled", "{receipt:#}");
    assert_adds_up(&receipt);
    let written = receipt["outcome"]["created"].as_i64().unwrap();
    assert!(written > 0 && receipt["read"]["comments"].as_i64().unwrap() < 100_000, "{receipt:#}");
    assert_eq!(files_under(&rethread.data().join("blobs")).len(), 0);
    assert_eq!(serve.post(&format!("jobs/{id}/cancel"), &token, Vec::new()).await.0, StatusCode::CONFLICT);

    let (_, job) = serve.post("imports", &token, upload).await;
    let receipt = serve.receipt(job["id"].as_str().unwrap(), &token).await;
    assert_eq!(receipt["state"], "succeeded");
    assert_eq!(receipt["outcome"]["unchanged"].as_i64(), Some(written));
    let undisturbed = Rethread::new();
    let finished = tokio::task::spawn_blocking(move || {
        let finished = undisturbed.import(&file, &[]);
        (undisturbed, finished)
    });
    let (undisturbed, finished) = finished.await.unwrap();
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(rows(rethread.data()), rows(undisturbed.data()));
}
