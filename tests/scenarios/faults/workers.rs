//! Workers that are killed, and workers that are asked to stop.

use rethread_model::Vendor;
use rethread_tests::{Deployment, Servers, wait_for};

use super::{Import, deployment_on};
use crate::generated_bytes;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_costs_time_at_most() {
    let mut deployment = deployment_on(Servers::shared().await).start().await;
    let import = Import::under_way(&deployment).await;
    deployment.workers[0].kill();
    import.ends_as_if_nothing_had_happened(&deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_workers_are_killed_and_started_again() {
    let mut deployment = deployment_on(Servers::shared().await).start().await;
    let import = Import::under_way(&deployment).await;
    deployment.kill_workers();
    for worker in &mut deployment.workers {
        worker.start();
    }
    import.ends_as_if_nothing_had_happened(&deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_asked_to_stop_drains_within_its_grace() {
    let mut deployment = deployment_on(Servers::shared().await).start().await;
    let import = Import::under_way(&deployment).await;
    let worker = &mut deployment.workers[0];
    worker.terminate();
    let status = worker.ended().await;
    assert_eq!(status.code(), Some(0), "{}", worker.log());
    assert!(!worker.log().contains("stopping at once"), "it needed no second signal: {}", worker.log());
    import.ends_as_if_nothing_had_happened(&deployment).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slice_that_kills_its_worker_every_time_fails_its_job_alone() {
    // One batch per slice, so that a slice never advances before its worker dies.
    let mut deployment = Deployment::on(Servers::shared().await)
        .workers(1)
        .set("RETHREAD_WORKER__SLICE_BYTES", "524288")
        .set("RETHREAD_WORKER__BATCH_COMMENTS", "100000")
        .set("RETHREAD_WORKER__SLOTS", "1")
        .set("RUST_LOG", "info,import_worker=debug")
        .start()
        .await;
    let import = Import::begin(&deployment).await;
    let is_failed =
        async |deployment: &Deployment| deployment.api.job(&import.job, &import.token).await["state"] == "failed";
    let mut deaths = 0;
    while !is_failed(&deployment).await {
        let seen = begun(&deployment, 5);
        let comes_again = wait_for("slice 5 to be begun, or the job to fail", || async {
            match (begun(&deployment, 5) > seen, is_failed(&deployment).await) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            }
        });
        if comes_again.await {
            deployment.workers[0].kill();
            deployment.workers[0].start();
            deaths += 1;
            assert!(deaths <= 3, "the job goes on killing workers");
        }
    }
    let receipt = deployment.api.receipt(&import.job, &import.token).await;
    assert_eq!(receipt["error"]["code"], "slice_crashes", "{receipt:#}");
    assert_eq!(deployment.files().await, Vec::<String>::new());
    let is_told = || async { deployment.notifier.log().contains(&import.job).then_some(()) };
    wait_for("the operators to be told", is_told).await;

    let other = deployment.token("other");
    let (file, truth) = generated_bytes(Vendor::Commento, 100);
    let receipt = deployment.api.import("", &other, file).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    assert_eq!(receipt["read"], serde_json::to_value(truth.read).unwrap());
}

/// How many times a worker reported the start of a slice.
fn begun(deployment: &Deployment, number: u32) -> usize {
    let slice = format!("slice={number} ");
    let log = deployment.workers[0].log();
    log.lines().filter(|line| line.contains("slice begins") && format!("{line} ").contains(&slice)).count()
}
