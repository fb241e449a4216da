//! What can fail inside a transaction. The client's errors stay inside this crate.

use std::path::Path;

use rethread_stores::{Error, ErrorKind};
use rusqlite::ErrorCode;

/// The result of work inside a transaction.
pub(crate) type DbResult<T> = Result<T, Failure>;

/// Why a transaction failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The database failed.
    Sqlite(rusqlite::Error),
    /// The work failed with an error for the caller.
    Refused(Error),
}

impl Failure {
    /// A stored value that this version cannot read.
    pub(crate) fn unreadable(what: &str) -> Self {
        Self::Refused(Error::new(ErrorKind::Internal, format!("a stored {what} cannot be read")))
    }

    pub(crate) fn into_error(self, doing: &str, path: &Path) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                Error::storage_full(path, error)
            }
            Self::Sqlite(error) => {
                let kind = match error.sqlite_error_code() {
                    Some(
                        ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::OutOfMemory,
                    ) => ErrorKind::Unavailable,
                    Some(
                        ErrorCode::CannotOpen
                        | ErrorCode::ReadOnly
                        | ErrorCode::PermissionDenied
                        | ErrorCode::NotADatabase,
                    ) => ErrorKind::Configuration,
                    _ => ErrorKind::Internal,
                };
                Error::new(kind, format!("{doing} in the database {}", path.display())).because(error)
            }
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}
