//! The distributed deployment: services as processes, on real servers.

use futures::future::join_all;
use rethread_bench::Recipe;
use rethread_model::{Receipt, Vendor};
use rethread_tests::{Deployment, Servers};

use crate::{generated_bytes, write_file};

#[tokio::test(flavor = "multi_thread")]
async fn files_of_several_accounts_at_once_are_imported_by_all_workers() {
    // Slices of 64 KiB, so that every worker gets some. One slot each, so that no worker takes
    // all.
    let deployment = Deployment::on(Servers::shared().await)
        .workers(3)
        .set("RETHREAD_WORKER__SLICE_BYTES", "65536")
        .set("RETHREAD_WORKER__SLOTS", "1")
        .start()
        .await;
    let folder = tempfile::tempdir().unwrap();
    let mut uploads = Vec::new();
    for account in ["ours", "theirs"] {
        let token = deployment.token(account);
        for (number, vendor) in [Vendor::Disqus, Vendor::WordPress, Vendor::Commento].into_iter().enumerate() {
            let file = folder.path().join(format!("{account}-{vendor}"));
            let truth = write_file(&Recipe::new(vendor, 2_000).with_seed(number as u64 + 20), &file);
            uploads.push((token.clone(), vendor, truth, std::fs::read(&file).unwrap()));
        }
    }
    let receipts =
        join_all(uploads.iter().map(|(token, _, _, upload)| deployment.api.import("", token, upload.clone()))).await;
    for ((_, vendor, truth, _), receipt) in uploads.iter().zip(receipts) {
        assert_eq!(receipt["state"], "succeeded", "{vendor}: {receipt:#}");
        let receipt: Receipt = serde_json::from_value(receipt).unwrap();
        assert_eq!(truth.differences(&receipt), Vec::<String>::new(), "{vendor}");
    }
    for worker in &deployment.workers {
        let slices = worker.metric("rethread_slice_seconds_count").await;
        assert!(slices > 0.0, "{} has done no slice", worker.name());
    }
    assert_eq!(deployment.files().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_is_imported_by_all_workers() {
    let deployment = Deployment::on(Servers::shared().await)
        .workers(3)
        .set("RETHREAD_WORKER__SLICE_BYTES", "65536")
        .set("RETHREAD_WORKER__SLOTS", "1")
        .start()
        .await;
    let (file, truth) = generated_bytes(Vendor::Disqus, 6_000);
    let receipt = deployment.api.import("", &deployment.token("acme"), file).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    assert_eq!(receipt["read"], serde_json::to_value(truth.read).unwrap());
    for worker in &deployment.workers {
        let slices = worker.metric("rethread_slice_seconds_count").await;
        assert!(slices > 1.0, "{} has done {slices} slices", worker.name());
    }
}

/// The gateway has few buffers for the parts that it sends to S3, however many uploads there are.
#[tokio::test(flavor = "multi_thread")]
async fn many_uploads_at_once_take_no_more_memory_than_a_few() {
    // Without a worker, what is stored stays.
    let deployment = Deployment::on(Servers::shared().await).workers(0).start().await;
    let (file, _) = generated_bytes(Vendor::Disqus, 20_000);
    assert!(file.len() > 10 << 20, "each of them has more than one part: {}", file.len());
    let tokens: Vec<String> = (0..16).map(|number| deployment.token(&format!("account-{number}"))).collect();
    let uploads = tokens.iter().cycle().take(64);
    join_all(uploads.map(|token| deployment.api.begin_import("", token, file.clone()))).await;
    let peak = deployment.gateway.peak_resident_bytes() >> 20;
    println!("peak of the gateway: {peak} MiB");
    // It was 800 MiB when each upload had buffers of its own. Without optimisation, the process alone
    // takes twice what it takes otherwise.
    assert!(peak < 160, "{peak} MiB for 64 uploads");
}
