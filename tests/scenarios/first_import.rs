//! What a newcomer does first.

use rethread_bench::{Damage, Recipe};
use rethread_model::{Receipt, Vendor};
use rethread_tests::{Finished, Rethread, row_counts, rows, sample};

use crate::{assert_adds_up, comparable, write_file};

#[test]
fn a_second_import_of_the_same_file_changes_nothing() {
    for name in ["disqus.xml.gz", "disqus-damaged.xml", "wordpress.xml", "commento.json", "commento.json.gz"] {
        let rethread = Rethread::new();
        let first = rethread.import(&sample(name), &[]);
        assert_eq!(first.code, Some(0), "{name}: {}", first.stderr);
        let first = first.json();
        assert_adds_up(&first);
        assert!(first["outcome"]["created"].as_i64().unwrap() > 10, "{name} creates comments: {first:#}");
        let before = rows(rethread.data());
        let counts = row_counts(rethread.data());

        let second = rethread.import(&sample(name), &[]).json();
        assert_adds_up(&second);
        assert_eq!(second["outcome"]["created"], 0, "{name}");
        assert_eq!(second["outcome"]["updated"], 0, "{name}");
        assert_eq!(second["outcome"]["unchanged"], first["outcome"]["created"], "{name}");
        for field in ["read", "status", "findings", "orphans", "pages"] {
            assert_eq!(second[field], first[field], "{name}: {field}");
        }
        assert_eq!(rows(rethread.data()), before, "{name}");
        assert_eq!(row_counts(rethread.data()), counts, "{name}");
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

/// The generator counts while it writes and knows nothing of the readers.
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
