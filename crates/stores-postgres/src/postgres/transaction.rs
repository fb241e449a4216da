//! One transaction on a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use deadpool_postgres::{ClientWrapper, Object};
use tokio_postgres::Row;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::{DbResult, Failure};

/// What the client allows beyond the server's own limit, for the round trip.
const MARGIN: Duration = Duration::from_secs(5);

/// The mode of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Sees one snapshot of the database.
    Read,
    /// Each statement sees what was committed before it started.
    Write,
}

/// The connection of a transaction.
pub(super) enum Connection {
    /// From the pool, which takes it back.
    Pooled(Object),
    /// A dedicated one, never shared.
    Own(ClientWrapper),
}

/// Values and their types.
pub(crate) type Parameters<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// A transaction. Clones share it. Unless the server confirmed its end, dropping the last clone
/// closes the connection, and the server rolls back.
#[derive(Clone)]
pub(crate) struct Transaction(Arc<Session>);

struct Session {
    /// Present until the end of the session.
    connection: Option<Connection>,
    is_ended: AtomicBool,
    limit: Duration,
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.is_ended.load(Ordering::Acquire) {
            drop(match self.connection.take() {
                Some(Connection::Pooled(connection)) => Some(Object::take(connection)),
                Some(Connection::Own(connection)) => Some(connection),
                None => None,
            });
        }
    }
}

impl Transaction {
    /// Each statement may take `limit`; between two statements the server waits for `idle`.
    pub(super) async fn begin(
        connection: Connection,
        mode: Mode,
        limit: Duration,
        idle: Duration,
        schema: &str,
    ) -> DbResult<Self> {
        let transaction = Self(Arc::new(Session {
            connection: Some(connection),
            is_ended: AtomicBool::new(false),
            limit: limit + MARGIN,
        }));
        let begin = match mode {
            Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Mode::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        };
        let (statement, idle) = (limit.as_millis(), idle.as_millis());
        // A client that disappears holds no lock for longer than its statements may take. JIT
        // compilation takes longer than any of our statements, and the server would use it for many
        // while it has few statistics on a table.
        let settings = format!(
            "{begin}; SET LOCAL statement_timeout = {statement}; \
             SET LOCAL idle_in_transaction_session_timeout = {idle}; SET LOCAL search_path = {schema}; \
             SET LOCAL jit = off"
        );
        transaction.script(&settings).await?;
        Ok(transaction)
    }

    /// The rows of one statement.
    pub(crate) async fn query(&self, sql: &str, parameters: Parameters<'_>) -> DbResult<Vec<Row>> {
        self.in_time(self.client()?.query_typed(sql, parameters)).await
    }

    /// The first row of one statement.
    pub(crate) async fn first(&self, sql: &str, parameters: Parameters<'_>) -> DbResult<Option<Row>> {
        Ok(self.query(sql, parameters).await?.into_iter().next())
    }

    /// The number of rows that a statement wrote.
    pub(crate) async fn execute(&self, sql: &str, parameters: Parameters<'_>) -> DbResult<u64> {
        self.in_time(self.client()?.execute_typed(sql, parameters)).await
    }

    /// Runs statements without parameters, one after the other.
    pub(crate) async fn script(&self, sql: &str) -> DbResult<()> {
        self.in_time(self.client()?.batch_execute(sql)).await
    }

    /// Sends rows with `COPY … FROM STDIN (FORMAT binary)`.
    pub(crate) async fn copy(&self, sql: &str, types: &[Type], rows: &[Vec<&(dyn ToSql + Sync)>]) -> DbResult<()> {
        let client = self.client()?;
        let copied = async {
            let sink = client.copy_in::<_, Bytes>(sql).await?;
            let mut writer = std::pin::pin!(BinaryCopyInWriter::new(sink, types));
            for row in rows {
                writer.as_mut().write(row).await?;
            }
            writer.finish().await
        };
        self.in_time(copied).await.map(drop)
    }

    pub(super) async fn commit(&self) -> DbResult<()> {
        self.script("COMMIT").await?;
        self.0.is_ended.store(true, Ordering::Release);
        Ok(())
    }

    /// If this fails, the connection is closed and the server rolls back.
    pub(super) async fn roll_back(&self) {
        if self.script("ROLLBACK").await.is_ok() {
            self.0.is_ended.store(true, Ordering::Release);
        }
    }

    fn client(&self) -> DbResult<&tokio_postgres::Client> {
        match &self.0.connection {
            Some(Connection::Pooled(connection)) => Ok(connection),
            Some(Connection::Own(connection)) => Ok(connection),
            None => Err(Failure::Late),
        }
    }

    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, tokio_postgres::Error>>) -> DbResult<T> {
        match tokio::time::timeout(self.0.limit, answer).await {
            Ok(answered) => Ok(answered?),
            Err(_) => Err(Failure::Late),
        }
    }
}
