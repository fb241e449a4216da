//! The errors of a job whose upload is not what was received or planned. Nothing read from it would
//! be the admin's file.

use std::io;

use rethread_model::{Job, JobError};
use rethread_stores::{Error, ErrorKind};

use crate::reading::is_shorter;
use crate::task_error::{TaskError, fault};

/// The blob does not exist.
pub(super) fn missing(job: &Job) -> JobError {
    let what = if job.sync.is_some() {
        "what the site sent is no longer stored; start another sync"
    } else {
        "the uploaded file is no longer stored; upload it again"
    };
    fault("upload_missing", format!("{what}: what was imported before stays and is not doubled"))
}

/// The blob exists but differs. `how` describes the difference.
pub(super) fn changed(job: &Job, how: impl std::fmt::Display) -> JobError {
    let what = if job.sync.is_some() {
        "what the site sent is not stored as it was received"
    } else {
        "the uploaded file is not stored as it was received"
    };
    let again = if job.sync.is_some() { "ask for another sync" } else { "upload it again" };
    fault("upload_changed", format!("{what} ({how}); {again}: what was imported before stays and is not doubled"))
}

/// What kept an upload, or a slice of it, from being read or written.
pub(super) fn not_read(job: &Job, error: io::Error) -> TaskError {
    if is_shorter(&error) {
        return TaskError::LostUpload(changed(job, "it is shorter"));
    }
    match error.downcast::<Error>() {
        Ok(error) if error.kind() == ErrorKind::NotFound => TaskError::LostUpload(missing(job)),
        Ok(error) => error.into(),
        Err(error) => {
            let message = format!("the upload of job {} cannot be read", job.id);
            Error::new(ErrorKind::Internal, message).because(error).into()
        }
    }
}
