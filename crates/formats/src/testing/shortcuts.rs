//! Imports with the usual options.

use rethread_model::{ImportOptions, JobError};

use super::{Imported, import_with};
use crate::Limits;

/// Imports a file that must not be refused.
pub(crate) fn import(upload: impl AsRef<[u8]>) -> Imported {
    import_with(upload.as_ref(), &ImportOptions::default(), &Limits::default()).unwrap()
}

/// Imports a file that must be refused, or whose site must be named before import.
pub(crate) fn refused(upload: impl AsRef<[u8]>) -> JobError {
    match import_with(upload.as_ref(), &ImportOptions::default(), &Limits::default()) {
        Ok(imported) => imported.plan.site_needed.unwrap(),
        Err(refusal) => refusal,
    }
}

/// Limits with slices of this size.
pub(crate) fn slices_of(slice_bytes: usize) -> Limits {
    Limits { slice_bytes, ..Limits::default() }
}
