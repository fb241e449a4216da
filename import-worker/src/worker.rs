//! What every task needs, and the calls that all of them make.

use std::sync::Arc;

use rethread_model::{AccountId, Change, Job, JobId, Reach, Task, TaskKind};
use rethread_runtime::{Context, WorkerConfig};
use rethread_stores::apply_in_pass;
use tokio::sync::mpsc;

use crate::reading::Threads;
use crate::retry::retry;
use crate::task_error::TaskError;

/// An import in the comment store that will receive no more writes.
pub(crate) type EndedImport = (AccountId, JobId);

/// The parts of a worker process, shared by its slots and its janitor.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) context: Context,
    pub(crate) config: WorkerConfig,
    pub(crate) threads: Arc<dyn Threads>,
    /// Imports that have just ended and whose ledgers can be dropped.
    pub(crate) ended_imports: mpsc::UnboundedSender<EndedImport>,
}

impl Worker {
    /// The current state of a job.
    pub(crate) async fn job(&self, account: &AccountId, id: JobId) -> Result<Option<Job>, TaskError> {
        let reach = Reach::Account(account.clone());
        Ok(retry(|| self.context.backends.jobs.get(&reach, id)).await?)
    }

    /// Changes a job. Returns `None` when the job no longer accepts the change, or has begun its
    /// next pass.
    pub(crate) async fn apply(&self, job: &Job, wanted: Change) -> Result<Option<Job>, TaskError> {
        let backends = &self.context.backends;
        let clock = &*self.context.clock;
        let changed = retry(|| apply_in_pass(&*backends.jobs, clock, job, wanted.clone())).await?;
        Ok(changed.ok())
    }

    /// Publishes a task of a job.
    pub(crate) async fn publish(&self, job: &Job, kind: TaskKind) -> Result<(), TaskError> {
        let task = Task::of(job, kind);
        Ok(retry(|| self.context.backends.queue.publish_task(&task)).await?)
    }

    /// Ends an import in the comment store, and leaves dropping its ledger to the janitor.
    pub(crate) async fn forget(&self, account: &AccountId, import: JobId) -> Result<(), TaskError> {
        retry(|| self.context.backends.comments.end_import(account, import)).await?;
        // The receiver is gone when the process is about to end; a later janitor finds the ledger.
        let _ = self.ended_imports.send((account.clone(), import));
        Ok(())
    }
}

#[cfg(test)]
mod for_tests {
    use std::path::Path;

    use rethread_model::SystemClock;
    use rethread_runtime::Lifecycle;
    use rethread_runtime::{Urls, open_backends};

    use super::*;
    use crate::reading::SystemThreads;

    impl Worker {
        /// A worker over empty embedded stores, and what it reports as ended.
        pub(crate) async fn for_tests(folder: &Path) -> (Self, mpsc::UnboundedReceiver<EndedImport>) {
            let at = |scheme: &str, name: &str| format!("{scheme}:{}", folder.join(name).display());
            let urls = Urls {
                blobs: at("file", "blobs"),
                jobs: at("sqlite", "jobs.db"),
                queue: "memory:".to_owned(),
                comments: at("sqlite", "comments.db"),
            };
            let clock = Arc::new(SystemClock);
            let backends = open_backends(&urls, clock.clone()).await.unwrap();
            let context = Context::new(backends, clock, Lifecycle::new());
            let (ended_imports, ended) = mpsc::unbounded_channel();
            let threads = Arc::new(SystemThreads);
            (Self { context, config: WorkerConfig::default(), threads, ended_imports }, ended)
        }
    }
}
