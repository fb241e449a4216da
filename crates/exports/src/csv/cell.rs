//! Writes cells that a spreadsheet treats as text.

use std::borrow::Cow;
use std::fmt::Display;

use csv::{Terminator, WriterBuilder};
use rethread_syntax::text::is_forbidden;

/// Characters that make a spreadsheet treat a cell as a formula, or look for one after them; in
/// some languages also the wide forms.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Enough for most rows; longer ones are written in several steps.
const BUFFER_BYTES: usize = 2048;

/// Precedes a text that would otherwise begin a formula.
const MARK: char = '\'';

/// A row in progress.
#[derive(Debug, Default)]
pub(super) struct Row {
    cells: Vec<String>,
    /// Whether control characters were left out.
    pub has_dropped: bool,
}

impl Row {
    /// Adds a person's text.
    pub(super) fn text(&mut self, text: &str) {
        self.has_dropped |= text.contains(is_forbidden);
        let text = text.replace(is_forbidden, "");
        self.cells.push(harmless(&text).into_owned());
    }

    /// Adds a text, or an empty cell.
    pub(super) fn optional(&mut self, text: Option<&str>) {
        self.text(text.unwrap_or_default());
    }

    /// Adds a value with a fixed form, such as an id.
    pub(super) fn shown(&mut self, value: impl Display) {
        self.text(&value.to_string());
    }

    /// Adds such a value, or an empty cell.
    pub(super) fn maybe(&mut self, value: Option<impl Display>) {
        match value {
            Some(value) => self.shown(value),
            None => self.text(""),
        }
    }

    /// Adds a number that a spreadsheet can calculate with, even if it is negative.
    pub(super) fn number(&mut self, number: Option<i64>) {
        self.cells.push(number.map(|number| number.to_string()).unwrap_or_default());
    }

    /// Appends the row.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        let mut writer =
            WriterBuilder::new().terminator(Terminator::CRLF).buffer_capacity(BUFFER_BYTES).from_writer(out);
        // Writing into memory cannot fail, and a single row cannot have the wrong length.
        let _ = writer.write_record(&self.cells);
        let _ = writer.flush();
    }
}

/// The text, with an apostrophe before it if a spreadsheet would treat it as a formula, or if it
/// already looks neutralised, so that [`typed`] restores every text.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.trim_start_matches(MARK).starts_with(FORMULA) {
        Cow::Owned(format!("{MARK}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The content of a cell of a CSV export, without the apostrophe that neutralises formulas. Applies
/// to every column except the three columns of votes, which are plain numbers.
#[must_use]
pub fn typed(cell: &str) -> &str {
    match cell.strip_prefix(MARK) {
        Some(text) if text.trim_start_matches(MARK).starts_with(FORMULA) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_made_harmless_and_nothing_else_is_touched() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-- ", "'-- "),
            ("@me", "'@me"),
            ("\t=1", "'\t=1"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("a=b", "a=b"),
            ("", ""),
            ("＝1", "'＝1"),
        ] {
            assert_eq!(harmless(text), cell);
        }
    }

    proptest! {
        #[test]
        fn a_harmless_cell_says_what_was_typed(text in "['=+\\-@a\\t\\r\\n＝]{0,6}") {
            let cell = harmless(&text).into_owned();
            prop_assert!(!cell.starts_with(FORMULA));
            prop_assert_eq!(typed(&cell), text);
        }
    }

    #[test]
    fn a_row_ends_with_crlf_and_quotes_what_needs_it() {
        let mut row = Row::default();
        row.text("a,\"b\"\r\nc\0");
        row.number(Some(-3));
        row.maybe(None::<bool>);
        assert!(row.has_dropped);
        let mut out = Vec::new();
        row.write(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\"a,\"\"b\"\"\r\nc\",-3,\r\n");
    }
}
