//! samples/README.md describes the samples; a reader must be able to rely on it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it is surprised, in its helping functions too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use rethread_model::{FindingCounts, OutcomeCounts, ReadCounts, StatusCounts, Vendor};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    vendor: Vendor,
    #[serde(default)]
    origin: Option<String>,
    read: ReadCounts,
    status: StatusCounts,
    outcome: OutcomeCounts,
    findings: FindingCounts,
    orphans: i64,
    pages: i64,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

fn expected() -> BTreeMap<String, Expected> {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let (_, block) = readme.split_once("```json\n").expect("a block of JSON");
    serde_json::from_str(block.split("```").next().unwrap()).unwrap()
}

fn unpacked(name: &str) -> Vec<u8> {
    let bytes = fs::read(folder().join(name)).unwrap();
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut document = Vec::new();
    GzDecoder::new(&*bytes).read_to_end(&mut document).unwrap();
    document
}

fn count(document: &[u8], needle: &str) -> i64 {
    let hits = document.windows(needle.len()).filter(|window| *window == needle.as_bytes()).count();
    i64::try_from(hits).unwrap()
}

#[test]
fn every_sample_is_described_and_what_is_said_adds_up() {
    let expected = expected();
    let files: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    let (packed, files): (BTreeSet<String>, BTreeSet<String>) =
        files.iter().cloned().partition(|name| name.strip_suffix(".gz").is_some_and(|plain| files.contains(plain)));
    assert_eq!(files, expected.keys().cloned().collect());
    for name in packed {
        assert_eq!(unpacked(&name), unpacked(name.trim_end_matches(".gz")), "{name} is the same file");
    }

    for (name, sample) in expected {
        assert_eq!(sample.read.comments, sample.outcome.sum(), "{name}");
        let StatusCounts { approved, pending, spam, deleted } = sample.status;
        assert_eq!(approved + pending + spam + deleted, sample.outcome.created, "{name}");
        let FindingCounts { repaired, skipped, failed } = sample.findings;
        assert_eq!(skipped.values().sum::<i64>(), sample.outcome.skipped, "{name}");
        assert_eq!(failed.values().sum::<i64>(), sample.outcome.failed, "{name}");
        let reasons = repaired.keys().map(|reason| (reason, "repaired"));
        let reasons = reasons.chain(skipped.keys().map(|reason| (reason, "skipped")));
        for (reason, effect) in reasons.chain(failed.keys().map(|reason| (reason, "failed"))) {
            assert_eq!(reason.effect().as_str(), effect, "{name}: {reason}");
        }
        let orphans =
            repaired.iter().find(|(reason, _)| reason.as_str() == "parent_not_in_file").map_or(0, |(_, n)| *n);
        assert_eq!(sample.orphans, orphans, "{name}");
        assert!((1..=sample.read.threads + 1).contains(&sample.pages), "{name}");
    }
}

#[test]
fn the_samples_hold_as_many_records_as_is_said() {
    for (name, sample) in expected() {
        let document = unpacked(&name);
        let Some(counted) = independently(&name, &sample, document) else { continue };
        assert_eq!(counted, (sample.read.comments, sample.read.replies), "{name}");
    }
}

/// The comments and replies of a sample, counted without any reader, if this test knows how its
/// vendor writes them.
fn independently(name: &str, sample: &Expected, document: Vec<u8>) -> Option<(i64, i64)> {
    Some(match sample.vendor.as_str() {
        "disqus" => (count(&document, "<post"), count(&document, "<parent ")),
        "wordpress" => {
            let roots = count(&document, "<wp:comment_parent>0<");
            (count(&document, "<wp:comment>"), count(&document, "<wp:comment_parent>") - roots)
        }
        "commento" => {
            let file: Value = serde_json::from_slice(&document).unwrap();
            assert_eq!(file["comments"][0]["domain"].as_str(), sample.origin.as_deref());
            let roots = count(&document, r#""parentHex":"root""#);
            (count(&document, r#""commentHex""#), count(&document, r#""parentHex""#) - roots)
        }
        "intensedebate" => {
            let parents = count(&document, "parentid=") - count(&document, "parentid='0'");
            (count(&document, "<comment "), parents)
        }
        "muut" => {
            // Seeds with text are comments; replies below such a seed answer it.
            let (seeds, flat) = (count(&document, "{\"seed\":"), count(&document, "\"key\":\"comments\""));
            let posts = count(&document, "\"body\":") - flat;
            let document = String::from_utf8(document).unwrap();
            let below_flat = document.split("\"key\":\"comments\"").skip(1);
            let below_flat: usize =
                below_flat.map(|rest| rest.split("\n]}").next().unwrap().matches("\"id\":").count()).sum();
            (posts, posts - (seeds - flat) - i64::try_from(below_flat).unwrap())
        }
        "hyvor" => {
            // Parents are embedded, so texts cannot be counted.
            let file: Value = serde_json::from_slice(&document).unwrap();
            let comments = file["comments"].as_array().unwrap();
            let replies = comments.iter().filter(|comment| comment["parent"].is_object()).count();
            (i64::try_from(comments.len()).unwrap(), i64::try_from(replies).unwrap())
        }
        "justcomments" if name == "justcomments.csv" => {
            let row = |line: &&str| line.starts_with("6d1f0c1e-");
            let document = String::from_utf8(document).unwrap();
            let rows: Vec<&str> = document.lines().filter(row).collect();
            let replies = rows.iter().filter(|row| row[1..].contains(",6d1f0c1e-")).count();
            (i64::try_from(rows.len()).unwrap(), i64::try_from(replies).unwrap())
        }
        "justcomments" => {
            let roots = count(&document, r#""parentId":null"#) + count(&document, r#""parentId": null"#);
            (
                count(&document, r#""message""#) + count(&document, r#""htmlMessage""#),
                count(&document, r#""parentId""#) - roots,
            )
        }
        _ => return None,
    })
}

#[test]
fn the_undamaged_disqus_sample_is_whole() {
    let document = String::from_utf8(unpacked("disqus.xml.gz")).expect("UTF-8");
    let mut reader = quick_xml::Reader::from_str(&document);
    let mut depth = 0;
    loop {
        match reader.read_event().expect("well-formed") {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    let expected = &expected()["disqus.xml.gz"];
    assert_eq!(count(document.as_bytes(), "<thread dsq:id"), expected.read.threads + expected.read.comments);
    assert_eq!(expected.origin.as_deref(), Some("larchwood-trails"));
    assert!(document.contains("<forum>larchwood-trails</forum>"));
}
