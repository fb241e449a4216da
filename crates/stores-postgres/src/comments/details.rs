//! A comment's details in columns of `PostgreSQL`.

use rethread_model::CommentDetails;
use rethread_stores::rules::comment_details::{self, Columns, NAMES, Value};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql, Type};

use crate::postgres::{DbResult, Failure, given, storable};

/// A value to write.
pub(super) type Parameter<'a> = Box<dyn ToSql + Sync + Send + 'a>;

/// The names and types of the columns.
pub(super) fn columns() -> impl Iterator<Item = (&'static str, Type)> {
    let of = |value| match value {
        Value::Integer(_) => Type::INT8,
        Value::Flag(_) => Type::BOOL,
        Value::Text(_) => Type::TEXT,
    };
    NAMES.iter().copied().zip(comment_details::values(None).into_iter().map(of))
}

/// The values of these details, in the order of the columns; those of a tombstone without.
pub(super) fn parameters(details: Option<&CommentDetails>) -> Vec<Parameter<'_>> {
    comment_details::values(details).into_iter().map(parameter).collect()
}

fn parameter(value: Value<'_>) -> Parameter<'_> {
    match value {
        Value::Integer(integer) => Box::new(integer),
        Value::Flag(flag) => Box::new(flag),
        Value::Text(text) => Box::new(text.map(storable)),
    }
}

/// Reads them from this column on.
pub(super) fn read(row: &Row, first: usize) -> DbResult<CommentDetails> {
    comment_details::read(&mut Remaining { row, next: first })
}

struct Remaining<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> Remaining<'r> {
    fn get<T: FromSql<'r>>(&mut self) -> DbResult<T> {
        let column = self.next;
        self.next += 1;
        Ok(self.row.try_get(column)?)
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
        Ok(self.get::<Option<String>>()?.map(given))
    }
}
