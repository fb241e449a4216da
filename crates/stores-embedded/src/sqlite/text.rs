//! Columns of text, read without a copy.

use rusqlite::Row;

use super::DbResult;

/// A text column. Another type reads as the empty text, which no format accepts.
pub(crate) fn text<'r>(row: &'r Row<'_>, column: usize) -> DbResult<&'r str> {
    Ok(row.get_ref(column)?.as_str().unwrap_or_default())
}

/// A text column that may be null.
pub(crate) fn optional_text<'r>(row: &'r Row<'_>, column: usize) -> DbResult<Option<&'r str>> {
    Ok(row.get_ref(column)?.as_str_or_null().unwrap_or_default())
}
