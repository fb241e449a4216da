//! Hostile but well-formed files are read exactly as their standard says: the result equals that of
//! the same data parsed by an independent parser and written plainly.
//!
//! `PROPTEST_CASES` sets another number of cases.

mod csv;
mod dice;
mod json;
mod vendors;

use rethread_model::{Reason, Record};

use crate::testing::Imported;

/// Cases of each property, in CI.
const CASES: u32 = 2_000;

/// Everything that an import stores or reports, without positions in the file and in any order.
fn essence(imported: &Imported) -> (Vec<String>, Vec<(Reason, Option<String>)>) {
    let mut records: Vec<String> = imported.records.iter().map(|record| format!("{record:?}")).collect();
    // A thread comes with its first comment in each slice.
    records.sort();
    records.dedup();
    let mut findings: Vec<_> =
        imported.findings.iter().map(|finding| (finding.reason, finding.source_id.clone())).collect();
    findings.sort();
    (records, findings)
}

/// The ids of the comments, sorted.
fn ids(imported: &Imported) -> Vec<String> {
    let comments = imported.records.iter().filter_map(|record| match record {
        Record::Comment(comment) => Some(comment.source_id.clone()),
        _ => None,
    });
    let mut ids: Vec<_> = comments.collect();
    ids.sort();
    ids
}
