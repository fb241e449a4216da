//! A database of a `PostgreSQL` server: a pool of connections, transactions on them, and the
//! schema.
//!
//! Nothing but committed data outlives a transaction on the server: statements are unnamed, and all
//! settings are local to the transaction. So pgbouncer may be in between, also in transaction mode.
//! Every wait has a limit, and a connection whose transaction did not end properly is closed and
//! never reused.

mod address;
mod connect;
mod diagnose;
mod failure;
mod migrate;
mod parameter;
mod snapshot_transaction;
mod text;
mod tls;
mod transaction;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Pool, PoolError};
use rethread_stores::migration::Migration;
use rethread_stores::retry::{Backoff, retry};
use rethread_stores::{Diagnosis, Result};

use address::Address;
use transaction::{Connection, Mode};

pub(crate) use failure::{DbResult, Failure};
pub(crate) use parameter::{parameters, typed};
pub(crate) use snapshot_transaction::SnapshotTransaction;
pub(crate) use text::{given, given_text, key, make_key, make_storable, storable};
pub(crate) use transaction::Transaction;

/// The factor on the limit of a statement that reads all comments of an origin.
const LONG: u32 = 20;

/// What a database contains and how it is migrated.
pub(crate) struct Schema {
    /// The name of the schema in the database; everything else in the database is left alone.
    pub(crate) name: &'static str,
    /// Applied in order.
    pub(crate) migrations: &'static [Migration],
}

/// An open database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database(Arc<Inner>);

struct Inner {
    address: Address,
    pool: Pool,
    schema: &'static Schema,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Database").field(&self.0.address.place()).finish()
    }
}

impl Database {
    /// Connects to the server of a URL and migrates its schema.
    pub(crate) async fn open(url: &str, schema: &'static Schema) -> Result<Self> {
        let address = Address::parse(url)?;
        let pool = connect::pool(&address)?;
        let database = Self(Arc::new(Inner { address, pool, schema }));
        connect::first(&database).await?;
        Ok(database)
    }

    /// Runs `work` in a read-only transaction that sees one state of the database.
    pub(crate) async fn read<T, F, W>(&self, doing: &'static str, work: F) -> Result<T>
    where
        F: Fn(Transaction) -> W + Send,
        W: Future<Output = DbResult<T>> + Send,
    {
        self.run(doing, Mode::Read, self.0.address.statement_timeout, work).await
    }

    /// The same for work that reads all data of an origin or an import.
    pub(crate) async fn read_long<T, F, W>(&self, doing: &'static str, work: F) -> Result<T>
    where
        F: Fn(Transaction) -> W + Send,
        W: Future<Output = DbResult<T>> + Send,
    {
        self.run(doing, Mode::Read, self.0.address.statement_timeout * LONG, work).await
    }

    /// Runs `work` in a transaction that commits if it succeeds and rolls back if not. Work that
    /// conflicts with other transactions is retried a bounded number of times.
    pub(crate) async fn write<T, F, W>(&self, doing: &'static str, work: F) -> Result<T>
    where
        F: Fn(Transaction) -> W + Send,
        W: Future<Output = DbResult<T>> + Send,
    {
        self.run(doing, Mode::Write, self.0.address.statement_timeout, work).await
    }

    async fn run<T, F, W>(&self, doing: &'static str, mode: Mode, limit: Duration, work: F) -> Result<T>
    where
        F: Fn(Transaction) -> W + Send,
        W: Future<Output = DbResult<T>> + Send,
    {
        let done = retry(Backoff::transaction(), || self.attempt(mode, limit, &work)).await;
        done.map_err(|failure| self.failed(doing, failure))
    }

    async fn attempt<T, F, W>(&self, mode: Mode, limit: Duration, work: &F) -> DbResult<T>
    where
        F: Fn(Transaction) -> W + Send,
        W: Future<Output = DbResult<T>> + Send,
    {
        let connection = self.0.pool.get().await.map_err(|error| self.no_connection(error))?;
        let connection = Connection::Pooled(connection);
        let transaction = Transaction::begin(connection, mode, limit, limit, self.0.schema.name).await?;
        match work(transaction.clone()).await {
            Ok(value) => {
                transaction.commit().await?;
                Ok(value)
            }
            Err(failure) => {
                transaction.roll_back().await;
                Err(failure)
            }
        }
    }

    fn no_connection(&self, error: PoolError) -> Failure {
        match error {
            PoolError::Backend(error) => Failure::Postgres(error),
            other => connect::exhausted(&self.0.address, &other).into(),
        }
    }

    /// Checks that the server answers and the schema exists.
    pub(crate) async fn check(&self) -> Result<()> {
        let name = self.0.schema.name;
        self.read("cannot read", move |tx| async move { migrate::version(&tx, name).await.map(drop) }).await
    }

    /// What an operator should know about the server.
    pub(crate) async fn diagnose(&self) -> Result<Vec<Diagnosis>> {
        diagnose::diagnose(self).await
    }
}
