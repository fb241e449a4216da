//! `rethread export`.

use std::collections::BTreeSet;

use rethread_model::{Receipt, Vendor};
use rethread_tests::{Rethread, Side, System, on_both_sides, sample};
use serde_json::Value;

use super::read::{Found, read};
use super::{FORMATS, argument, exported, text, unpacked};
use crate::generated_bytes;

on_both_sides!(
    the_same_imports_give_the_same_export_wherever_they_are_stored,
    an_export_during_an_import_misses_nothing_that_was_there_before,
);

fn imported(name: &str) -> Rethread {
    let rethread = Rethread::new();
    let finished = rethread.import(&sample(name), &[]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    rethread
}

#[test]
fn an_export_holds_what_was_asked_for() {
    let rethread = imported("disqus.xml.gz");
    let comments = |more: &[&str]| read("jsonl", &exported(&rethread, "jsonl", more)).comments;
    assert_eq!(comments(&[]), 26);
    assert_eq!(comments(&["--status", "spam"]), 2);
    assert_eq!(comments(&["--status", "spam,deleted"]), 4);
    assert_eq!(comments(&["--vendor", "disqus", "--origin", "larchwood-trails"]), 26);
    assert_eq!(comments(&["--vendor", "wordpress"]), 0);
    assert_eq!(comments(&["--origin", "larchwood"]), 0);
    assert_eq!(comments(&["--account", "somebody-else"]), 0);
    let year = comments(&["--from", "2019-01-01", "--until", "2020-01-01"]);
    assert!(year > 0 && year < 26, "{year}");
    assert_eq!(year + comments(&["--until", "2019-01-01"]) + comments(&["--from", "2020-01-01T00:00:00Z"]), 26);
    let page = exported(&rethread, "jsonl", &["--page", "larchwood-trails.example/2019/07/boots-or-trail-shoes"]);
    let pages = page.lines().filter(|line| line.contains("\"type\":\"page\"")).count();
    assert!(pages == 1 && (1..26).contains(&read("jsonl", &page).comments), "{page}");
}

#[test]
fn a_file_has_its_name_when_it_is_whole() {
    let rethread = imported("disqus.xml.gz");
    let folder = tempfile::tempdir().unwrap();
    let (plain, packed) = (folder.path().join("comments.csv"), folder.path().join("comments.csv.gz"));
    std::fs::write(&plain, "an older export").unwrap();
    let finished = rethread.run(&["export", "--format", "csv", "--out", argument(&plain)]);
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(0), ""), "{}", finished.stderr);
    assert!(finished.stderr.contains("26 comments on 4 pages, in 5 threads"), "{}", finished.stderr);
    assert_eq!(text(&plain), exported(&rethread, "csv", &[]));

    let said = rethread.run(&["export", "--format", "csv", "--gzip", "--out", argument(&packed), "--json"]).json();
    assert_eq!((&said["comments"], &said["format"]), (&Value::from(26), &Value::from("csv")), "{said:#}");
    assert_eq!(said["bytes"], std::fs::metadata(&packed).unwrap().len());
    assert_eq!(unpacked(&std::fs::read(&packed).unwrap()), text(&plain));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left there");

    for (arguments, code, sentence) in [
        (&["--json"][..], 2, "--out"),
        (&["--out", argument(folder.path())], 2, "is a folder"),
        (&["--out", "/nowhere/comments.csv"], 2, "cannot write into the folder /nowhere"),
        (&["--status", "hidden"], 2, "use approved, pending, spam or deleted"),
        (&["--from", "yesterday"], 2, "use a day such as"),
    ] {
        let refused = rethread.run(&[&["export", "--format", "csv"], arguments].concat());
        assert_eq!(refused.code, Some(code), "{arguments:?}: {}", refused.stderr);
        let told = refused.stderr + &refused.stdout;
        assert!(told.contains(sentence), "{arguments:?}: {told}");
    }
}

/// An export without its time of creation.
fn timeless(format: &str, export: &str) -> String {
    let times = match format {
        "jsonl" => "\"exported_at\"",
        "wordpress" => "<pubDate>",
        _ => return export.to_owned(),
    };
    let made = export.lines().position(|line| line.contains(times)).expect("a time");
    let kept = |(number, line)| (number != made).then_some(line);
    export.lines().enumerate().filter_map(kept).collect::<Vec<&str>>().join("\n")
}

/// Ids are computed, and the order is by keys and times: the output does not depend on insertion
/// order.
async fn the_same_imports_give_the_same_export_wherever_they_are_stored(side: Side) {
    let system = System::start_with(side, &[("RETHREAD_WORKER__SLICE_BYTES", "65536")]).await;
    let token = system.token("default");
    let here = Rethread::new();
    let (generated, _) = generated_bytes(Vendor::Disqus, 3_000);
    let file = here.data().join("generated");
    std::fs::write(&file, &generated).unwrap();
    let samples = ["disqus.xml.gz", "wordpress.xml", "hyvor.json", "muut.json"].map(sample);
    for upload in samples.iter().chain([&file]) {
        let receipt = system.api().import("", &token, std::fs::read(upload).unwrap()).await;
        assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
        assert_eq!(here.import(upload, &[]).code, Some(0));
    }
    for format in FORMATS {
        let there = system.run(&["export", "--format", format]);
        assert_eq!(there.code, Some(0), "{}", there.stderr);
        let (there, here) = (timeless(format, &there.stdout), timeless(format, &exported(&here, format, &[])));
        assert!(there == here, "{format} differs: {:?}", there.lines().zip(here.lines()).find(|(one, two)| one != two));
        assert!(read(format, &there).comments > 3_000);
    }
}

/// Neither blocks the other.
async fn an_export_during_an_import_misses_nothing_that_was_there_before(side: Side) {
    let system = System::start(side).await;
    let (api, token) = (system.api(), system.token("default"));
    api.import("", &token, std::fs::read(sample("disqus.xml.gz")).unwrap()).await;
    let export = || {
        let finished = system.run(&["export", "--format", "csv"]);
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        finished.stdout
    };
    let before = export();
    let (upload, truth) = generated_bytes(Vendor::WordPress, 12_000);
    let job = api.begin_import("", &token, upload).await;
    api.has_read(&job, &token, 0).await;

    let mut during = 0;
    while api.job(&job, &token).await["state"] == "running" {
        let now = export();
        during += usize::from(api.job(&job, &token).await["state"] == "running");
        let rows: BTreeSet<&str> = now.split("\r\n").collect();
        assert!(before.split("\r\n").all(|row| rows.contains(row)), "what was there is there");
        let found = read("csv", &now);
        assert!(found.comments >= 26, "{found:?}");
    }
    assert!(during > 0, "the import was over too soon");
    let receipt = api.receipt(&job, &token).await;
    let receipt: Receipt = serde_json::from_value(receipt).unwrap();
    assert_eq!(truth.differences(&receipt), Vec::<String>::new());
    let created = usize::try_from(receipt.outcome.created).unwrap();
    assert_eq!(read("csv", &export()).comments, created + 26);
    assert_eq!(read("csv", &before), Found { comments: 26, replies: 15 });
}
