//! SIGKILL during an import.

use std::process::Child;

use rand::{RngExt, SeedableRng};
use rethread_model::Vendor;
use rethread_tests::{Rethread, Serve, rows, wait_for};
use serde_json::Value;

use crate::{assert_adds_up, comparable, generated};

const COMMENTS: u64 = 40_000;
/// Several slices between two kills: a slice that kills its worker again and again is given up.
const SMALL: [(&str, &str); 2] =
    [("RETHREAD_WORKER__SLICE_BYTES", "262144"), ("RETHREAD_WORKER__BATCH_COMMENTS", "100")];

/// Comments read by the running job.
fn comments_read(rethread: &Rethread) -> i64 {
    let listed = rethread.run(&["jobs", "--json"]);
    if listed.code != Some(0) {
        return 0;
    }
    listed.json()[0]["read"]["comments"].as_i64().unwrap_or(0)
}

/// Waits until `more` further comments were read, or the process ended.
async fn let_it_read(rethread: &Rethread, process: &mut Child, more: i64) {
    let before = comments_read(rethread);
    let process = std::cell::RefCell::new(process);
    wait_for("the import to get further", || async {
        let has_ended = process.borrow_mut().try_wait().unwrap().is_some();
        (has_ended || comments_read(rethread) >= before + more).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_import_that_is_killed_again_and_again_ends_as_if_it_had_not_been() {
    let undisturbed = Rethread::new();
    let file = undisturbed.data().join("export.xml");
    let truth = generated(Vendor::Disqus, COMMENTS, &file);
    let expected = undisturbed.import(&file, &[]).json();
    assert_adds_up(&expected);
    assert_eq!(expected["read"], serde_json::to_value(truth.read).unwrap(), "the receipt says what the file holds");

    let rethread = Rethread::new();
    let seed = rand::rng().random();
    println!("seed of the kill points: {seed}");
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut process = rethread.begin_import(&file, &SMALL);
    for _ in 0..6 {
        let_it_read(&rethread, &mut process, random.random_range(1_000..4_000)).await;
        process.kill().unwrap();
        process.wait().unwrap();
        process = rethread.begin_import(&file, &SMALL);
    }
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let receipt: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(comparable(&receipt), comparable(&expected));
    assert_eq!(rows(rethread.data()), rows(undisturbed.data()));
    assert_eq!(rethread_tests::files_under(&rethread.data().join("blobs")).len(), 0);
}

#[tokio::test]
async fn a_server_that_is_killed_goes_on_with_its_jobs_when_it_is_started_again() {
    let undisturbed = Rethread::new();
    let file = undisturbed.data().join("export.json");
    generated(Vendor::Commento, 24_000, &file);
    let expected = undisturbed.import(&file, &[]).json();

    let rethread = Rethread::new();
    let token = rethread.run(&["token", "create", "--account", "default", "--name", "ann"]).stdout.trim().to_owned();
    let mut serve = Serve::start(&rethread, &SMALL).await;
    let id = serve.api.begin_import("", &token, std::fs::read(&file).unwrap()).await;
    for at_least in [2_000, 8_000, 14_000] {
        serve.api.has_read(&id, &token, at_least).await;
        serve.kill();
        serve = Serve::start(&rethread, &SMALL).await;
    }
    let receipt = serve.api.receipt(&id, &token).await;
    assert_eq!(comparable(&receipt), comparable(&expected));
    assert_eq!(rows(rethread.data()), rows(undisturbed.data()));
}
