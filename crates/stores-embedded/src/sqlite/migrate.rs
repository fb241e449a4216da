//! Creates and migrates the tables of a file. Several processes may do so at once.

use std::path::Path;

use rethread_stores::{Error, ErrorKind};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{DbResult, Schema};

/// Applies the missing migrations in one transaction.
pub(super) fn migrate(connection: &mut Connection, path: &Path, schema: &Schema) -> DbResult<()> {
    // In one transaction: what another process creates meanwhile is seen whole or not at all.
    let seen = connection.transaction()?;
    if is_current(&seen, path, schema)? {
        return Ok(());
    }
    drop(seen);
    // A process that waited here for another one finds the work done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !is_current(&transaction, path, schema)? {
        apply(&transaction, schema)?;
        transaction.commit()?;
    }
    Ok(())
}

fn is_current(connection: &Connection, path: &Path, schema: &Schema) -> DbResult<bool> {
    let version = number(connection, "user_version")?;
    let application = number(connection, "application_id")?;
    let is_empty: bool =
        connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    if is_empty && version == 0 {
        return Ok(false);
    }
    if application != i64::from(schema.application_id) {
        let message = format!("{} is not a {} database of rethread: name another file", path.display(), schema.name);
        return Err(Error::new(ErrorKind::Configuration, message).into());
    }
    let known = known_version(schema);
    if version > known {
        let message = format!(
            "{} was written by a newer version of rethread (schema {version}, this one knows {known}): use that version",
            path.display()
        );
        return Err(Error::new(ErrorKind::Configuration, message).into());
    }
    Ok(version == known)
}

fn apply(transaction: &Transaction<'_>, schema: &Schema) -> DbResult<()> {
    let version = number(transaction, "user_version")?;
    let applied = usize::try_from(version).unwrap_or(0);
    for migration in schema.migrations.iter().skip(applied) {
        tracing::debug!(schema = schema.name, migration = migration.name, "migrate");
        transaction.execute_batch(migration.sql)?;
    }
    transaction.pragma_update(None, "application_id", schema.application_id)?;
    transaction.pragma_update(None, "user_version", known_version(schema))?;
    Ok(())
}

fn known_version(schema: &Schema) -> i64 {
    i64::try_from(schema.migrations.len()).unwrap_or(i64::MAX)
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}
