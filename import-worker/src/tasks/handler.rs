//! What the worker needs to know of a kind of task.

use async_trait::async_trait;
use rethread_model::{Task, TaskKind};
use tracing::Span;

use crate::reading::Reader;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// Handles one kind of task. The slots know tasks only through this trait.
#[async_trait]
pub(crate) trait TaskHandler: Send + Sync {
    /// Runs the task. A task may run twice, even concurrently, with the effect of running once; it
    /// may be dropped at any await point.
    async fn run(&self, worker: &Worker, task: &Task, reader: &Reader) -> Result<(), TaskError>;

    /// The span in which the task runs. Its name must be known to the compiler.
    fn span(&self, task: &Task) -> Span;

    /// Whether the span begins a trace of its own, linked to that of the request that created the
    /// job. By default it is a part of that trace.
    fn has_own_trace(&self) -> bool {
        false
    }

    /// What the worker does here, as it completes "Rethread could not …".
    fn activity(&self) -> &'static str;

    /// The task that leads the job to its end after this one failed it.
    fn task_after_failure(&self) -> TaskKind {
        TaskKind::Finish
    }

    /// Whether the job may fail because a backend failed this task. Otherwise the task is retried
    /// until it succeeds.
    fn may_fail_job(&self) -> bool {
        true
    }

    /// Ensures that an attempt for which there was no disk space does not count. Only for a task
    /// that does not release its attempt itself.
    async fn release_attempt(&self, _worker: &Worker, _task: &Task) {}
}
