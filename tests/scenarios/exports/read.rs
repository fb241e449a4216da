//! Exports, read with independent parsers.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

/// The contents of an export.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) comments: usize,
    /// Comments that reply to another one in the file.
    pub(super) replies: usize,
}

impl Found {
    fn add(&mut self, is_reply: bool) {
        self.comments += 1;
        self.replies += usize::from(is_reply);
    }
}

/// Reads a whole export of a format.
#[track_caller]
pub(super) fn read(format: &str, export: &str) -> Found {
    match format {
        "csv" => table(export),
        "jsonl" => lines(export),
        "commento" => commento(export),
        "wordpress" => xml(export, "wp:comment", "wp:comment_parent", |parent| parent != "0"),
        "disqus" => xml(export, "post", "parent", |_| true),
        other => panic!("{other} is no format"),
    }
}

fn table(export: &str) -> Found {
    let export = export.strip_prefix('\u{feff}').expect("spreadsheets need a byte order mark");
    let mut table = csv::Reader::from_reader(export.as_bytes());
    let head = table.headers().unwrap().clone();
    assert_eq!(&head[1], "URL ID");
    let parent = head.iter().position(|name| name == "Parent ID").expect("a column for the parent");
    let mut found = Found::default();
    for row in table.records() {
        let row = row.unwrap();
        assert!(!row[0].is_empty() && !row[1].is_empty(), "{row:?}");
        found.add(!row[parent].is_empty());
    }
    found
}

fn lines(export: &str) -> Found {
    let mut found = Found::default();
    for line in export.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["type"] == "comment" {
            found.add(!line["parent"].is_null());
        }
    }
    found
}

fn commento(export: &str) -> Found {
    let document: Value = serde_json::from_str(export).unwrap();
    assert_eq!(document["version"], 1);
    let mut found = Found::default();
    for comment in document["comments"].as_array().unwrap() {
        found.add(comment["parentHex"] != "root");
    }
    found
}

/// Counts elements of a name, and those whose nested element names a parent. The document must be
/// well-formed.
fn xml(export: &str, record: &str, parent: &str, is_reply: impl Fn(&str) -> bool) -> Found {
    let mut reader = Reader::from_str(export);
    let mut open = Vec::new();
    let (mut found, mut has_parent) = (Found::default(), false);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("at byte {}: {error}", reader.error_position())) {
            Event::Start(tag) => open.push(tag.name().as_ref().to_owned()),
            Event::End(tag) => {
                open.pop();
                if tag.name().as_ref() == record {
                    found.add(std::mem::take(&mut has_parent));
                }
            }
            Event::Empty(tag) if tag.name().as_ref() == parent => has_parent |= is_reply(""),
            Event::Text(text) if open.last().is_some_and(|name| name == parent) => has_parent |= is_reply(&text),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, Vec::<String>::new(), "every element is closed");
    found
}
