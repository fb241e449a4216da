//! Jobs and comments in memory, for simulations. These are the embedded stores over databases
//! without files; a simulation can restore an earlier state and disturb transactions from outside.

use std::sync::{Arc, OnceLock};

use rethread_model::Clock;
use rethread_stores::{Backends, BlobStore, Queue, Result};

use crate::accounts::SqliteAccounts;
use crate::comments::SqliteComments;
use crate::jobs::SqliteJobs;
use crate::sites::SqliteSites;
use crate::sqlite::Database;

pub use crate::sqlite::memory::{Access, Disturbance, SavedState};

/// The databases; every process of a simulation shares them.
#[derive(Debug)]
pub struct StoresInMemory {
    comments: Database,
    jobs: Database,
}

impl StoresInMemory {
    /// Empty stores. Each disturbance decides what happens to the transactions of its store.
    pub fn open(comments: Arc<dyn Disturbance>, jobs: Arc<dyn Disturbance>) -> Result<Self> {
        static EMPTY_COMMENTS: OnceLock<SavedState> = OnceLock::new();
        static EMPTY_JOBS: OnceLock<SavedState> = OnceLock::new();
        Ok(Self {
            comments: Database::in_memory(&crate::comments::SCHEMA, &EMPTY_COMMENTS, comments)?,
            jobs: Database::in_memory(&crate::jobs::SCHEMA, &EMPTY_JOBS, jobs)?,
        })
    }

    /// The view of one process, with its own blob store and queue.
    #[must_use]
    pub fn backends(&self, clock: Arc<dyn Clock>, blobs: Arc<dyn BlobStore>, queue: Arc<dyn Queue>) -> Backends {
        Backends {
            blobs,
            queue,
            jobs: Arc::new(SqliteJobs::over(self.jobs.clone(), clock)),
            comments: Arc::new(SqliteComments::over(self.comments.clone())),
            accounts: Arc::new(SqliteAccounts::new(self.comments.clone())),
            sites: Arc::new(SqliteSites::new(self.comments.clone())),
        }
    }

    /// Saves the current comments, checkpoints, ledgers, accounts and sites.
    pub fn save_comments(&self) -> Result<SavedState> {
        self.comments.saved()
    }

    /// Restores them.
    pub fn restore_comments(&self, saved: &SavedState) -> Result<()> {
        self.comments.restore(saved)
    }

    /// Saves the current jobs.
    pub fn save_jobs(&self) -> Result<SavedState> {
        self.jobs.saved()
    }

    /// Restores them.
    pub fn restore_jobs(&self, saved: &SavedState) -> Result<()> {
        self.jobs.restore(saved)
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;

    #[derive(Debug)]
    struct Undisturbed;

    #[async_trait]
    impl Disturbance for Undisturbed {
        async fn before(&self, _: &'static str, _: Access) -> Result<()> {
            Ok(())
        }

        async fn after(&self, _: &'static str, _: Access) -> Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_is_put_back_is_what_was_there() {
        let stores = StoresInMemory::open(Arc::new(Undisturbed), Arc::new(Undisturbed)).unwrap();
        let count = async || {
            let count =
                |tx: &rusqlite::Transaction<'_>| Ok(tx.query_row("SELECT count(*) FROM tokens", [], |row| row.get(0))?);
            stores.comments.read::<i64, _>("cannot count", count).await.unwrap()
        };
        let add = async |id: &'static str| {
            let insert = move |tx: &rusqlite::Transaction<'_>| {
                let sql = "INSERT INTO tokens (id, kind, account, name, role, created_at, secret_sha256) \
                           VALUES (?1, 'token', 'acme', 'ann', 'admin', 0, CAST(?1 AS BLOB))";
                Ok(tx.execute(sql, [id])?)
            };
            stores.comments.write("cannot add", insert).await.unwrap();
        };
        add("a").await;
        let saved = stores.save_comments().unwrap();
        add("b").await;
        assert_eq!(count().await, 2);
        stores.restore_comments(&saved).unwrap();
        assert_eq!(count().await, 1);
        add("c").await;
        assert_eq!(count().await, 2);
    }
}
