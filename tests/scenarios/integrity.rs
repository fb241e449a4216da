//! Uploads that vanish or change while they are read, and a comment store that is restored to an
//! earlier state: a job succeeds only when everything in the plan is written.

use rethread_model::Vendor;
use rethread_tests::{Rethread, Side, System, on_both_sides};
use serde_json::{Value, json};

use crate::{assert_adds_up, comparable, generated, generated_bytes};

const ACCOUNT: &str = "acme";
const COMMENTS: u64 = 12_000;
/// Slices and batches so small that even a small file can be interrupted half-way.
const SLOWLY: [(&str, &str); 4] = [
    ("RETHREAD_WORKER__SLICE_BYTES", "65536"),
    ("RETHREAD_WORKER__BATCH_COMMENTS", "10"),
    ("RETHREAD_WORKER__SLOTS", "1"),
    ("RETHREAD_WORKER__WINDOW", "2"),
];

on_both_sides!(
    what_is_lost_or_changed_in_the_middle_fails_the_job,
    a_comment_store_that_goes_back_in_the_middle_is_filled_again,
    what_a_store_lost_after_the_end_is_told_by_doctor,
);

/// The change to the stored bytes; `None`: they are deleted.
type Fault = fn(Vec<u8>) -> Option<Vec<u8>>;

async fn what_is_lost_or_changed_in_the_middle_fails_the_job(side: Side) {
    let system = System::start_with(side, &SLOWLY).await;
    let token = system.token(ACCOUNT);
    let (file, truth) = generated_bytes(Vendor::Commento, COMMENTS);
    let packed = rethread_tests::gzip(&file);
    let cut: Fault = |mut bytes| {
        bytes.truncate(bytes.len() / 2);
        Some(bytes)
    };
    let overwritten: Fault = |mut bytes| {
        let half = bytes.len() / 2;
        bytes[half..].iter_mut().filter(|byte| byte.is_ascii_lowercase()).for_each(|byte| *byte = b'x');
        Some(bytes)
    };
    for (what, upload, blob, fault, code) in [
        ("deleted", &file, "upload", (|_| None) as Fault, "upload_missing"),
        ("cut", &file, "upload", cut, "upload_changed"),
        ("overwritten", &file, "upload", overwritten, "upload_changed"),
        ("a slice's blob deleted", &packed, "slice-", |_| None, "upload_missing"),
        ("a slice's blob overwritten", &packed, "slice-", overwritten, "upload_changed"),
    ] {
        let job = system.api().begin_import("vendor=commento", &token, upload.clone()).await;
        system.api().has_read(&job, &token, 300).await;
        system.disturb_last_blob(blob, fault).await;
        let receipt = system.api().receipt(&job, &token).await;
        assert_eq!(
            (&receipt["state"], &receipt["error"]["code"]),
            (&json!("failed"), &json!(code)),
            "{what}: {receipt:#}"
        );
        assert_eq!(receipt["removed"], Value::Null, "{what}: nobody knows what the rest held");
        assert_adds_up(&receipt);
        let read = receipt["read"]["comments"].as_i64().unwrap();
        assert!((300..=truth.read.comments).contains(&read), "{what}: {read}");
        assert_eq!(system.files().await, Vec::<String>::new(), "{what}");
    }
    let whole = system.api().import("vendor=commento", &token, file).await;
    assert_eq!(whole["state"], "succeeded", "{whole:#}");
    assert_eq!(whole["read"], serde_json::to_value(truth.read).unwrap());
    assert_eq!(
        system.comment_rows().await.len(),
        usize::try_from(truth.outcome.taken()).unwrap(),
        "nothing is doubled"
    );
}

/// The store is saved when a sixth is written, and restored when all processes are killed in the
/// second half.
async fn a_comment_store_that_goes_back_in_the_middle_is_filled_again(side: Side) {
    let undisturbed = Rethread::new();
    let path = undisturbed.data().join("export.json");
    generated(Vendor::Commento, COMMENTS, &path);
    let expected = tokio::task::block_in_place(|| undisturbed.import(&path, &["--account", ACCOUNT])).json();
    let rows = tokio::task::block_in_place(|| rethread_tests::rows(undisturbed.data()));

    let mut system = System::start_with(side, &SLOWLY).await;
    let token = system.token(ACCOUNT);
    let at = |share: u64| i64::try_from(COMMENTS * share / 100).unwrap();
    let job = system.api().begin_import("vendor=commento", &token, std::fs::read(&path).unwrap()).await;
    system.api().has_read(&job, &token, at(15)).await;
    let saved = system.save_comments().await;
    system.api().has_read(&job, &token, at(60)).await;
    system.restart_with_comments(&saved).await;
    let receipt = system.api().receipt(&job, &token).await;
    assert_eq!(comparable(&receipt), comparable(&expected));
    assert!(system.rows().await == rows, "the rows are those of an undisturbed import");
    assert_eq!(system.files().await, Vec::<String>::new());
    let verified = system.run(&["doctor", "--verify", &job]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

async fn what_a_store_lost_after_the_end_is_told_by_doctor(side: Side) {
    let mut system = System::start(side).await;
    let token = system.token(ACCOUNT);
    let (file, truth) = generated_bytes(Vendor::Commento, 300);
    let saved = system.save_comments().await;
    let receipt = system.api().import("", &token, file).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    let job = receipt["job_id"].as_str().unwrap();
    let well = system.run(&["doctor", "--verify", "--account", ACCOUNT]);
    assert_eq!(well.code, Some(0), "{well:?}");
    let kept = truth.outcome.taken();
    assert!(well.stdout.contains(&format!("{kept} comments of Commento are stored")), "{}", well.stdout);

    system.restart_with_comments(&saved).await;
    for arguments in [&["doctor", "--verify"][..], &["doctor", "--verify", job]] {
        let lost = system.run(arguments);
        assert_eq!(lost.code, Some(1), "{lost:?}");
        assert!(lost.stdout.contains(&format!("{kept} are missing")), "{}", lost.stdout);
    }
    let lost = system.run(&["doctor", "--verify", "--json"]).json();
    assert_eq!((&lost["ok"], &lost["verified"][0]["missing"]), (&json!(false), &json!(kept)), "{lost:#}");
}
