//! `rethread convert`.

use std::path::{Path, PathBuf};

use rethread_model::Vendor;
use rethread_tests::{Finished, Process, Rethread, gzip, sample, unpacked, wait_for};
use serde_json::Value;

use super::read::{Found, read};
use super::{FORMATS, argument, text};
use crate::generated;

/// A sample of each vendor.
const SAMPLES: [&str; Vendor::ALL.len()] = [
    "disqus.xml.gz",
    "wordpress.xml",
    "commento.json",
    "hyvor.json",
    "muut.json",
    "intensedebate.xml",
    "justcomments.json",
];

/// A folder for input files, one for output files, and one for temporary files.
struct Desk {
    rethread: Rethread,
    out: tempfile::TempDir,
    temporary: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = || tempfile::tempdir().unwrap();
        Self { rethread: Rethread::new(), out: folder(), temporary: folder() }
    }

    fn out(&self, name: &str) -> PathBuf {
        self.out.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.rethread.command(arguments);
        command.env("TMPDIR", self.temporary.path());
        command
    }

    fn convert(&self, file: &Path, more: &[&str]) -> Finished {
        let mut arguments = vec!["convert", argument(file)];
        arguments.extend(more);
        self.command(&arguments).output().unwrap().into()
    }

    /// Only these files remain.
    #[track_caller]
    fn holds(&self, files: &[&str]) {
        let names = |folder: &Path| {
            let entries = std::fs::read_dir(folder).unwrap();
            let mut names: Vec<String> =
                entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(self.out.path()), files);
        assert_eq!(names(self.temporary.path()), Vec::<String>::new());
    }
}

fn count(value: &Value) -> usize {
    value.as_u64().and_then(|count| count.try_into().ok()).unwrap_or_else(|| panic!("no count: {value}"))
}

#[test]
fn a_file_of_every_vendor_becomes_a_file_of_every_format() {
    for name in SAMPLES {
        let mut replies = Vec::new();
        for format in FORMATS {
            let what = format!("{name} as {format}");
            let desk = Desk::new();
            let out = desk.out("converted");
            let finished = desk.convert(&sample(name), &["--to", format, "--out", argument(&out), "--json"]);
            assert_eq!(finished.code, Some(0), "{what}: {}", finished.stderr);
            let said = finished.json();
            let receipt = &said["receipt"];
            crate::assert_adds_up(receipt);
            assert_eq!(receipt["state"], "succeeded", "{what}");

            let export = text(&out);
            let found = read(format, &export);
            assert_eq!(found.comments, count(&receipt["outcome"]["created"]), "{what}");
            assert_eq!(found.comments, count(&said["export"]["comments"]), "{what}");
            assert_eq!(said["export"]["pages"], receipt["pages"], "{what}");
            assert_eq!(count(&said["export"]["bytes"]), export.len(), "{what}");
            let losses = said["export"]["losses"].as_object().unwrap();
            assert!(format != "jsonl" || losses.is_empty(), "{what}: {losses:?}");
            replies.push(found.replies);
            desk.holds(&["converted"]);
        }
        assert!(replies.iter().all(|count| *count == replies[0] && *count > 0), "{name}: {replies:?}");
    }
}

#[test]
fn a_conversion_tells_both_sides_and_writes_to_standard_output() {
    let desk = Desk::new();
    let finished = desk.convert(&sample("disqus.xml.gz"), &["--to", "commento"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(read("commento", &finished.stdout), Found { comments: 26, replies: 15 });
    for sentence in ["Imported Disqus \"larchwood-trails\"", "26 comments on 4 pages", "(origin)"] {
        assert!(finished.stderr.contains(sentence), "{}", finished.stderr);
    }
    desk.holds(&[]);
    // Neither the configuration nor the store's folder has any influence.
    assert!(!desk.rethread.data().join("comments.db").exists());
}

#[test]
fn the_questions_of_an_import_are_those_of_a_conversion() {
    let desk = Desk::new();
    let table = desk.rethread.data().join("rules.csv");
    std::fs::write(&table, "from,to\nlarchwood-trails.example/2019,https://trails.example/archive/\n").unwrap();
    let more = ["--to", "csv", "--map", argument(&table), "--exclude", "spam"];
    let finished = desk.convert(&sample("disqus.xml.gz"), &more);
    assert_eq!(read("csv", &finished.stdout).comments, 24, "{}", finished.stderr);
    assert!(finished.stdout.contains("trails.example/archive/07/boots-or-trail-shoes"), "{}", finished.stdout);
    let refused = desk.convert(&sample("disqus.xml.gz"), &["--to", "csv", "--vendor", "muut"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
}

#[test]
fn a_file_that_cannot_be_read_becomes_none() {
    let whole = unpacked("disqus.xml.gz");
    let broken = &whole[..whole.len() * 2 / 3];
    let torn = &gzip(&whole)[..1_500];
    for (what, bytes) in
        [("broken off", broken), ("torn", torn), ("no export", &b"<html><body>Hello</body></html>"[..])]
    {
        let desk = Desk::new();
        let file = desk.rethread.data().join("export");
        std::fs::write(&file, bytes).unwrap();
        let out = desk.out("converted.csv");
        std::fs::write(&out, "what was here before").unwrap();
        let finished = desk.convert(&file, &["--to", "csv", "--out", argument(&out), "--json"]);
        assert_eq!(finished.code, Some(1), "{what}: {}", finished.stderr);
        let said = finished.json();
        assert_eq!((said["receipt"]["state"].as_str(), &said["export"]), (Some("failed"), &Value::Null), "{what}");
        assert!(
            finished.stderr.contains("could not be read to its end, so nothing was written"),
            "{}",
            finished.stderr
        );
        assert_eq!(text(&out), "what was here before");
        desk.holds(&["converted.csv"]);
    }
}

#[tokio::test]
async fn a_conversion_that_is_stopped_leaves_nothing() {
    let desk = Desk::new();
    let file = desk.rethread.data().join("export.xml");
    generated(Vendor::Disqus, 30_000, &file);
    let out = desk.out("converted.csv");
    let mut command = desk.command(&["convert", argument(&file), "--to", "csv", "--out", argument(&out)]);
    let mut process = Process::spawn(command.stderr(std::process::Stdio::null()));
    let store = || {
        let folder = std::fs::read_dir(desk.temporary.path()).unwrap().next()?.unwrap().path();
        // Comments have been imported: the store's log holds more than the tables.
        (std::fs::metadata(folder.join("comments.db-wal")).ok()?.len() > 1 << 20).then_some(())
    };
    wait_for("comments to be read", || async { store() }).await;
    process.signal("INT");
    assert_eq!(process.ended().await.code(), Some(130));
    desk.holds(&[]);
}
