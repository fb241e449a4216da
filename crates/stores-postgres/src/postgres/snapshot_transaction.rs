//! A snapshot of a database that is read over several operations.

use deadpool_postgres::Object;
use rethread_stores::Result;

use super::transaction::{Connection, Mode, Transaction};
use super::{Database, DbResult, Failure, LONG};

/// Forces plans along the indexes, whatever the statistics say: rows are needed in order, a few at
/// a time, so a table must never be read as a whole. Where no index has the order, the server still
/// sorts.
const ALONG_INDEXES: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; \
     SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off; \
     SET LOCAL max_parallel_workers_per_gather = 0";

/// A dedicated connection, outside the pool, in a read-only transaction. It locks no rows; while it
/// exists, the server cannot clean up what others overwrite and delete. Dropping it closes the
/// connection.
pub(crate) struct SnapshotTransaction {
    database: Database,
    transaction: Transaction,
}

impl std::fmt::Debug for SnapshotTransaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SnapshotTransaction").field(&self.database).finish()
    }
}

impl Database {
    /// Opens a snapshot of the database's current state.
    pub(crate) async fn still(&self, doing: &'static str) -> Result<SnapshotTransaction> {
        let transaction = self.begin_still().await.map_err(|failure| self.failed(doing, failure))?;
        Ok(SnapshotTransaction { database: self.clone(), transaction })
    }

    async fn begin_still(&self) -> DbResult<Transaction> {
        let connection = self.0.pool.get().await.map_err(|error| self.no_connection(error))?;
        let connection = Connection::Own(Object::take(connection));
        let limit = self.0.address.statement_timeout;
        let transaction = Transaction::begin(connection, Mode::Read, limit, limit * LONG, self.0.schema.name).await?;
        // The snapshot is taken by the first statement that reads.
        transaction.script(&format!("{ALONG_INDEXES}; SELECT 1")).await?;
        Ok(transaction)
    }

    /// Converts a failure outside of a transaction's work for callers.
    pub(super) fn failed(&self, doing: &str, failure: Failure) -> rethread_stores::Error {
        failure.into_error(doing, &self.0.address.place())
    }
}

impl SnapshotTransaction {
    /// Runs `work` on the snapshot.
    pub(crate) async fn read<T, F, W>(&self, doing: &'static str, work: F) -> Result<T>
    where
        F: FnOnce(Transaction) -> W + Send,
        W: Future<Output = DbResult<T>> + Send,
    {
        work(self.transaction.clone()).await.map_err(|failure| self.database.failed(doing, failure))
    }
}
