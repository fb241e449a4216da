//! A newcomer's first steps.

use std::collections::BTreeMap;

use rethread_bench::{Damage, Recipe};
use rethread_model::{Receipt, Vendor};
use rethread_tests::{Finished, Rethread, Side, System, gzip, on_both_sides, row_counts, rows, sample, unpacked};
use serde_json::Value;

use crate::{assert_adds_up, comparable, lasting_row_counts, write_file};

on_both_sides!(
    every_sample_uploaded_gives_what_its_readme_says_and_a_second_upload_changes_nothing,
    a_dry_run_of_an_upload_says_what_the_import_then_does_and_writes_nothing,
    a_generated_upload_with_every_kind_of_damage_is_accounted_for_to_the_last_record,
);

/// The reports in samples/README.md: what a first import of each sample must report.
fn expected() -> BTreeMap<String, Value> {
    let readme = std::fs::read_to_string(sample("README.md")).unwrap();
    let (_, block) = readme.split_once("```json\n").expect("a block of JSON");
    serde_json::from_str(block.split("```").next().unwrap()).unwrap()
}

/// A sample of each of the seven vendors, plain and gzipped.
#[test]
fn a_sample_gives_what_its_readme_says_and_a_second_import_changes_nothing() {
    for (name, expected) in expected() {
        let plain = unpacked(&name);
        for (packing, bytes) in [("plain", plain.clone()), ("gzipped", gzip(&plain))] {
            let what = format!("{name}, {packing}");
            let rethread = Rethread::new();
            let file = rethread.data().join("export");
            std::fs::write(&file, bytes).unwrap();
            let first = rethread.import(&file, &[]);
            assert_eq!(first.code, Some(0), "{what}: {}", first.stderr);
            let first = first.json();
            assert_adds_up(&first);
            for (field, value) in expected.as_object().unwrap() {
                assert_eq!(&first[field], value, "{what}: {field}");
            }
            let before = rows(rethread.data());
            let counts = row_counts(rethread.data());

            let second = rethread.import(&file, &[]).json();
            assert_adds_up(&second);
            assert_eq!(second["outcome"]["created"], 0, "{what}");
            assert_eq!(second["outcome"]["updated"], 0, "{what}");
            assert_eq!(second["outcome"]["unchanged"], first["outcome"]["created"], "{what}");
            for field in ["read", "status", "findings", "orphans", "pages"] {
                assert_eq!(second[field], first[field], "{what}: {field}");
            }
            assert_eq!(rows(rethread.data()), before, "{what}");
            assert_eq!(row_counts(rethread.data()), counts, "{what}");
        }
    }
}

#[test]
fn a_dry_run_says_what_the_import_then_does_and_writes_nothing() {
    let rethread = Rethread::new();
    let file = sample("disqus-damaged.xml");
    let said = rethread.run(&["inspect", file.to_str().unwrap(), "--json"]).json();
    assert_eq!(said["dry_run"], true);
    assert!(rows(rethread.data()).is_empty());

    let mut done = comparable(&rethread.import(&file, &[]).json());
    done["dry_run"] = true.into();
    assert_eq!(comparable(&said), done);
}

#[test]
fn nothing_of_the_file_is_left_when_the_import_has_ended() {
    let rethread = Rethread::new();
    let finished = rethread.import(&sample("wordpress.xml"), &[]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(rethread_tests::files_under(&rethread.data().join("blobs")), Vec::<std::path::PathBuf>::new());
    let id = finished.json()["job_id"].as_str().unwrap().to_owned();
    let shown = rethread.run(&["jobs", &id]);
    assert!(shown.stdout.contains("the uploaded file was deleted"), "{}", shown.stdout);
}

fn receipt(finished: &Finished) -> Receipt {
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    serde_json::from_value(finished.json()).unwrap()
}

/// The generator counts while it writes and is independent of the readers.
#[test]
fn a_generated_file_with_every_kind_of_damage_is_accounted_for_to_the_last_record() {
    for vendor in [Vendor::Disqus, Vendor::WordPress, Vendor::Commento] {
        for damage in [Vec::new(), Damage::ALL.to_vec()] {
            let rethread = Rethread::new();
            let file = rethread.data().join("export");
            let truth = write_file(&Recipe::new(vendor, 5_000).with_seed(11).with_damage(damage.clone()), &file);
            let first = receipt(&rethread.import(&file, &[]));
            assert_eq!(truth.differences(&first), Vec::<String>::new(), "{vendor} with {damage:?}");
            let second = receipt(&rethread.import(&file, &[]));
            assert_eq!(truth.on_repetition().differences(&second), Vec::<String>::new(), "{vendor} with {damage:?}");
        }
    }
}

/// Each sample has its own account: ids and pages are computed with the account, so they never
/// collide.
async fn every_sample_uploaded_gives_what_its_readme_says_and_a_second_upload_changes_nothing(side: Side) {
    let system = System::start(side).await;
    let api = system.api();
    for (number, (name, expected)) in expected().into_iter().enumerate() {
        let token = system.token(&format!("account-{number}"));
        let first = api.import("", &token, std::fs::read(sample(&name)).unwrap()).await;
        assert_adds_up(&first);
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&first[field], value, "{name}: {field}");
        }
        let (before, counts) = (system.rows().await, lasting_row_counts(&system).await);

        let second = api.import("", &token, std::fs::read(sample(&name)).unwrap()).await;
        assert_adds_up(&second);
        assert_eq!(second["outcome"]["unchanged"], first["outcome"]["created"], "{name}: {second:#}");
        for field in ["read", "status", "findings", "orphans", "pages"] {
            assert_eq!(second[field], first[field], "{name}: {field}");
        }
        assert_eq!(system.rows().await, before, "{name}");
        assert_eq!(lasting_row_counts(&system).await, counts, "{name}");
    }
    assert_eq!(system.files().await, Vec::<String>::new());
}

async fn a_dry_run_of_an_upload_says_what_the_import_then_does_and_writes_nothing(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    let upload = std::fs::read(sample("disqus-damaged.xml")).unwrap();
    let said = api.import("dry_run=true", &token, upload.clone()).await;
    assert_eq!(said["dry_run"], true);
    assert_eq!(system.rows().await, Vec::<String>::new());

    let mut done = comparable(&api.import("", &token, upload).await);
    done["dry_run"] = true.into();
    assert_eq!(comparable(&said), done);
    // The command line's import, with files, reports and stores the same.
    let here = Rethread::new();
    let finished = tokio::task::block_in_place(|| here.import(&sample("disqus-damaged.xml"), &[]));
    let mut done_here = comparable(&finished.json());
    done_here["dry_run"] = true.into();
    assert_eq!(done_here, done);
    assert_eq!(system.rows().await, rows(here.data()));
    assert_eq!(finding_places(system.findings().await), finding_places(rethread_tests::findings(here.data())));
}

/// The dry run's findings are kept beside the import's.
fn finding_places(mut found: Vec<rethread_tests::Found>) -> Vec<rethread_tests::Found> {
    found.dedup();
    found
}

async fn a_generated_upload_with_every_kind_of_damage_is_accounted_for_to_the_last_record(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export");
    for vendor in [Vendor::Disqus, Vendor::WordPress, Vendor::Commento] {
        let truth = write_file(&Recipe::new(vendor, 5_000).with_seed(11).with_damage(Damage::ALL), &file);
        for truth in [truth.clone(), truth.on_repetition()] {
            let receipt = api.import("", &token, std::fs::read(&file).unwrap()).await;
            let receipt: Receipt = serde_json::from_value(receipt).unwrap();
            assert_eq!(truth.differences(&receipt), Vec::<String>::new(), "{vendor}");
        }
    }
}
