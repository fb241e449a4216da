//! Exports imported into other programs.

use std::collections::BTreeSet;
use std::path::Path;

use rethread_model::Vendor;
use rethread_tests::{Rethread, python_client, sample};
use rusqlite::Connection;

use super::read::Found;
use super::{argument, exported};
use crate::generated;

/// The expected result; isso does not count a reply whose parent the export leaves out.
fn expected(rethread: &Rethread, more: &[&str]) -> Found {
    let export = exported(rethread, "csv", more);
    let mut table = csv::Reader::from_reader(export.trim_start_matches('\u{feff}').as_bytes());
    let head = table.headers().unwrap().clone();
    let column = |name| head.iter().position(|column| column == name).unwrap();
    let (id, parent) = (column("ID"), column("Parent ID"));
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let ids: BTreeSet<&str> = rows.iter().map(|row| &row[id]).collect();
    Found { comments: rows.len(), replies: rows.iter().filter(|row| ids.contains(&row[parent])).count() }
}

/// Has isso import an export, and returns what it found: comments, replies, and how many of these
/// are shown.
fn isso(export: &str) -> (Found, usize) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (config, file, database) = (at("isso.cfg"), at("export.xml"), at("comments.db"));
    let settings = format!("[general]\ndbpath = {}\nhost = http://127.0.0.1/\n", database.display());
    std::fs::write(&config, settings).unwrap();
    std::fs::write(&file, export).unwrap();
    let output = python_client("isso")
        .args(["-c", argument(&config), "import", "-t", "wordpress", argument(&file)])
        .env("TZ", "UTC")
        .output()
        .expect("isso runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (found(&database, "1"), found(&database, "mode = 1").comments)
}

fn found(database: &Path, which: &str) -> Found {
    let database = Connection::open(database).unwrap();
    let count = |condition: &str| {
        let query = format!("SELECT count(*) FROM comments WHERE {which} AND {condition}");
        let count: i64 = database.query_row(&query, [], |row| row.get(0)).unwrap();
        usize::try_from(count).unwrap()
    };
    Found { comments: count("1"), replies: count("parent IS NOT NULL") }
}

#[test]
fn isso_reads_the_comments_and_replies_of_an_export_for_wordpress() {
    for name in ["disqus.xml.gz", "wordpress.xml", "commento.json"] {
        let rethread = Rethread::new();
        assert_eq!(rethread.import(&sample(name), &[]).code, Some(0));
        let approved = ["--status", "approved"];
        let shown = expected(&rethread, &approved).comments;
        for filter in [&[][..], &approved] {
            let ours = expected(&rethread, filter);
            assert!(ours.comments > 5 && ours.replies > 2, "{name}: {ours:?}");
            assert_eq!(isso(&exported(&rethread, "wordpress", filter)), (ours, shown), "{name}");
        }
    }
}

#[test]
fn isso_reads_a_large_export_as_well() {
    let rethread = Rethread::new();
    let file = rethread.data().join("export");
    generated(Vendor::Disqus, 5_000, &file);
    assert_eq!(rethread.import(&file, &[]).code, Some(0));
    let ours = expected(&rethread, &[]);
    assert!(ours.comments > 4_000 && ours.replies > 1_000, "{ours:?}");
    assert_eq!(isso(&exported(&rethread, "wordpress", &[])).0, ours);
}
