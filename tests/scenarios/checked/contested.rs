//! Concurrent decisions about one checked job.

use futures::future::join_all;
use reqwest::StatusCode;
use rethread_model::Vendor;
use rethread_tests::{Api, Side, System, on_both_sides, wait_for};

use super::{confirm, timeline, waiting};
use crate::{assert_adds_up, generated_bytes};

on_both_sides!(
    of_many_who_confirm_at_once_one_is_heard,
    who_cancels_is_heard_whoever_confirms_at_the_same_time,
    what_is_confirmed_in_the_last_moment_is_imported_or_cancelled_and_nothing_between,
);

const COMMENTS: u64 = 300;

async fn cancel(api: &Api, job: &str, token: &str) -> StatusCode {
    api.post(&format!("jobs/{job}/cancel"), token, Vec::new()).await.0
}

async fn of_many_who_confirm_at_once_one_is_heard(side: Side) {
    let (file, truth) = generated_bytes(Vendor::Commento, COMMENTS);
    let system = System::start(side).await;
    let api = system.api();
    let (ann, ben) = (system.token("default"), system.token("default"));
    let id = api.begin_import("check=true", &ann, file).await;
    waiting(api, &id, &ann).await;
    let answers = join_all((0..8).map(|number| confirm(api, &id, if number % 2 == 0 { &ann } else { &ben }))).await;
    let accepted = answers.iter().filter(|status| **status == StatusCode::ACCEPTED).count();
    let refused = answers.iter().filter(|status| **status == StatusCode::CONFLICT).count();
    assert_eq!((accepted, refused), (1, 7), "{answers:?}");
    let receipt = api.receipt(&id, &ben).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    assert_eq!(receipt["read"], serde_json::to_value(truth.read).unwrap());
    assert_adds_up(&receipt);
    let lines = timeline(api, &id, &ann).await;
    assert_eq!(lines.iter().filter(|event| *event == "confirmed").count(), 1, "{lines:?}");
    assert_eq!(lines.iter().filter(|event| *event == "planned").count(), 2, "one check and one import: {lines:?}");
}

/// One account per job, so that the jobs do not affect each other.
async fn who_cancels_is_heard_whoever_confirms_at_the_same_time(side: Side) {
    let (file, _) = generated_bytes(Vendor::Commento, COMMENTS);
    let system = System::start(side).await;
    let api = system.api();
    for account in ["one", "two", "three", "four"] {
        let token = system.token(account);
        let id = api.begin_import("check=true", &token, file.clone()).await;
        waiting(api, &id, &token).await;
        let (confirmed, cancelled) = tokio::join!(confirm(api, &id, &token), cancel(api, &id, &token));
        let receipt = api.receipt(&id, &token).await;
        let lines = timeline(api, &id, &token).await;
        if cancelled == StatusCode::ACCEPTED {
            assert_eq!(receipt["state"], "cancelled", "{receipt:#}");
        } else {
            // The import was so fast that it was already finishing.
            assert_eq!((cancelled, confirmed), (StatusCode::CONFLICT, StatusCode::ACCEPTED));
            assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
        }
        assert_eq!(lines.contains(&"confirmed".to_owned()), confirmed == StatusCode::ACCEPTED, "{lines:?}");
        assert_eq!(receipt["dry_run"], confirmed != StatusCode::ACCEPTED, "{receipt:#}");
        assert_eq!(system.files().await, Vec::<String>::new());
    }
}

/// The janitors poll constantly and compete with the admin: sometimes they are faster, sometimes
/// the admin is.
async fn what_is_confirmed_in_the_last_moment_is_imported_or_cancelled_and_nothing_between(side: Side) {
    let (file, _) = generated_bytes(Vendor::Commento, COMMENTS);
    let settings = [("RETHREAD_WORKER__CONFIRM_WITHIN", "1ms"), ("RETHREAD_WORKER__JANITOR_INTERVAL", "5ms")];
    let system = System::start_with(side, &settings).await;
    let api = system.api();
    let mut imported = 0;
    for account in ["one", "two", "three", "four", "five", "six"] {
        let token = system.token(account);
        let id = api.begin_import("check=true", &token, file.clone()).await;
        let is_confirmed = wait_for("a confirmation, or the end", || async {
            // In quick succession, to hit the critical moment.
            for _ in 0..20 {
                match confirm(api, &id, &token).await {
                    StatusCode::ACCEPTED => return Some(true),
                    refused => assert_eq!(refused, StatusCode::CONFLICT),
                }
            }
            (api.job(&id, &token).await["state"] == "cancelled").then_some(false)
        })
        .await;
        let receipt = api.receipt(&id, &token).await;
        let expected = if is_confirmed { "succeeded" } else { "cancelled" };
        assert_eq!(
            (&receipt["state"], &receipt["dry_run"]),
            (&expected.into(), &(!is_confirmed).into()),
            "{receipt:#}"
        );
        assert_adds_up(&receipt);
        let lines = timeline(api, &id, &token).await;
        assert_eq!(lines.contains(&"confirmed".to_owned()), is_confirmed, "{lines:?}");
        assert_eq!(lines.contains(&"cancel_requested".to_owned()), !is_confirmed, "{lines:?}");
        if is_confirmed {
            imported += receipt["outcome"]["created"].as_u64().unwrap();
        }
    }
    assert_eq!(system.comment_rows().await.len() as u64, imported, "nothing was written for those that were cancelled");
    assert_eq!(system.files().await, Vec::<String>::new());
}
