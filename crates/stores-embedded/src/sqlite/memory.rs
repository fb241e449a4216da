//! Databases in memory, for simulations. They run the same statements as files, but nothing runs
//! concurrently with the caller, and the simulation decides before and after each transaction what
//! happens to it.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use parking_lot::Mutex;
use rethread_stores::{Error, ErrorKind, Result};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, Transaction};
use tokio::sync::Semaphore;

use super::{Database, DbResult, Failure, Inner, Schema, migrate};

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It only reads.
    Read,
    /// It may write.
    Write,
}

/// Decides what happens to transactions. Each call may take its time, and may never return.
#[async_trait]
pub trait Disturbance: Debug + Send + Sync {
    /// Called before a transaction begins; an error prevents it.
    async fn before(&self, doing: &'static str, access: Access) -> Result<()>;

    /// Called after a transaction has ended; an error hides its result from the caller.
    async fn after(&self, doing: &'static str, access: Access) -> Result<()>;
}

/// What distinguishes a database in memory.
#[derive(Debug)]
pub(super) struct Memory {
    disturbance: Arc<dyn Disturbance>,
}

/// The whole content of a database at one moment.
#[derive(Debug)]
pub struct SavedState(Mutex<Connection>);

impl Database {
    /// An empty database with its schema. `template` caches one for later calls.
    pub(crate) fn in_memory(
        schema: &'static Schema,
        template: &OnceLock<SavedState>,
        disturbance: Arc<dyn Disturbance>,
    ) -> Result<Self> {
        let path = PathBuf::from(format!(":memory:{}", schema.name));
        let opened = || {
            let empty = if let Some(empty) = template.get() {
                empty
            } else {
                let mut connection = Connection::open_in_memory()?;
                migrate::migrate(&mut connection, &path, schema)?;
                template.get_or_init(|| SavedState(Mutex::new(connection)))
            };
            let writer = copy(&empty.0.lock())?;
            writer.set_prepared_statement_cache_capacity(64);
            writer.pragma_update(None, "foreign_keys", true)?;
            Ok(writer)
        };
        let writer = opened().map_err(|failure: Failure| failure.into_error("cannot open", &path))?;
        Ok(Self(Arc::new(Inner {
            path,
            schema,
            writer: Arc::new(tokio::sync::Mutex::new(writer)),
            readers: Mutex::default(),
            reader_permits: Arc::new(Semaphore::new(0)),
            memory: Some(Memory { disturbance }),
        })))
    }

    /// Runs a transaction in the caller, if nothing prevents it.
    pub(super) async fn in_memory_transaction<T, F>(
        &self,
        memory: &Memory,
        doing: &'static str,
        access: Access,
        work: F,
    ) -> Result<T>
    where
        F: FnOnce(&Transaction<'_>) -> DbResult<T> + Send,
        T: Send,
    {
        memory.disturbance.before(doing, access).await?;
        let done = transact(&mut *self.0.writer.lock().await, work);
        memory.disturbance.after(doing, access).await?;
        done.map_err(|failure| failure.into_error(doing, &self.0.path))
    }

    /// Saves the current content.
    pub(crate) fn saved(&self) -> Result<SavedState> {
        let saved = self.idle()?;
        let copied = copy(&saved).map_err(|failure| failure.into_error("cannot copy", &self.0.path))?;
        Ok(SavedState(Mutex::new(copied)))
    }

    /// Restores saved content; everything since then is lost.
    pub(crate) fn restore(&self, saved: &SavedState) -> Result<()> {
        let mut now = self.idle()?;
        copy_into(&saved.0.lock(), &mut now).map_err(|failure| failure.into_error("cannot restore", &self.0.path))
    }

    /// The connection; no transaction is ever open when another one starts.
    fn idle(&self) -> Result<tokio::sync::MutexGuard<'_, Connection>> {
        self.0.writer.try_lock().map_err(|error| Error::new(ErrorKind::Internal, "the database is busy").because(error))
    }
}

fn transact<T>(connection: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> DbResult<T>) -> DbResult<T> {
    let transaction = connection.transaction()?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// Another database with the same content.
pub(super) fn copy(from: &Connection) -> DbResult<Connection> {
    let mut to = Connection::open_in_memory()?;
    copy_into(from, &mut to)?;
    Ok(to)
}

fn copy_into(from: &Connection, to: &mut Connection) -> DbResult<()> {
    let backup = Backup::new(from, to)?;
    match backup.step(-1)? {
        StepResult::Done => Ok(()),
        _ => Err(Error::new(ErrorKind::Internal, "the copy of a database did not end").into()),
    }
}
