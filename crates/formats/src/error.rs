//! Why a file cannot be read.

use std::io;

use rethread_model::JobError;

/// Why planning failed.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file cannot be imported. The job fails with this error and nothing was written.
    #[error("{}", .0.message)]
    Refused(JobError),
    /// The upload could not be read, or a slice could not be stored. Worth a retry.
    #[error("the upload cannot be read")]
    Io(#[from] io::Error),
}
