//! Exporting comments: `rethread export`, `rethread convert`, and exports as jobs.

mod converted;
mod into_other_systems;
mod jobs;
mod read;
mod stored;

use std::io::Read as _;
use std::path::Path;

use rethread_tests::Rethread;

/// The names of all formats.
const FORMATS: [&str; 5] = ["csv", "jsonl", "wordpress", "commento", "disqus"];

/// A file as text.
fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Decompressed gzip data.
fn unpacked(packed: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text
}

/// A full export of an embedded store.
fn exported(rethread: &Rethread, format: &str, more: &[&str]) -> String {
    let mut arguments = vec!["export", "--format", format];
    arguments.extend(more);
    let finished = rethread.run(&arguments);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    finished.stdout
}

/// A path as an argument.
fn argument(path: &Path) -> &str {
    path.to_str().expect("paths here are UTF-8")
}
