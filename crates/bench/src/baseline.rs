//! What an import is measured against: the very rows that it wrote, written again into the same
//! schema by bound statements, in this process, without reading a file or looking anything up.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

/// Rows in a transaction; as many as in a batch of an import.
const BATCH_ROWS: usize = 1_000;

/// The settings of the importer's writing connection.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
                        PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000;";

/// A table with its rows.
struct Table {
    name: String,
    rows: Vec<Vec<Value>>,
}

/// Writes everything in the database `from` to a new one at `to`. Returns the time from its opening
/// to its closing.
pub(crate) fn rewrite(from: &Path, to: &Path) -> Result<Duration> {
    let (schema, tables) = read(from).with_context(|| format!("cannot read {}", from.display()))?;
    write(to, &schema, &tables).with_context(|| format!("cannot write {}", to.display()))
}

/// The statements that make the schema, and the tables in an order in which each refers to earlier
/// ones.
fn read(path: &Path) -> Result<(String, Vec<Table>)> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut statement = connection.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    )?;
    let objects = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let objects: Vec<(String, String, String)> = objects.collect::<Result<_, _>>()?;
    let schema = objects.iter().map(|(_, _, sql)| sql.as_str()).collect::<Vec<_>>().join(";\n");
    let tables = objects.into_iter().filter(|(kind, ..)| kind == "table").map(|(_, name, _)| {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
        Ok(Table { rows: rows.collect::<Result<_, _>>()?, name })
    });
    Ok((schema, tables.collect::<Result<_>>()?))
}

fn write(path: &Path, schema: &str, tables: &[Table]) -> Result<Duration> {
    let started = Instant::now();
    let mut connection = Connection::open(path)?;
    connection.execute_batch(SETTINGS)?;
    connection.execute_batch(schema)?;
    for table in tables {
        let Some(first) = table.rows.first() else { continue };
        let values = vec!["?"; first.len()].join(", ");
        let insert = format!("INSERT INTO \"{}\" VALUES ({values})", table.name);
        for batch in table.rows.chunks(BATCH_ROWS) {
            let transaction = connection.transaction()?;
            {
                let mut statement = transaction.prepare_cached(&insert)?;
                for row in batch {
                    statement.execute(params_from_iter(row))?;
                }
            }
            transaction.commit()?;
        }
    }
    connection.close().map_err(|(_, error)| error)?;
    Ok(started.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from.db"), folder.path().join("to.db"));
        let schema = "CREATE TABLE a (no INTEGER PRIMARY KEY, text TEXT UNIQUE); \
                      CREATE TABLE b (a_no INTEGER REFERENCES a (no), bytes BLOB); CREATE INDEX of_a ON b (a_no);";
        let connection = Connection::open(&from).unwrap();
        connection.execute_batch(schema).unwrap();
        connection
            .execute_batch("INSERT INTO a VALUES (7, 'x'), (9, NULL); INSERT INTO b VALUES (7, x'00ff');")
            .unwrap();
        drop(connection);
        rewrite(&from, &to).unwrap();
        let (schema, tables) = read(&to).unwrap();
        assert_eq!(schema, read(&from).unwrap().0);
        let rows: Vec<_> = tables.iter().map(|table| (table.name.as_str(), table.rows.len())).collect();
        assert_eq!(rows, [("a", 2), ("b", 1)]);
        assert_eq!(tables[1].rows[0], [Value::Integer(7), Value::Blob(vec![0, 0xff])]);
    }
}
