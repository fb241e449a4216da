//! A database of a `PostgreSQL` server: a pool of connections, transactions on them, and the schema.
//!
//! Nothing outlives a transaction on the server but what is committed, no statement has a name for longer, and all settings
//! are made for one transaction; so pgbouncer may stand between, in transaction mode, too. Everything that is waited for
//! has a limit, and a connection whose transaction did not come to its end is closed and never used again.

mod address;
mod column;
mod connect;
mod diagnose;
mod failure;
mod migrate;
mod snapshot_transaction;
mod text;
mod tls;
mod transaction;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Pool, PoolError};

use crate::{Diagnosis, Result};

use address::Address;
pub(crate) use column::{
    cut, fingerprint, from_micros, from_millis, json, micros, millis, of_json, parameters, signed, text_of, typed,
    unsigned, word,
};
pub(crate) use failure::{DbResult, Failure};
pub(crate) use snapshot_transaction::SnapshotTransaction;
pub(crate) use text::{given, key, make_key, make_storable, storable};
pub(crate) use transaction::Transaction;
use transaction::{Connection, Mode};

/// How often a transaction is begun anew that others got in the way of.
const ATTEMPTS: u32 = 10;
/// Longest wait before the first repetition; each later one may be twice as long.
const BACKOFF: Duration = Duration::from_millis(20);
/// How many times as long as others a statement may take that looks at all comments of an origin.
const LONG: u32 = 20;

/// What a database holds and how it came to be.
pub(crate) struct Schema {
    /// The name of the schema in the database; whatever else is in the database is left alone.
    pub(crate) name: &'static str,
    /// Applied in order.
    pub(crate) migrations: &'static [&'static str],
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
    /// Connects to the server of a URL and brings its schema up to date.
    pub(crate) async fn open(url: &str, schema: &'static Schema) -> Result<Self> {
        let address = Address::parse(url)?;
        let pool = connect::pool(&address)?;
        let database = Self(Arc::new(Inner { address, pool, schema }));
        connect::first(&database).await?;
        Ok(database)
    }

    /// Runs `work` in a transaction that sees one state of the database and writes nothing.
    pub(crate) async fn read<T, F, W>(&self, doing: &'static str, work: F) -> Result<T>
    where
        F: Fn(Transaction) -> W + Send,
        W: Future<Output = DbResult<T>> + Send,
    {
        self.run(doing, Mode::Read, self.0.address.statement_timeout, work).await
    }

    /// The same for work that looks at all that an origin or an import has.
    pub(crate) async fn read_long<T, F, W>(&self, doing: &'static str, work: F) -> Result<T>
    where
        F: Fn(Transaction) -> W + Send,
        W: Future<Output = DbResult<T>> + Send,
    {
        self.run(doing, Mode::Read, self.0.address.statement_timeout * LONG, work).await
    }

    /// Runs `work` in a transaction that commits when it succeeds and leaves no trace when it does not. Work that others
    /// got in the way of is done again, a bounded number of times.
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
        let mut attempt = 1;
        loop {
            match self.attempt(mode, limit, &work).await {
                Ok(value) => return Ok(value),
                Err(failure) if attempt < ATTEMPTS && failure.may_be_repeated() => {
                    let longest = BACKOFF * 2_u32.pow(attempt.min(6));
                    tokio::time::sleep(longest.mul_f64(rand::random())).await;
                    attempt += 1;
                }
                Err(failure) => return Err(self.failed(doing, failure)),
            }
        }
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

    /// Whether the server answers and the schema is there.
    pub(crate) async fn check(&self) -> Result<()> {
        let name = self.0.schema.name;
        self.read("cannot read", move |tx| async move { migrate::version(&tx, name).await.map(drop) }).await
    }

    /// What an operator should know about the server.
    pub(crate) async fn diagnose(&self) -> Result<Vec<Diagnosis>> {
        diagnose::diagnose(self).await
    }
}
