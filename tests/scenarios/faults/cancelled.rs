//! Cancelled jobs stay ended.

use reqwest::StatusCode;
use rethread_model::Vendor;
use rethread_tests::Servers;

use super::{Import, deployment_on};
use crate::generated_bytes;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_cancelled_under_load_leaves_no_upload_and_the_others_alone() {
    let deployment = deployment_on(Servers::shared().await).start().await;
    let unwanted = Import::under_way(&deployment).await;
    let wanted = deployment.token("other");
    let (file, truth) = generated_bytes(Vendor::Disqus, 20_000);
    let other = deployment.api.begin_import("", &wanted, file).await;
    let (status, _) = deployment.api.post(&format!("jobs/{}/cancel", unwanted.job), &unwanted.token, Vec::new()).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let receipt = deployment.api.receipt(&unwanted.job, &unwanted.token).await;
    assert_eq!(receipt["state"], "cancelled");
    let receipt = deployment.api.receipt(&other, &wanted).await;
    assert_eq!(receipt["state"], "succeeded");
    assert_eq!(receipt["read"], serde_json::to_value(truth.read).unwrap());
    assert_eq!(deployment.files().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_is_not_started_again_by_anything() {
    let mut deployment = deployment_on(Servers::shared().await).start().await;
    let token = deployment.token("acme");
    let (mut file, _) = generated_bytes(Vendor::Disqus, 2_000);
    file.truncate(file.len() / 2);
    let receipt = deployment.api.import("", &token, file).await;
    assert_eq!(receipt["state"], "failed", "{receipt:#}");
    let id = receipt["job_id"].as_str().unwrap();
    let before = deployment.api.job(id, &token).await;

    deployment.restart().await;
    // A job that is queued after the restart runs after whatever the restart brought back.
    let (file, _) = generated_bytes(Vendor::Commento, 1_000);
    for _ in 0..3 {
        let receipt = deployment.api.import("", &token, file.clone()).await;
        assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    }
    let after = deployment.api.job(id, &token).await;
    assert_eq!(after, before);
}
