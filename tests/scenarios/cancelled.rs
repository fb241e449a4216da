//! An admin cancels a job.

use reqwest::StatusCode;
use rethread_model::Vendor;
use rethread_tests::{Rethread, Side, System, on_both_sides, rows};

use crate::{assert_adds_up, generated};

const COMMENTS: u64 = 12_000;

on_both_sides!(a_cancelled_job_stops_keeps_what_it_wrote_and_can_be_completed);

async fn a_cancelled_job_stops_keeps_what_it_wrote_and_can_be_completed(side: Side) {
    let undisturbed = Rethread::new();
    let file = undisturbed.data().join("export.xml");
    generated(Vendor::Disqus, COMMENTS, &file);
    let upload = std::fs::read(&file).unwrap();
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    let id = api.begin_import("", &token, upload.clone()).await;
    api.has_read(&id, &token, 2_000).await;
    assert_eq!(api.post(&format!("jobs/{id}/cancel"), &token, Vec::new()).await.0, StatusCode::ACCEPTED);
    let receipt = api.receipt(&id, &token).await;
    assert_eq!(receipt["state"], "cancelled", "{receipt:#}");
    assert_adds_up(&receipt);
    let written = receipt["outcome"]["created"].as_i64().unwrap();
    assert!(written > 0 && receipt["read"]["comments"].as_u64().unwrap() < COMMENTS, "{receipt:#}");
    assert_eq!(system.files().await, Vec::<String>::new());
    assert_eq!(api.post(&format!("jobs/{id}/cancel"), &token, Vec::new()).await.0, StatusCode::CONFLICT);

    let receipt = api.import("", &token, upload).await;
    assert_eq!(receipt["state"], "succeeded");
    assert_eq!(receipt["outcome"]["unchanged"].as_i64(), Some(written));
    let finished = tokio::task::block_in_place(|| undisturbed.import(&file, &[]));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(system.rows().await, rows(undisturbed.data()));
}
