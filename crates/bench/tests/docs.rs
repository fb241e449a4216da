//! docs/formats.md is complete, as promised to admins.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it is surprised, in its helping functions too"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rethread_model::{PageKey, Reason};
use rethread_vendors::{Question, vendors};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The cells of the table under a heading, without its header.
fn table(heading: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(root().join("docs/formats.md")).unwrap();
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.skip(2).map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn every_reason_is_listed_with_its_effect_and_sentence() {
    let listed = table("Reasons of findings");
    let reasons: Vec<Vec<String>> = Reason::ALL
        .iter()
        .map(|reason| vec![format!("`{reason}`"), reason.effect().as_str().to_owned(), one_line(reason.sentence())])
        .collect();
    assert_eq!(listed, reasons);
}

#[test]
fn findings_shown_in_the_description_of_the_api_have_their_sentence() {
    let page = one_line(&fs::read_to_string(root().join("docs/api.md")).unwrap());
    let shown: Vec<(&str, &str)> = page
        .split("\"reason\": \"")
        .filter_map(|rest| {
            let (reason, rest) = rest.split_once('"')?;
            let (sentence, _) = rest.strip_prefix(", \"sentence\": \"")?.split_once('"')?;
            Some((reason, sentence))
        })
        .collect();
    assert!(!shown.is_empty());
    for (reason, sentence) in shown {
        let known = Reason::ALL.iter().find(|known| known.to_string() == reason).expect(reason);
        assert_eq!(sentence, one_line(known.sentence()));
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_vendor_has_a_row_and_a_section_that_says_how_to_get_the_file() {
    let page = fs::read_to_string(root().join("docs/formats.md")).unwrap();
    for info in vendors() {
        let heading = info.heading();
        let anchor: String =
            heading.to_lowercase().replace(' ', "-").chars().filter(|c| c.is_alphanumeric() || *c == '-').collect();
        assert!(page.contains(&format!("](#{anchor}) |")), "no row of {}", info.name());
        let (_, section) = page.split_once(&format!("\n## {heading}\n")).expect(&heading);
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains("**Getting it.**"), "{}", info.name());
        for (question, option) in [
            (Question::PageKey(PageKey::Identifier), "--page-key identifier"),
            (Question::PageKey(PageKey::Item), "--page-key item"),
            (Question::Scheme, "--scheme"),
        ] {
            assert_eq!(info.asks(question), section.contains(option), "{}: {option}", info.name());
        }
    }
}

#[test]
fn every_code_that_a_job_can_fail_with_is_listed() {
    let listed: BTreeSet<String> =
        table("Codes of failed jobs").into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    let mut used = BTreeSet::new();
    for folder in
        ["crates/model/src", "crates/vendors/src", "crates/formats/src", "import-worker/src", "upload-gateway/src"]
    {
        collect_codes(&root().join(folder), &mut used);
    }
    assert!(used.contains("truncated"), "the search finds codes at all");
    assert_eq!(listed, used);
}

/// The codes are string literals in the source, so search for them there: the first argument of
/// functions that make a `JobError`, and the field of a literal one.
fn collect_codes(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            collect_codes(&path, codes);
        } else if path.extension().is_some_and(|ending| ending == "rs") && name != "tests.rs" && name != "testing.rs" {
            let source = fs::read_to_string(&path).unwrap();
            let production = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for call in ["refusal(", "fault(", "code: "] {
                let arguments = production.split(call).skip(1).map(str::trim_start);
                codes.extend(arguments.filter_map(first_word));
            }
        }
    }
}

/// The quoted word at the start of the text.
fn first_word(text: &str) -> Option<String> {
    let (word, _) = text.strip_prefix('"')?.split_once('"')?;
    word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_').then(|| word.to_owned())
}
