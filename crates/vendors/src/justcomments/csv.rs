//! Tables: a header with the names that JSON uses, then one row per comment. Values with commas,
//! quotes or line breaks are quoted, with quotes in them doubled.

mod framer;
mod header;

use std::borrow::Cow;

use rethread_model::{Reason, Refused};
use rethread_syntax::Notes;
use rethread_syntax::csv as row;
use rethread_syntax::text::clean;
use serde_json::{Value, json};

pub(super) use framer::CsvFramer;

/// The key of a slice's head that describes the table.
const HEAD_TABLE: &str = "table";

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub delimiter: u8,
    pub columns: Vec<String>,
}

/// Whether a document begins with the header of such a table.
pub(super) fn is_header(text: &[u8]) -> bool {
    let Some((table, _)) = Table::find(text.trim_ascii_start()) else { return false };
    table.has("commentId") && (table.has("pageUrl") || table.has("itemId"))
}

impl Table {
    /// The table that begins with this text, and where its header ends. The delimiter is the one
    /// that makes sense of the header, or else the most frequent one in the first line. `None` if
    /// the text ends in the header.
    pub(super) fn find(text: &[u8]) -> Option<(Self, usize)> {
        let by = |delimiter: u8| match row::row(text, 0, delimiter, true) {
            row::Row::Whole { end, .. } => Some((Self::of_header(&text[..end], delimiter), end)),
            row::Row::More | row::Row::Damaged => None,
        };
        let makes_sense = |(table, _): &(Self, usize)| table.columns.len() > 1 && table.has("commentId");
        let line = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        DELIMITERS.into_iter().filter_map(by).find(makes_sense).or_else(|| by(most_frequent(line)))
    }

    /// Parses a header row.
    fn of_header(row: &[u8], delimiter: u8) -> Self {
        let columns = row::cells(row, delimiter).flat_map(|cell| header::columns(&cell)).collect();
        Self { delimiter, columns }
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column == name)
    }

    /// The table of the slice with this head, if the slice belongs to one.
    pub(super) fn of(head: &Value) -> Option<Self> {
        let table = head.get(HEAD_TABLE)?;
        let delimiter = table.get("delimiter").and_then(Value::as_u64).and_then(|byte| u8::try_from(byte).ok())?;
        let columns = table.get("columns").and_then(Value::as_array)?;
        let columns = columns.iter().map(|column| column.as_str().unwrap_or_default().to_owned()).collect();
        Some(Self { delimiter, columns })
    }

    /// The head of the table's slices.
    pub(super) fn head(&self) -> Value {
        json!({ HEAD_TABLE: { "delimiter": self.delimiter, "columns": self.columns } })
    }

    /// The non-empty cells of a row, with their columns.
    pub(super) fn texts<'t>(&'t self, row: &'t [u8], notes: &mut Notes) -> Vec<(Cow<'t, str>, Cow<'t, str>)> {
        let cells = self.columns.iter().zip(row::cells(row, self.delimiter)).filter(|(_, cell)| !cell.is_empty());
        let texts = cells.map(|(column, cell)| {
            let cleaned = clean(&cell);
            if cleaned.repairs.control_characters {
                notes.add(Reason::ControlCharacters);
            }
            if cleaned.repairs.invalid_utf8 {
                notes.add(Reason::InvalidUtf8);
            }
            (Cow::Borrowed(column.as_str()), Cow::Owned(cleaned.text.into_owned()))
        });
        texts.collect()
    }

    /// An unreadable row whose beginning may still identify the comment.
    pub(super) fn refused(&self, reason: Reason, row: &[u8]) -> Refused {
        let is_id = |text: &str| {
            (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let first = row::cells(row, self.delimiter).next().unwrap_or_default();
        let id = std::str::from_utf8(&first).ok().map(str::trim).filter(|text| is_id(text));
        let id = id.filter(|_| self.columns.first().is_some_and(|column| column == "commentId"));
        Refused { reason, source_id: id.map(str::to_owned), is_reply: false }
    }
}

/// The most frequent delimiter in the line.
fn most_frequent(header: &[u8]) -> u8 {
    let count = |delimiter: &u8| memchr::memchr_iter(*delimiter, header).count();
    // Among equals, `max_by_key` returns the last.
    DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',')
}
