//! A comment's details in columns of `SQLite`.

use rethread_model::CommentDetails;
use rethread_stores::rules::comment_details::{self, Columns, Value};
use rusqlite::Row;
use rusqlite::types::{Null, ToSqlOutput};

use crate::sqlite::{DbResult, Failure};

/// The parameters for [`comment_details::NAMES`].
pub(super) fn parameters(details: &CommentDetails) -> Vec<ToSqlOutput<'_>> {
    comment_details::values(Some(details)).into_iter().map(parameter).collect()
}

fn parameter(value: Value<'_>) -> ToSqlOutput<'_> {
    match value {
        Value::Integer(Some(integer)) => integer.into(),
        Value::Flag(flag) => flag.into(),
        Value::Text(Some(text)) => text.into(),
        Value::Integer(None) | Value::Text(None) => Null.into(),
    }
}

/// Reads them from this column on.
pub(super) fn read(row: &Row<'_>, first: usize) -> DbResult<CommentDetails> {
    comment_details::read(&mut Remaining { row, next: first })
}

struct Remaining<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl Remaining<'_> {
    fn get<T: rusqlite::types::FromSql>(&mut self) -> DbResult<T> {
        let column = self.next;
        self.next += 1;
        Ok(self.row.get(column)?)
    }
}

impl Columns for Remaining<'_> {
    type Error = Failure;

    fn integer(&mut self) -> DbResult<Option<i64>> {
        self.get()
    }

    fn flag(&mut self) -> DbResult<bool> {
        self.get()
    }

    fn text(&mut self) -> DbResult<Option<String>> {
        self.get()
    }
}
