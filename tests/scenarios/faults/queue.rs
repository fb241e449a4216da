//! Lost tasks, and tasks that are delivered twice.

use std::sync::Arc;

use rethread_model::{JobId, SliceNumber, SystemClock, Task, TaskKind};
use rethread_runtime::{Urls, open_backends};
use rethread_tests::Servers;

use super::{ACCOUNT, Import, deployment_on};

#[tokio::test(flavor = "multi_thread")]
async fn a_purged_queue_is_filled_again() {
    let deployment = deployment_on(Servers::shared().await).start().await;
    let import = Import::under_way(&deployment).await;
    deployment.servers.rabbitmq.purge(deployment.queue_prefix()).await;
    import.ends_as_if_nothing_had_happened(&deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_two_workers_get_at_the_same_time_is_done_once() {
    let deployment = deployment_on(Servers::shared().await).start().await;
    let import = Import::under_way(&deployment).await;
    let slices = deployment.api.job(&import.job, &import.token).await["progress"]["slices_total"].as_u64().unwrap();
    assert!(slices > 10, "{slices} slices");

    let folder = tempfile::tempdir().unwrap();
    let at = |scheme: &str, name: &str| format!("{scheme}:{}", folder.path().join(name).display());
    let urls = Urls {
        blobs: at("file", "blobs"),
        jobs: at("sqlite", "jobs.db"),
        queue: deployment.servers.rabbitmq.url(deployment.queue_prefix(), None),
        comments: at("sqlite", "comments.db"),
    };
    let queue = open_backends(&urls, Arc::new(SystemClock)).await.unwrap().queue;
    let job: JobId = import.job.parse().unwrap();
    for number in 0..u32::try_from(slices).unwrap() {
        let kind = TaskKind::Slice { number: SliceNumber(number) };
        queue.publish_task(&Task { account: ACCOUNT.parse().unwrap(), job, kind, trace: None }).await.unwrap();
    }
    for kind in [TaskKind::Plan, TaskKind::Finish] {
        queue.publish_task(&Task { account: ACCOUNT.parse().unwrap(), job, kind, trace: None }).await.unwrap();
    }
    import.ends_as_if_nothing_had_happened(&deployment).await;
}
