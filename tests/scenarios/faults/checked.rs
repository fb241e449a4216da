//! Faults between a check and the import that follows it.

use reqwest::StatusCode;
use rethread_model::Vendor;
use rethread_tests::{Deployment, Servers, wait_for};
use serde_json::json;

use super::{ACCOUNT, Import, deployment_on, undisturbed};
use crate::{assert_adds_up, generated_bytes};

impl Import {
    /// Uploads the file to be checked first.
    async fn begin_check(deployment: &Deployment) -> Self {
        Self::begin_with(deployment, "vendor=commento&check=true").await
    }

    async fn is(&self, state: &str, deployment: &Deployment) {
        wait_for(&format!("job {} to be {state}", self.job), || async {
            (deployment.api.job(&self.job, &self.token).await["state"] == state).then_some(())
        })
        .await;
    }

    async fn is_confirmed(&self, deployment: &Deployment) {
        let (status, answer) =
            deployment.api.post(&format!("jobs/{}/confirm", self.job), &self.token, Vec::new()).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer:#}");
    }
}

/// The job is recorded as confirmed, and the gateway dies before it can publish the task.
#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_whose_gateway_is_killed_before_it_could_tell_anybody_is_carried_out() {
    let mut deployment = deployment_on(Servers::shared().await).through_proxies().start().await;
    // Nothing has to be interrupted half-way here, so a small file suffices.
    let (file, truth) = generated_bytes(Vendor::Commento, 1_000);
    let token = deployment.token(ACCOUNT);
    let job = deployment.api.begin_import("vendor=commento&check=true", &token, file).await;
    let import = Import { token, job };
    import.is("waiting", &deployment).await;

    deployment.links().queue.cut();
    import.is_confirmed(&deployment).await;
    deployment.gateway.kill();
    assert!(deployment.gateway.log().contains("a task could not be queued"), "nobody was told");
    deployment.links().queue.heal();
    deployment.gateway.start();
    deployment.gateway.is_ready().await;
    let receipt = deployment.api.receipt(&import.job, &import.token).await;
    assert_eq!((&receipt["state"], &receipt["dry_run"]), (&json!("succeeded"), &json!(false)), "{receipt:#}");
    assert_eq!(receipt["read"], serde_json::to_value(truth.read).unwrap());
    assert_adds_up(&receipt);
    assert_eq!(deployment.files().await, Vec::<String>::new(), "the upload is gone");
}

/// The worker resumes with slices of the check in its hands, which others have done meanwhile,
/// while the import is running.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_sleeps_through_the_confirmation_spoils_nothing() {
    let deployment = deployment_on(Servers::shared().await).start().await;
    let import = Import::begin_check(&deployment).await;
    import.has_read(&deployment, 2_400).await;
    deployment.workers[0].signal("STOP");
    import.is("waiting", &deployment).await;
    import.is_confirmed(&deployment).await;
    import.has_read(&deployment, 2_400).await;
    deployment.workers[0].signal("CONT");
    import.ends_as_if_nothing_had_happened(&deployment).await;
    assert_eq!(
        deployment.api.job(&import.job, &import.token).await["checked"]["outcome"]["created"],
        undisturbed().await.receipt["outcome"]["created"]
    );
}
