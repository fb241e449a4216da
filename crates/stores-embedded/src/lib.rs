#![doc = include_str!("../README.md")]

mod accounts;
mod blobs;
mod comments;
#[cfg(feature = "simulation")]
pub mod in_memory;
mod jobs;
mod queue;
mod sites;
mod sqlite;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rethread_model::Clock;
use rethread_stores::{BlobStore, CommentDatabase, JobStore, Queue, Result};

/// Blobs in a directory, which is created if it is missing, readable by its owner only.
pub async fn open_blobs(root: PathBuf) -> Result<Arc<dyn BlobStore>> {
    Ok(Arc::new(blobs::FileBlobs::open(root).await?))
}

/// Jobs in a database file, which is created if it is missing.
pub async fn open_jobs(file: &Path, clock: Arc<dyn Clock>) -> Result<Arc<dyn JobStore>> {
    Ok(Arc::new(jobs::SqliteJobs::open(file, clock).await?))
}

/// A queue in this process.
#[must_use]
pub fn open_queue() -> Arc<dyn Queue> {
    Arc::new(queue::MemoryQueue::default())
}

/// Comments, accounts and sites in a database file, which is created if it is missing. It must not
/// be the file of the jobs.
pub async fn open_comments(file: &Path) -> Result<CommentDatabase> {
    let (comments, database) = comments::SqliteComments::open(file).await?;
    Ok(CommentDatabase {
        comments: Arc::new(comments),
        accounts: Arc::new(accounts::SqliteAccounts::new(database.clone())),
        sites: Arc::new(sites::SqliteSites::new(database)),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rethread_stores::migration::Migration;

    use super::*;

    fn check(store: &str, migrations: &[Migration]) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(store).join("migrations");
        rethread_stores_testsuite::migrations(&folder, migrations);
    }

    #[test]
    fn every_migration_is_applied_at_the_place_of_its_number() {
        check("comments", comments::SCHEMA.migrations);
        check("jobs", jobs::SCHEMA.migrations);
    }
}
