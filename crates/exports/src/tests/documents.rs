//! docs/exports.md states what the code states, as promised to admins.

use std::collections::BTreeSet;

use rethread_model::{ExportFormat, Loss, Vendor};

use super::losses;
use crate::csv;
use crate::hold::Counted;
use crate::jsonl::CommentLine;
use crate::{Field, Held, holds};

const PAGE: &str = include_str!("../../../../docs/exports.md");

/// The cells of the table under a heading, without its header.
fn table(heading: &str) -> Vec<Vec<String>> {
    let (_, section) = PAGE.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.skip(2).map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_table_of_what_is_held_is_that_of_the_code() {
    let cell = |held| match held {
        Held::Whole => "yes".to_owned(),
        Held::Partly(how) => format!("partly: {how}"),
        Held::Lost => "no".to_owned(),
    };
    let row = |field: &Field| {
        let held = ExportFormat::ALL.map(|format| cell(holds(format, *field)));
        [vec![field.label().to_owned()], held.to_vec()].concat()
    };
    assert_eq!(table("What each format holds"), Field::ALL.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn every_loss_is_listed_with_its_sentence() {
    let losses: Vec<Vec<String>> =
        Loss::ALL.iter().map(|loss| vec![format!("`{loss}`"), loss.sentence().to_owned()]).collect();
    assert_eq!(table("Losses"), losses);
}

#[test]
fn every_column_of_the_table_is_listed() {
    let listed: Vec<String> = table("The table").into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    assert_eq!(listed, csv::header().collect::<Vec<_>>());
}

#[test]
fn every_field_of_a_comments_line_is_listed() {
    let comment = losses::plain(Vendor::Disqus, "1");
    let line = serde_json::to_value(CommentLine::from(&comment)).unwrap();
    let fields: BTreeSet<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let rows = table("JSON Lines");
    let row = rows.iter().find(|row| row[0] == "`comment`").expect("the row of comments");
    assert_eq!(row[1].split('`').skip(1).step_by(2).collect::<BTreeSet<_>>(), fields);
}

#[test]
fn every_field_that_a_format_may_lose_is_counted_or_follows() {
    let uncounted: Vec<Field> = Field::ALL.iter().copied().filter(|field| field.loss().is_none()).collect();
    let expected = [Field::Id, Field::Parent, Field::Name, Field::TextKind, Field::Html];
    assert_eq!(uncounted, expected, "these are never lost, or are made of what is counted");
}

#[test]
fn every_field_that_a_format_never_holds_is_counted_where_there_is_one() {
    for format in ExportFormat::ALL {
        let lost = Field::ALL.iter().filter(|field| holds(format, **field) == Held::Lost);
        let by_writers: Vec<&Field> = lost.filter(|field| matches!(field.counted(), Counted::ByWriters(_))).collect();
        assert!(matches!(by_writers[..], [] | [Field::ControlCharacters]), "{by_writers:?} in {format}");
    }
}
