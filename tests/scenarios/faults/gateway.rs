//! A gateway that dies during an upload.

use futures::stream;
use rethread_tests::{Deployment, Servers, http_client, wait_for};

/// More than two parts of a multipart upload.
const SENT_BYTES: usize = 20 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_gateway_is_killed_leaves_no_job_that_looks_alive_and_no_part_of_a_file() {
    let mut deployment =
        Deployment::on(Servers::shared().await).set("RETHREAD_WORKER__UPLOAD_STALLED_AFTER", "2s").start().await;
    let token = deployment.token("acme");

    // A body that starts and then never ends.
    let (more, chunks) = tokio::sync::mpsc::unbounded_channel::<Result<Vec<u8>, std::io::Error>>();
    more.send(Ok(vec![b' '; SENT_BYTES])).unwrap();
    let body = stream::unfold(chunks, async |mut chunks| chunks.recv().await.map(|chunk| (chunk, chunks)));
    let request =
        http_client().post(deployment.api.url("imports")).bearer_auth(&token).body(reqwest::Body::wrap_stream(body));
    let upload = tokio::spawn(request.send());

    let job = wait_for("the job of the upload, and a part of its file", || async {
        let (_, listed) = deployment.api.try_get("jobs", &token).await?;
        let id = listed["jobs"][0]["id"].as_str()?.to_owned();
        (!deployment.files().await.is_empty()).then_some(id)
    })
    .await;
    deployment.gateway.kill();
    assert!(upload.await.unwrap().is_err(), "the client is not told that all is well");
    deployment.gateway.start();
    deployment.gateway.is_ready().await;

    let receipt = deployment.api.receipt(&job, &token).await;
    assert_eq!(receipt["state"], "failed");
    assert_eq!(receipt["error"]["code"], "upload_broken", "{receipt:#}");
    assert_eq!(deployment.files().await, Vec::<String>::new(), "unfinished uploads included");
    drop(more);
}
