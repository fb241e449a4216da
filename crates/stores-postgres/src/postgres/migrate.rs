//! Creates and migrates the tables of a database. Several processes may do so at once.

use rethread_stores::stored_value::unsigned;
use rethread_stores::{Error, ErrorKind, Result};

use super::{Database, DbResult, Failure, Schema, Transaction, failure, parameters};

/// The lock for schema changes (the bytes "rethread").
const LOCK: i64 = 0x7265_7468_7265_6164;

/// Applies the missing migrations in one transaction.
pub(super) async fn migrate(database: &Database) -> Result<()> {
    let schema = database.0.schema;
    let place = database.0.address.place();
    let place = place.as_str();
    let is_current = database
        .read("cannot read the schema", move |tx| async move { Ok(version(&tx, schema.name).await? == known(schema)) })
        .await?;
    if is_current {
        return Ok(());
    }
    let migrated = database.write("cannot bring the schema up to date", move |tx| async move {
        apply(&tx, schema, place).await.map_err(|failure| with_advice(failure, place))
    });
    migrated.await
}

/// The number of applied migrations.
pub(super) async fn version(tx: &Transaction, schema: &str) -> DbResult<usize> {
    // Asks the catalogue's tables: the server's cache of names may not know yet what another
    // process just created.
    let made = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'migrations'";
    if tx.first(made, &parameters![schema]).await?.is_none() {
        return Ok(0);
    }
    let counted = tx.first("SELECT coalesce(max(version), 0) FROM migrations", &[]).await?;
    Ok(unsigned(counted.map_or(Ok(0), |row| row.try_get(0))?)?)
}

async fn apply(tx: &Transaction, schema: &'static Schema, place: &str) -> DbResult<()> {
    // A process that waited here for another one finds the work done.
    tx.query("SELECT pg_advisory_xact_lock($1)", &parameters![LOCK]).await?;
    let version = version(tx, schema.name).await?;
    if version > known(schema) {
        let message = format!(
            "the schema \"{}\" of {place} was written by a newer version of rethread (schema {version}, this one knows \
             {}): use that version",
            schema.name,
            known(schema)
        );
        return Err(Error::new(ErrorKind::Configuration, message).into());
    }
    if version == 0 {
        let named = tx.first("SELECT 1 FROM pg_namespace WHERE nspname = $1", &parameters![schema.name]).await?;
        // A role that may not create a schema may still use one that was created for it.
        if named.is_none() {
            tx.script(&format!("CREATE SCHEMA {}", schema.name)).await?;
        }
        tx.script(
            "CREATE TABLE migrations (version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
        )
        .await?;
    }
    for (number, migration) in (1_i64..).zip(schema.migrations).skip(version) {
        tracing::debug!(schema = schema.name, migration = migration.name, "migrate");
        tx.script(migration.sql).await?;
        tx.execute("INSERT INTO migrations (version) VALUES ($1)", &parameters![number]).await?;
    }
    Ok(())
}

fn with_advice(failure: Failure, place: &str) -> Failure {
    match &failure {
        Failure::Postgres(error) => match failure::advice(error) {
            Some(advice) => {
                let message = format!("the tables cannot be made in the database {place}: {advice}");
                let refused = Error::new(ErrorKind::Configuration, message).because(failure::without_values(error));
                refused.into()
            }
            None => failure,
        },
        _ => failure,
    }
}

pub(super) fn known(schema: &Schema) -> usize {
    schema.migrations.len()
}
