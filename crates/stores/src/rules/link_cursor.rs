//! The progress of linking the replies of an import.

use std::fmt;

/// The last thread whose replies were linked. Stored as `ledger:source id`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Its ledger. Ledgers with smaller numbers are done.
    pub ledger_no: i64,
    /// Empty before the first thread.
    pub source_id: String,
}

impl Cursor {
    /// Parses the stored cursor; without one, starts at the beginning.
    #[must_use]
    pub fn parse(stored: Option<&str>) -> Self {
        let parsed = stored.and_then(|stored| {
            let (ledger_no, source_id) = stored.split_once(':')?;
            Some(Self { ledger_no: ledger_no.parse().ok()?, source_id: source_id.to_owned() })
        });
        parsed.unwrap_or_default()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.ledger_no, self.source_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor { ledger_no: 7, source_id: "a:b".to_owned() };
        assert_eq!(Cursor::parse(Some(&cursor.to_string())), cursor);
        assert_eq!(Cursor::parse(None), Cursor::default());
    }
}
