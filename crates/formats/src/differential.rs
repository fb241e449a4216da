//! Files that are hostile and well-formed are read exactly as their standard says: what comes out of one is what comes out
//! of the same data, read by an independent parser and written plainly.
//!
//! `PROPTEST_CASES` asks for another number of cases.

mod csv;
mod dice;
mod json;
mod vendors;

use rethread_model::{Reason, Record};

use crate::testing::Imported;

/// So many cases of each property, in CI.
const CASES: u32 = 2_000;

/// Everything that an import stores or tells, without the places in the file and whatever its order.
fn essence(imported: &Imported) -> (Vec<String>, Vec<(Reason, Option<String>)>) {
    let mut records: Vec<String> = imported.records.iter().map(|record| format!("{record:?}")).collect();
    // A thread comes with the first of its comments in each slice.
    records.sort();
    records.dedup();
    let mut findings: Vec<_> =
        imported.findings.iter().map(|finding| (finding.reason, finding.source_id.clone())).collect();
    findings.sort();
    (records, findings)
}

/// The ids of the comments, in order of their letters.
fn ids(imported: &Imported) -> Vec<String> {
    let comments = imported.records.iter().filter_map(|record| match record {
        Record::Comment(comment) => Some(comment.source_id.clone()),
        _ => None,
    });
    let mut ids: Vec<_> = comments.collect();
    ids.sort();
    ids
}
