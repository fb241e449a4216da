//! A status service that dies while jobs are watched.

use futures::TryStreamExt as _;
use rethread_proto::v1::status_service_client::StatusServiceClient;
use rethread_proto::v1::{Job, JobState, WatchJobRequest};
use rethread_tests::{Deployment, Servers, http_client};
use tonic::Streaming;

use super::{Import, deployment_on};

/// Watches a job from after a revision; fails while the service is unavailable.
async fn watch(deployment: &Deployment, import: &Import, after_revision: u64) -> Option<Streaming<Job>> {
    let mut client = StatusServiceClient::connect(format!("http://{}", deployment.grpc)).await.ok()?;
    let mut request = tonic::Request::new(WatchJobRequest { job_id: import.job.clone(), after_revision });
    request.metadata_mut().insert("authorization", format!("Bearer {}", import.token).parse().unwrap());
    Some(client.watch_job(request).await.ok()?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_watch_resume_where_they_were() {
    let mut deployment = deployment_on(Servers::shared().await).start().await;
    let import = Import::under_way(&deployment).await;
    let mut revisions = Vec::new();
    let mut watched = rethread_tests::wait_for("a watch", || watch(&deployment, &import, 0)).await;
    let first = watched.try_next().await.unwrap().unwrap();
    revisions.push(first.revision);

    deployment.status.kill();
    while let Ok(Some(job)) = watched.try_next().await {
        revisions.push(job.revision);
    }
    deployment.status.start();
    let last = *revisions.last().unwrap();
    let mut watched = rethread_tests::wait_for("another watch", || watch(&deployment, &import, last)).await;
    let mut state = JobState::Unspecified;
    while let Some(job) = watched.try_next().await.unwrap() {
        revisions.push(job.revision);
        state = job.state();
    }
    assert_eq!(state, JobState::Succeeded, "the watch ends with the job");
    assert!(revisions.is_sorted_by(|one, next| one < next), "nothing comes twice: {revisions:?}");
    assert!(revisions.len() > 3, "{revisions:?}");
    import.ends_as_if_nothing_had_happened(&deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn live_updates_of_the_gateway_resume_by_their_last_id() {
    let mut deployment = deployment_on(Servers::shared().await).start().await;
    let import = Import::under_way(&deployment).await;
    let client = http_client();
    let mut ids: Vec<u64> = Vec::new();
    let mut has_killed = false;
    let mut last_state = String::new();
    while last_state != "succeeded" {
        let mut request =
            client.get(deployment.api.url(&format!("jobs/{}/events", import.job))).bearer_auth(&import.token);
        if let Some(last) = ids.last() {
            request = request.header("last-event-id", last.to_string());
        }
        // A client of server-sent events reconnects when it is refused or disconnected.
        let Ok(mut answer) = request.send().await else { continue };
        let mut text = String::new();
        while let Ok(Some(chunk)) = answer.chunk().await {
            text.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((event, rest)) =
                text.split_once("\n\n").map(|(event, rest)| (event.to_owned(), rest.to_owned()))
            {
                text = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let (Some(id), Some(data)) = (field("id:"), field("data:")) else { continue };
                ids.push(id.parse().unwrap());
                let job: serde_json::Value = serde_json::from_str(data).unwrap();
                last_state = job["state"].as_str().unwrap().to_owned();
            }
            if !has_killed && !ids.is_empty() {
                has_killed = true;
                deployment.status.kill();
                deployment.status.start();
            }
        }
    }
    assert!(ids.is_sorted_by(|one, next| one < next), "nothing comes twice: {ids:?}");
    import.ends_as_if_nothing_had_happened(&deployment).await;
}
