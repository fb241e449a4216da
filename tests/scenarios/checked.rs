//! An import that is checked first, and runs once an admin confirms it.

mod contested;

use reqwest::StatusCode;
use rethread_bench::{Damage, Recipe};
use rethread_model::Vendor;
use rethread_tests::{Api, Rethread, Rows, Side, System, gzip, on_both_sides, rows, wait_for};
use serde_json::Value;

use crate::{assert_adds_up, comparable, generated, lasting_row_counts, write_file};

on_both_sides!(
    what_was_checked_and_confirmed_is_what_a_plain_import_does,
    what_was_checked_and_cancelled_leaves_nothing,
    what_was_checked_and_left_alone_is_cancelled,
    a_file_that_cannot_be_read_fails_in_its_check,
    killed_while_it_checks_and_when_it_was_confirmed_it_ends_as_if_it_had_not_been,
);

/// What a check reports, as it appears in the receipt of a first import.
const TOLD: [&str; 9] =
    ["read", "status", "outcome", "findings", "pages", "orphans", "removed", "first_comment_at", "last_comment_at"];

/// Waits until a job waits for confirmation.
async fn waiting(api: &Api, job: &str, token: &str) -> Value {
    wait_for(&format!("job {job} to be checked"), || async {
        let job = api.job(job, token).await;
        let state = job["state"].as_str()?;
        assert!(matches!(state, "queued" | "running" | "waiting"), "{job:#}");
        (state == "waiting").then_some(job)
    })
    .await
}

async fn confirm(api: &Api, job: &str, token: &str) -> StatusCode {
    api.post(&format!("jobs/{job}/confirm"), token, Vec::new()).await.0
}

async fn findings(api: &Api, job: &str, token: &str) -> Value {
    let (status, found) = api.get(&format!("jobs/{job}/findings?limit=200"), token).await;
    assert_eq!(status, StatusCode::OK);
    found["findings"].clone()
}

/// The events of a job's timeline.
async fn timeline(api: &Api, job: &str, token: &str) -> Vec<String> {
    let job = api.job(job, token).await;
    job["timeline"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect()
}

/// The file is compressed, so its slices are stored separately and have to be stored again.
async fn what_was_checked_and_confirmed_is_what_a_plain_import_does(side: Side) {
    let undisturbed = Rethread::new();
    let file = undisturbed.data().join("export");
    write_file(&Recipe::new(Vendor::Disqus, 5_000).with_seed(11).with_damage(Damage::ALL), &file);
    let packed = gzip(&std::fs::read(&file).unwrap());
    std::fs::write(&file, &packed).unwrap();
    let plain = tokio::task::block_in_place(|| undisturbed.import(&file, &[])).json();

    let system = System::start_with(side, &[("RETHREAD_WORKER__SLICE_BYTES", "300000")]).await;
    let (api, token) = (system.api(), system.token("default"));
    let id = api.begin_import("check=true", &token, packed.clone()).await;
    let job = waiting(api, &id, &token).await;
    assert_eq!((&job["check"], &job["dry_run"], &job["stalled"]), (&true.into(), &true.into(), &false.into()));
    for field in TOLD {
        assert_eq!(job["checked"][field], plain[field], "{field}");
    }
    assert!(job["checked"]["first_comment_at"].as_str() < job["checked"]["last_comment_at"].as_str(), "{job:#}");
    assert_eq!(system.rows().await, Vec::<String>::new());
    assert_ne!(system.files().await, Vec::<String>::new(), "the upload is kept");
    let counts = lasting_row_counts(&system).await;
    assert!(counts.contains(&("comments", 0)), "the import begins with no ledger: {counts:?}");
    let found = findings(api, &id, &token).await;
    assert!(!found.as_array().unwrap().is_empty());

    assert_eq!(confirm(api, &id, &token).await, StatusCode::ACCEPTED);
    assert_eq!(confirm(api, &id, &token).await, StatusCode::CONFLICT, "one word is enough");
    let receipt = api.receipt(&id, &token).await;
    assert_eq!(comparable(&receipt), comparable(&plain));
    assert_eq!(system.rows().await, rows(undisturbed.data()));
    assert_eq!(findings(api, &id, &token).await, found);
    assert_eq!(system.files().await, Vec::<String>::new());
    assert_eq!(api.job(&id, &token).await["checked"], job["checked"], "what was found before is kept");
    let lines = timeline(api, &id, &token).await;
    let expected = [
        "created",
        "uploaded",
        "planned",
        "finishing",
        "checked",
        "confirmed",
        "planned",
        "finishing",
        "upload_deleted",
        "succeeded",
    ];
    assert_eq!(lines, expected);

    // A second check sees the existing comments.
    let again = api.begin_import("check=true", &token, packed).await;
    let checked = waiting(api, &again, &token).await["checked"].clone();
    let outcome = &checked["outcome"];
    assert_eq!((&outcome["unchanged"], &outcome["created"]), (&plain["outcome"]["created"], &0.into()), "{checked:#}");
    // And it predicts the import.
    assert_eq!(confirm(api, &again, &token).await, StatusCode::ACCEPTED);
    let receipt = api.receipt(&again, &token).await;
    for field in TOLD {
        assert_eq!(receipt[field], checked[field], "{field}");
    }
    assert_eq!(system.rows().await, rows(undisturbed.data()), "nothing is written twice");
}

async fn assert_nothing_is_left(system: &System) {
    assert_eq!(system.rows().await, Rows::new());
    assert_eq!(system.files().await, Vec::<String>::new());
}

async fn what_was_checked_and_cancelled_leaves_nothing(side: Side) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export");
    generated(Vendor::Commento, 2_000, &file);
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    let id = api.begin_import("check=true", &token, std::fs::read(&file).unwrap()).await;
    let job = waiting(api, &id, &token).await;
    assert_eq!(api.post(&format!("jobs/{id}/cancel"), &token, Vec::new()).await.0, StatusCode::ACCEPTED);
    let receipt = api.receipt(&id, &token).await;
    assert_eq!((&receipt["state"], &receipt["dry_run"]), (&"cancelled".into(), &true.into()), "{receipt:#}");
    assert_eq!(receipt["outcome"], job["checked"]["outcome"], "what would have been stays to be read");
    assert_adds_up(&receipt);
    assert_nothing_is_left(&system).await;
    assert_eq!(confirm(api, &id, &token).await, StatusCode::CONFLICT);
}

async fn what_was_checked_and_left_alone_is_cancelled(side: Side) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export");
    generated(Vendor::Commento, 500, &file);
    let settings = [("RETHREAD_WORKER__CONFIRM_WITHIN", "2s"), ("RETHREAD_WORKER__JANITOR_INTERVAL", "200ms")];
    let system = System::start_with(side, &settings).await;
    let (api, token) = (system.api(), system.token("default"));
    let id = api.begin_import("check=true", &token, std::fs::read(&file).unwrap()).await;
    let receipt = api.receipt(&id, &token).await;
    assert_eq!(receipt["state"], "cancelled", "{receipt:#}");
    assert_nothing_is_left(&system).await;
    let lines = timeline(api, &id, &token).await;
    let expected =
        ["created", "uploaded", "planned", "finishing", "checked", "cancel_requested", "upload_deleted", "cancelled"];
    assert_eq!(lines, expected);
    assert_eq!(system.undelivered_events().await, 0, "that is no failure");
    assert!(!system.log().contains("job is failed"), "nobody is alerted");
}

async fn a_file_that_cannot_be_read_fails_in_its_check(side: Side) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export");
    generated(Vendor::Disqus, 1_000, &file);
    let mut upload = std::fs::read(&file).unwrap();
    upload.truncate(upload.len() / 2);
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    for upload in [upload, b"<html><body>Not found</body></html>".to_vec()] {
        let id = api.begin_import("check=true", &token, upload).await;
        let receipt = api.receipt(&id, &token).await;
        assert_eq!((&receipt["state"], &receipt["dry_run"]), (&"failed".into(), &true.into()), "{receipt:#}");
        assert_nothing_is_left(&system).await;
        assert_eq!(confirm(api, &id, &token).await, StatusCode::CONFLICT);
    }
}

async fn killed_while_it_checks_and_when_it_was_confirmed_it_ends_as_if_it_had_not_been(side: Side) {
    let undisturbed = Rethread::new();
    let file = undisturbed.data().join("export");
    generated(Vendor::Commento, 12_000, &file);
    let upload = std::fs::read(&file).unwrap();
    let plain = tokio::task::block_in_place(|| undisturbed.import(&file, &[])).json();

    let mut system = System::start_with(
        side,
        &[("RETHREAD_WORKER__SLICE_BYTES", "200000"), ("RETHREAD_WORKER__BATCH_COMMENTS", "100")],
    )
    .await;
    let token = system.token("default");
    let id = system.api().begin_import("check=true", &token, upload).await;
    system.api().has_read(&id, &token, 1_000).await;
    system.restart().await;
    let job = waiting(system.api(), &id, &token).await;
    for field in TOLD {
        assert_eq!(job["checked"][field], plain[field], "{field}");
    }
    assert_eq!(system.rows().await, Rows::new());
    system.restart().await;
    assert_eq!(waiting(system.api(), &id, &token).await, job, "waiting outlives the processes");

    assert_eq!(confirm(system.api(), &id, &token).await, StatusCode::ACCEPTED);
    system.restart().await;
    system.api().has_read(&id, &token, 4_000).await;
    system.restart().await;
    let receipt = system.api().receipt(&id, &token).await;
    assert_eq!(comparable(&receipt), comparable(&plain));
    assert_eq!(system.rows().await, rows(undisturbed.data()));
    assert_eq!(system.files().await, Vec::<String>::new());
}
