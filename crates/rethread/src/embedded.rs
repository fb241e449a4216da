//! The embedded side: the stores in a folder, and this process as the only one that works on them.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;

use rethread_backends::{Backends, CommentStore};
use rethread_model::{Clock, SystemClock};
use rethread_runtime::{Config, Context, Lifecycle};

use crate::failure::Failure;

/// Held by the one process that works on a folder; given up when it ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, never looked at")] File);

/// Makes sure that no other process works on the folder: tasks live in memory, so two would not know of each other.
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
    let backends = Backends::open(&config.urls(), Arc::clone(&clock)).await?;
    Ok(Context { backends, clock, lifecycle: Lifecycle::new() })
}

/// Opens the stores of a folder that must be there already.
pub(crate) async fn open_existing(config: &Config) -> anyhow::Result<Context> {
    must_be_there(&config.data)?;
    open(config).await
}

/// Opens the comments alone, which must be there already. Reading them needs no [`lock`]: another process may work on the
/// folder, whose writing neither waits for readers nor makes them wait.
pub(crate) async fn open_existing_comments(config: &Config) -> anyhow::Result<Arc<dyn CommentStore>> {
    if config.comments.is_none() {
        must_be_there(&config.data)?;
    }
    Ok(Backends::open_comments(&config.urls()).await?)
}

fn must_be_there(data: &Path) -> Result<(), Failure> {
    if data.is_dir() {
        return Ok(());
    }
    let message = format!("there is no folder {}; name the one that you imported into with --data", data.display());
    Err(Failure::usage("folder_missing", message))
}
