//! A snapshot of a file that is read over several operations.

use rethread_stores::{Error, ErrorKind, Result};
use rusqlite::Connection;

use super::{Database, DbResult, file, on_blocking_thread};

/// A dedicated connection in a read-only transaction. It blocks no writer; what is written
/// meanwhile stays in the log until it ends. Dropping it closes the connection.
#[derive(Debug)]
pub(crate) struct SnapshotTransaction {
    database: Database,
    /// `None` while a read is in progress, and after one that failed or was cancelled.
    connection: Option<Connection>,
}

impl Database {
    /// Opens a snapshot of the file's current state.
    pub(crate) async fn still(&self, doing: &'static str) -> Result<SnapshotTransaction> {
        #[cfg(feature = "simulation")]
        if self.0.memory.is_some() {
            return self.still_in_memory(doing).await;
        }
        let inner = std::sync::Arc::clone(&self.0);
        let begun = on_blocking_thread(move || {
            // It reads the whole file over time, so it gets as much cache as the writer.
            let connection = file::open_reader(&inner.path, inner.schema.writer_cache_kib)?;
            // The snapshot is taken by the first read, which is this one.
            connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
            Ok(connection)
        });
        let connection = begun.await.map_err(|failure| failure.into_error(doing, &self.0.path))?;
        Ok(SnapshotTransaction { database: self.clone(), connection: Some(connection) })
    }
}

#[cfg(feature = "simulation")]
impl Database {
    async fn still_in_memory(&self, doing: &'static str) -> Result<SnapshotTransaction> {
        let copied = super::memory::copy(&*self.0.writer.lock().await);
        let connection = copied.map_err(|failure| failure.into_error(doing, &self.0.path))?;
        Ok(SnapshotTransaction { database: self.clone(), connection: Some(connection) })
    }
}

impl SnapshotTransaction {
    /// Runs `work` on the snapshot.
    pub(crate) async fn read<T, F>(&mut self, doing: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> DbResult<T> + Send + 'static,
    {
        let Some(connection) = self.connection.take() else {
            return Err(Error::new(ErrorKind::Unavailable, format!("{doing}: an earlier read failed, start over")));
        };
        let work = move || {
            let value = work(&connection)?;
            Ok((connection, value))
        };
        #[cfg(feature = "simulation")]
        if self.database.0.memory.is_some() {
            let done: DbResult<_> = work();
            let (connection, value) = done.map_err(|failure| failure.into_error(doing, &self.database.0.path))?;
            self.connection = Some(connection);
            return Ok(value);
        }
        let done = on_blocking_thread(work);
        let (connection, value) = done.await.map_err(|failure| failure.into_error(doing, &self.database.0.path))?;
        self.connection = Some(connection);
        Ok(value)
    }
}
