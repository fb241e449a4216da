//! Database files: one writer, a few readers, and no call that blocks the runtime.
//!
//! Every operation is one transaction on a thread of the blocking pool. Writers queue in order of
//! arrival for the one writing connection; the busy timeout covers other processes that write the
//! same file. Readers see the last commit before they began (WAL) and never wait for the writer.
//!
//! For simulations there are databases in memory, whose transactions run in the caller (see
//! `memory`).

mod failure;
mod file;
#[cfg(feature = "simulation")]
pub(crate) mod memory;
mod migrate;
mod snapshot_transaction;
mod text;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rethread_stores::migration::Migration;
use rethread_stores::{Error, ErrorKind, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

pub(crate) use failure::{DbResult, Failure};
pub(crate) use file::create_private_dir;
pub(crate) use snapshot_transaction::SnapshotTransaction;
pub(crate) use text::{optional_text, text};

/// What a file contains and how it is migrated.
pub(crate) struct Schema {
    /// For messages: `comments`.
    pub(crate) name: &'static str,
    /// Stored in the file's header, so that one kind of file is never mistaken for another.
    pub(crate) application_id: i32,
    /// Applied in order; the number of those applied is the file's `user_version`.
    pub(crate) migrations: &'static [Migration],
    /// The page cache of the writer, in KiB.
    pub(crate) writer_cache_kib: u32,
    /// The page cache of each reader, in KiB.
    pub(crate) reader_cache_kib: u32,
}

const READERS: usize = 4;

/// An open file. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database(Arc<Inner>);

struct Inner {
    path: PathBuf,
    schema: &'static Schema,
    writer: Arc<tokio::sync::Mutex<Connection>>,
    readers: Mutex<Vec<Connection>>,
    reader_permits: Arc<Semaphore>,
    #[cfg(feature = "simulation")]
    memory: Option<memory::Memory>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Database").field(&self.0.path).finish()
    }
}

impl Database {
    /// Opens a file, creates it if necessary (readable by its owner only), and migrates its schema.
    pub(crate) async fn open(path: &Path, schema: &'static Schema) -> Result<Self> {
        let owned = path.to_owned();
        let opened = on_blocking_thread(move || {
            let mut connection = file::open(&owned, schema.writer_cache_kib)?;
            migrate::migrate(&mut connection, &owned, schema)?;
            Ok(connection)
        });
        let writer = opened.await.map_err(|failure| failure.into_error("cannot open", path))?;
        Ok(Self(Arc::new(Inner {
            path: path.to_owned(),
            schema,
            writer: Arc::new(tokio::sync::Mutex::new(writer)),
            readers: Mutex::new(Vec::new()),
            reader_permits: Arc::new(Semaphore::new(READERS)),
            #[cfg(feature = "simulation")]
            memory: None,
        })))
    }

    /// Runs `work` in a read-only transaction that sees one state of the file.
    pub(crate) async fn read<T, F>(&self, doing: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> DbResult<T> + Send + 'static,
    {
        #[cfg(feature = "simulation")]
        if let Some(memory) = &self.0.memory {
            return self.in_memory_transaction(memory, doing, memory::Access::Read, work).await;
        }
        let Ok(permit) = Arc::clone(&self.0.reader_permits).acquire_owned().await else {
            return Err(Error::new(ErrorKind::Internal, "the readers of the database are closed"));
        };
        let inner = Arc::clone(&self.0);
        let done = on_blocking_thread(move || {
            let _permit = permit;
            let mut connection = inner.reader()?;
            let result = connection.transaction().map_err(Failure::from).and_then(|transaction| work(&transaction));
            inner.readers.lock().push(connection);
            result
        });
        done.await.map_err(|failure| failure.into_error(doing, &self.0.path))
    }

    /// Runs `work` in a transaction that commits if it succeeds and rolls back if not. Once started
    /// it runs to its end, even if the caller is cancelled.
    pub(crate) async fn write<T, F>(&self, doing: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> DbResult<T> + Send + 'static,
    {
        #[cfg(feature = "simulation")]
        if let Some(memory) = &self.0.memory {
            return self.in_memory_transaction(memory, doing, memory::Access::Write, work).await;
        }
        let mut writer = Arc::clone(&self.0.writer).lock_owned().await;
        let done = on_blocking_thread(move || {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        done.await.map_err(|failure| failure.into_error(doing, &self.0.path))
    }

    /// Runs a computation without database access, off the runtime.
    pub(crate) async fn compute<T, F>(&self, doing: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        #[cfg(feature = "simulation")]
        if self.0.memory.is_some() {
            return Ok(work());
        }
        let done = on_blocking_thread(move || Ok(work()));
        done.await.map_err(|failure| failure.into_error(doing, &self.0.path))
    }

    /// Checks that the file still exists and is readable.
    pub(crate) async fn check(&self) -> Result<()> {
        #[cfg(feature = "simulation")]
        if self.0.memory.is_some() {
            return Ok(());
        }
        let path = self.0.path.clone();
        let what = format!("the {} database {} is gone: restore it or restart", self.0.schema.name, path.display());
        self.read("cannot read", move |transaction| {
            std::fs::metadata(&path).map_err(|error| Error::new(ErrorKind::Unavailable, what).because(error))?;
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
            Ok(())
        })
        .await
    }
}

impl Inner {
    fn reader(&self) -> DbResult<Connection> {
        let idle = self.readers.lock().pop();
        match idle {
            Some(connection) => Ok(connection),
            None => file::open_reader(&self.path, self.schema.reader_cache_kib),
        }
    }
}

async fn on_blocking_thread<T, F>(work: F) -> DbResult<T>
where
    T: Send + 'static,
    F: FnOnce() -> DbResult<T> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::new(ErrorKind::Internal, "a database thread ended early").because(error).into()),
    }
}

#[cfg(test)]
mod tests;
