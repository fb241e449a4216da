//! Reads the distributed store, and returns its values as the embedded store stores them.

use rusqlite::types::Value;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, Row};

use super::Selected;

/// Runs a query.
pub(super) async fn select(client: &Client, query: &str) -> Selected {
    let rows = client.query(query, &[]).await.expect("the schema is as the harness knows it");
    rows.iter().map(|row| (0..row.len()).map(|column| value(row, column)).collect()).collect()
}

fn value(row: &Row, column: usize) -> Value {
    fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Option<T> {
        row.try_get(column).expect("the value is of its column's type")
    }
    let found = match *row.columns()[column].type_() {
        Type::BOOL => get::<bool>(row, column).map(|value| Value::Integer(value.into())),
        Type::INT2 => get::<i16>(row, column).map(|value| Value::Integer(value.into())),
        Type::INT4 => get::<i32>(row, column).map(|value| Value::Integer(value.into())),
        Type::INT8 => get::<i64>(row, column).map(Value::Integer),
        Type::FLOAT8 => get::<f64>(row, column).map(Value::Real),
        Type::TEXT | Type::VARCHAR => get::<String>(row, column).map(Value::Text),
        Type::BYTEA => get::<Vec<u8>>(row, column).map(Value::Blob),
        ref other => panic!("the harness does not know columns of type {other}"),
    };
    found.unwrap_or(Value::Null)
}
