//! How a task can fail.

use std::fmt;

use rethread_model::JobError;
use rethread_stores::Error;

/// Why a task was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// A backend failed, after the retries.
    #[error(transparent)]
    Backend(#[from] Error),
    /// The code that reads files panicked.
    #[error("reading stopped by a panic")]
    Panicked,
    /// The upload is no longer stored, or has changed. The job fails with this error.
    #[error("{}", .0.message)]
    LostUpload(JobError),
    /// The worker is being stopped; another worker runs the task.
    #[error("the worker is stopping")]
    Stopping,
}

/// The error of a job that Rethread itself could not finish.
pub(crate) fn fault(code: &str, message: impl Into<String>) -> JobError {
    JobError { code: code.to_owned(), message: message.into(), offset: None }
}

/// Formats an error with its causes, for operators.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn std::error::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}
