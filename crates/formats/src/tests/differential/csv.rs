//! Tables, with the crate `csv` as the independent parser.

use proptest::prelude::*;
use rethread_model::ImportOptions;

use super::dice::Dice;
use super::{CASES, essence, ids};
use crate::testing::{cases, import, import_with, slices_of};

/// Names of columns; the first two are in every table.
const COLUMNS: [&str; 9] =
    ["commentId", "pageUrl", "message", "username", "pageTitle", "userEmail", "parentId", "x\ny", "a\"b,c;d"];

/// A cell as it may be written in a table.
fn cell(text: &str, delimiter: char, dice: &mut Dice<'_>) -> String {
    let must = text.starts_with('"') || text.contains(['\n', '\r', delimiter]);
    // A quote inside a bare cell stands for itself; table writers quote it.
    if must || text.contains('"') && !dice.once_in(4) || dice.once_in(4) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A table, and its delimiter.
fn table(dice: &mut Dice<'_>) -> (String, u8) {
    let delimiter = [',', ';', '\t'][dice.roll(3)];
    let line_break = dice.pick(&["\n", "\r\n"]);
    let mut columns = COLUMNS[..3 + dice.roll(COLUMNS.len() - 2)].to_vec();
    let turn = dice.roll(columns.len());
    columns.rotate_left(turn);
    let separator = delimiter.to_string();
    let row = |texts: Vec<String>, dice: &mut Dice<'_>| {
        texts.iter().map(|text| cell(text, delimiter, dice)).collect::<Vec<_>>().join(&separator)
    };
    let mut rows = vec![row(columns.iter().map(|column| (*column).to_owned()).collect(), dice)];
    for number in 0..dice.roll(6) {
        let texts = columns.iter().map(|column| match *column {
            "commentId" => format!("id{number}"),
            "pageUrl" => "https://blog.example/a/?x=1,2;3".to_owned(),
            "parentId" => dice.pick(&["", "id0"]).to_owned(),
            _ => dice.text(),
        });
        let texts = texts.collect();
        rows.push(row(texts, dice));
        if dice.once_in(8) {
            // Empty lines are not rows.
            rows.push(String::new());
        }
    }
    let mark = dice.pick(&["", "\u{feff}"]);
    // A lone header may be the rest of a table; a header that ends with its line is complete.
    let end = if rows.len() == 1 { line_break } else { dice.pick(&[line_break, ""]) };
    (format!("{mark}{}{end}", rows.join(line_break)), u8::try_from(delimiter).unwrap())
}

/// The same rows as JSON, by the independent parser; empty cells are omitted.
fn as_json(table: &str, delimiter: u8) -> String {
    let table = table.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(table.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let members = columns.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
        serde_json::Value::Object(members.map(|(column, cell)| (column.trim().to_owned(), cell.into())).collect())
    });
    serde_json::Value::Array(rows.collect()).to_string()
}

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn hostile_tables_are_read_as_csv_reads_them(
        decisions in prop::collection::vec(any::<u8>(), 0..600),
        slice_bytes in 1_usize..2000,
    ) {
        let (table, delimiter) = table(&mut Dice(&decisions));
        let json = as_json(&table, delimiter);
        let imported = import_with(table.as_bytes(), &ImportOptions::default(), &slices_of(slice_bytes)).unwrap();
        prop_assert_eq!(imported.defect(), None, "{}", table);
        if json == "[]" {
            prop_assert_eq!(ids(&imported), Vec::<String>::new());
        } else {
            let plain = import(&json);
            prop_assert_eq!(ids(&imported), ids(&plain), "{}", table);
            let (records, mut findings) = essence(&imported);
            findings.retain(|(reason, _)| *reason != rethread_model::Reason::ByteOrderMark);
            prop_assert_eq!((records, findings), essence(&plain), "{}", table);
        }
    }
}
