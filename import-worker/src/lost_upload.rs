//! The errors of a job whose upload is not what was received or planned. Nothing read from it would
//! be the admin's file.

use rethread_model::{Job, JobError};

use crate::task_error::fault;

/// The blob does not exist.
pub(crate) fn missing(job: &Job) -> JobError {
    let what = if job.sync.is_some() {
        "what the site sent is no longer stored; start another sync"
    } else {
        "the uploaded file is no longer stored; upload it again"
    };
    fault("upload_missing", format!("{what}: what was imported before stays and is not doubled"))
}

/// The blob exists but differs. `how` describes the difference.
pub(crate) fn changed(job: &Job, how: impl std::fmt::Display) -> JobError {
    let what = if job.sync.is_some() {
        "what the site sent is not stored as it was received"
    } else {
        "the uploaded file is not stored as it was received"
    };
    let again = if job.sync.is_some() { "ask for another sync" } else { "upload it again" };
    fault("upload_changed", format!("{what} ({how}); {again}: what was imported before stays and is not doubled"))
}
