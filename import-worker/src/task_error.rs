//! How a task can fail, and what is retried.

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use rethread_model::{Job, JobError};
use rethread_runtime::METRICS;
use rethread_stores::{Error, ErrorKind};

use crate::blob_reader::is_shorter;
use crate::lost_upload;

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

impl TaskError {
    /// What kept an upload, or a slice of it, from being read or written.
    pub(crate) fn with_upload(job: &Job, error: io::Error) -> Self {
        if is_shorter(&error) {
            return Self::LostUpload(lost_upload::changed(job, "it is shorter"));
        }
        match error.downcast::<Error>() {
            Ok(error) if error.kind() == ErrorKind::NotFound => Self::LostUpload(lost_upload::missing(job)),
            Ok(error) => error.into(),
            Err(error) => {
                let message = format!("the upload of job {} cannot be read", job.id);
                Error::new(ErrorKind::Internal, message).because(error).into()
            }
        }
    }

    /// What kept an export from being written.
    pub(crate) fn with_export(job: &Job, error: anyhow::Error) -> Self {
        match error.downcast::<Error>() {
            Ok(error) => error.into(),
            Err(error) => {
                let message = format!("the export of job {} cannot be written", job.id);
                Error::new(ErrorKind::Internal, message).because(error).into()
            }
        }
    }
}

/// Retries while a backend is unavailable: six times within about ten seconds.
pub(crate) async fn retry<T, F>(mut operation: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pause = Duration::from_millis(150);
    for _ in 0..6 {
        match operation().await {
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                METRICS.retries.add(&["call"], 1);
                tracing::warn!(error = %error, pause_ms = pause.as_millis(), "a backend is unavailable, trying again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            done => return done,
        }
    }
    operation().await
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
