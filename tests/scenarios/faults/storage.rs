//! A blob store that answers but does not serve.

use rethread_tests::{S3, Servers};

use super::{Import, OUTAGE, deployment_on};

#[tokio::test(flavor = "multi_thread")]
async fn s3_answers_503_for_a_while() {
    let servers = Servers { s3: S3::start().await.into(), ..Servers::shared().await };
    let deployment = deployment_on(servers).start().await;
    let import = Import::under_way(&deployment).await;
    deployment.servers.s3.set_unavailable(true);
    tokio::time::sleep(OUTAGE).await;
    deployment.servers.s3.set_unavailable(false);
    import.ends_as_if_nothing_had_happened(&deployment).await;
}
