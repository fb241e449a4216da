//! Reads the embedded store.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use super::Selected;

/// Runs a query; returns nothing if there is no store yet.
pub(super) fn select(data: &Path, query: &str) -> Selected {
    let file = data.join("comments.db");
    if !file.is_file() {
        return Selected::new();
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&file, flags).expect("the store is an SQLite file");
    let mut statement = connection.prepare(query).expect("the schema is as the harness knows it");
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get::<_, Value>(column)).collect());
    rows.expect("rows can be read").collect::<Result<_, _>>().expect("rows can be read")
}
