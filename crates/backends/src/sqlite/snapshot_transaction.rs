//! One state of a file, looked at for longer than one operation.

use rusqlite::Connection;

use super::{Database, DbResult, file, on_blocking_thread};
use crate::{Error, ErrorKind, Result};

/// A connection of its own in a reading transaction. It keeps nobody from writing; what is written meanwhile stays in the log
/// until it goes. Dropped, the connection is closed.
#[derive(Debug)]
pub(crate) struct SnapshotTransaction {
    database: Database,
    /// With whoever reads, or gone with one that failed or was not waited for.
    connection: Option<Connection>,
}

impl Database {
    /// Keeps the file's present state in sight.
    pub(crate) async fn still(&self, doing: &'static str) -> Result<SnapshotTransaction> {
        #[cfg(feature = "simulation")]
        if self.0.memory.is_some() {
            return self.still_in_memory(doing).await;
        }
        let inner = std::sync::Arc::clone(&self.0);
        let begun = on_blocking_thread(move || {
            // It reads all over the file, for as long as it takes: as much cache as the writer has.
            let connection = file::open_reader(&inner.path, inner.schema.writer_cache_kib)?;
            // The state is that of the first reading, which is this one.
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
    /// Runs `work` on that state.
    pub(crate) async fn read<T, F>(&mut self, doing: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> DbResult<T> + Send + 'static,
    {
        let Some(connection) = self.connection.take() else {
            return Err(Error::new(ErrorKind::Unavailable, format!("{doing}: an earlier reading failed, begin anew")));
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
