//! What the worker needs to know of a kind of job when it ends.

use async_trait::async_trait;
use rethread_model::{Change, Ending, ImportSummary, Job};

use crate::reading::Reader;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// Ends one kind of job, on behalf of `Finish`.
#[async_trait]
pub(super) trait JobEnding: Send + Sync {
    /// Does what remains before the job's final state can be set. `None` when the job must not end
    /// now. May be repeated.
    ///
    /// By default nothing remains once the work is done or given up.
    async fn conclude(&self, worker: &Worker, job: Job, _reader: &Reader) -> Result<Option<Conclusion>, TaskError> {
        // Rejected while a worker still holds the work.
        let started = worker.apply(&job, Change::FinishStarted).await?;
        Ok(started.map(|job| Conclusion { job, summary: ImportSummary::default(), ending: Ending::Other }))
    }

    /// Deletes what only a running job needs, and what may no longer be downloaded. Called after
    /// the end of the job. May be repeated.
    async fn clean_up(&self, _worker: &Worker, _job: &Job) -> Result<(), TaskError> {
        Ok(())
    }
}

/// How a job is to end.
pub(super) struct Conclusion {
    /// The job as it was when its end began.
    pub(super) job: Job,
    pub(super) summary: ImportSummary,
    pub(super) ending: Ending,
}
