//! The embedded deployment: stores in a folder, used by this process alone.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;

use rethread_model::{Clock, SystemClock};
use rethread_runtime::{Config, Context, Lifecycle};
use rethread_runtime::{open_backends, open_comments};
use rethread_stores::CommentStore;

use crate::failure::Failure;

/// Held by the only process that works on a folder. The operating system releases it however the
/// process ends.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, never looked at")] File);

/// Ensures that no other process works on the folder. Tasks live in memory, so two processes would
/// not know of each other's.
pub(crate) fn lock(data: &Path) -> Result<Lock, Failure> {
    let unusable = |message: String, error| Failure::path("folder_unusable", message, error);
    std::fs::create_dir_all(data)
        .map_err(|error| unusable(format!("cannot make the folder {}", data.display()), error))?;
    let path = data.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| unusable(format!("cannot write in the folder {}", data.display()), error))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => {
            let message = format!(
                "another rethread works on {}; give the file to it with --server URL --token TOKEN, or choose another \
                 folder with --data",
                data.display()
            );
            Err(Failure::usage("folder_in_use", message))
        }
        Err(TryLockError::Error(error)) => Err(unusable(format!("cannot lock {}", path.display()), error)),
    }
}

/// Opens the stores.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Context> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let backends = open_backends(&config.urls(), Arc::clone(&clock)).await?;
    Ok(Context::new(backends, clock, Lifecycle::new()))
}

/// Opens the stores of an existing folder.
pub(crate) async fn open_existing(config: &Config) -> anyhow::Result<Context> {
    must_be_there(&config.data)?;
    open(config).await
}

/// Opens only the comment store, which must exist. Reading needs no [`lock`]: another process may
/// use the folder, and its writes neither wait for readers nor block them.
pub(crate) async fn open_existing_comments(config: &Config) -> anyhow::Result<Arc<dyn CommentStore>> {
    if config.comments.is_none() {
        must_be_there(&config.data)?;
    }
    Ok(open_comments(&config.urls()).await?)
}

fn must_be_there(data: &Path) -> Result<(), Failure> {
    if data.is_dir() {
        return Ok(());
    }
    let message = format!("there is no folder {}; name the one that you imported into with --data", data.display());
    Err(Failure::usage("folder_missing", message))
}
