//! One state of a database, looked at for longer than one operation.

use deadpool_postgres::Object;

use super::transaction::{Connection, Mode, Transaction};
use super::{Database, DbResult, Failure, LONG};
use crate::Result;

/// Plans go along the indexes, whatever the statistics say: rows are needed in order, some at a time, and a table is never read
/// as a whole for that. Where an order cannot be had from an index, it is still made by sorting.
const ALONG_INDEXES: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; \
     SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off; \
     SET LOCAL max_parallel_workers_per_gather = 0";

/// A connection of its own, apart from the pool, in a reading transaction. It locks no row; for as long as it is there, the
/// server cannot clean up what others overwrite and delete. Dropped, the connection is closed.
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
    /// Keeps the database's present state in sight.
    pub(crate) async fn still(&self, doing: &'static str) -> Result<SnapshotTransaction> {
        let transaction = self.begin_still().await.map_err(|failure| self.failed(doing, failure))?;
        Ok(SnapshotTransaction { database: self.clone(), transaction })
    }

    async fn begin_still(&self) -> DbResult<Transaction> {
        let connection = self.0.pool.get().await.map_err(|error| self.no_connection(error))?;
        let connection = Connection::Own(Object::take(connection));
        let limit = self.0.address.statement_timeout;
        let transaction = Transaction::begin(connection, Mode::Read, limit, limit * LONG, self.0.schema.name).await?;
        // The state is that of the first statement which reads.
        transaction.script(&format!("{ALONG_INDEXES}; SELECT 1")).await?;
        Ok(transaction)
    }

    /// What a failure outside of a transaction's work is to callers.
    pub(super) fn failed(&self, doing: &str, failure: Failure) -> crate::Error {
        failure.into_error(doing, &self.0.address.place())
    }
}

impl SnapshotTransaction {
    /// Runs `work` on that state.
    pub(crate) async fn read<T, F, W>(&self, doing: &'static str, work: F) -> Result<T>
    where
        F: FnOnce(Transaction) -> W + Send,
        W: Future<Output = DbResult<T>> + Send,
    {
        work(self.transaction.clone()).await.map_err(|failure| self.database.failed(doing, failure))
    }
}
