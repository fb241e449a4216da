//! What can fail inside a transaction. The client's errors stay inside this crate.

use std::error::Error as _;
use std::{fmt, io};

use rethread_stores::retry::Transient;
use rethread_stores::{Error, ErrorKind};
use tokio_postgres::error::{DbError, SqlState};

/// The result of work inside a transaction.
pub(crate) type DbResult<T> = Result<T, Failure>;

/// Why a transaction failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server, or the connection to it, failed.
    Postgres(tokio_postgres::Error),
    /// The server did not answer in time.
    Late,
    /// Data changed between reading and writing it: the transaction must be retried.
    Raced,
    /// The work failed with an error for the caller.
    Refused(Error),
}

/// The server's message, without the values of rows.
#[derive(Debug, thiserror::Error)]
#[error("{message} (SQLSTATE {code})")]
struct Said {
    message: String,
    code: String,
}

impl Failure {
    /// A stored value that this version cannot read.
    pub(crate) fn unreadable(what: &str) -> Self {
        Self::Refused(Error::new(ErrorKind::Internal, format!("a stored {what} cannot be read")))
    }

    pub(crate) fn into_error(self, doing: &str, place: &str) -> Error {
        let message = format!("{doing} in the database {place}");
        match self {
            Self::Refused(error) => error,
            Self::Late => Error::new(ErrorKind::Unavailable, format!("{message}: the server does not answer")),
            Self::Raced => Error::new(ErrorKind::Unavailable, format!("{message}: others write the same all the time")),
            Self::Postgres(error) => Error::new(kind(&error), message).because(without_values(&error)),
        }
    }
}

impl Transient for Failure {
    /// Whether the transaction left no trace and may succeed if it is retried.
    fn is_transient(&self) -> bool {
        match self {
            Self::Raced => true,
            Self::Postgres(error) => error.code().is_some_and(|code| {
                [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code)
            }),
            Self::Late | Self::Refused(_) => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(error) => without_values(error).fmt(f),
            Self::Late => f.write_str("the server does not answer"),
            Self::Raced => f.write_str("others write the same"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

fn kind(error: &tokio_postgres::Error) -> ErrorKind {
    match error.as_db_error() {
        Some(said) => kind_of_code(said.code().code()),
        None if is_of_connection(error) => ErrorKind::Unavailable,
        None => ErrorKind::Internal,
    }
}

/// Classes of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn kind_of_code(code: &str) -> ErrorKind {
    match code {
        // A server that became read-only was a primary before a failover. One that refuses a
        // password, or lost its database after it was opened, is under maintenance.
        "25006" | "55P03" | "3D000" => ErrorKind::Unavailable,
        // The tables, or the permissions on them, are gone.
        "42501" | "42P01" | "3F000" => ErrorKind::Configuration,
        // Connections, authentication, timeouts and shutdowns, resources, the disk, persistent
        // conflicts.
        _ if ["08", "28", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => ErrorKind::Unavailable,
        _ => ErrorKind::Internal,
    }
}

/// Whether the connection failed rather than its use: the client distinguishes these only by their
/// causes.
fn is_of_connection(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || error.source().is_none_or(<dyn std::error::Error>::is::<io::Error>)
}

/// Whether a connection was refused for reasons that do not pass on their own, and what to do.
pub(super) fn advice(error: &tokio_postgres::Error) -> Option<&'static str> {
    let Some(said) = error.as_db_error() else {
        let certificate = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()?.get_ref());
        return match certificate.and_then(|cause| cause.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(_)) => {
                Some("the server's certificate is not trusted: name its authority by \"sslrootcert\"")
            }
            // The connection works, but the client cannot use it: no password was given, or the
            // server has no encryption.
            _ if !is_of_connection(error) => Some("look at user, password and sslmode in its URL"),
            _ => None,
        };
    };
    match said.code().code() {
        "3D000" => Some("the database does not exist: create it, or name another"),
        "42501" => Some("the user lacks rights there: grant it CREATE and TEMPORARY on the database"),
        code if code.starts_with("28") => Some("the user or the password is refused: look at both in its URL"),
        _ => None,
    }
}

/// What an operator needs to know of an error. Details, and messages about values, contain data of
/// rows.
pub(super) fn without_values(error: &tokio_postgres::Error) -> Box<dyn std::error::Error + Send + Sync> {
    match error.as_db_error() {
        Some(said) => Box::new(Said { message: message(said), code: said.code().code().to_owned() }),
        None => match error.source().and_then(|cause| cause.downcast_ref::<io::Error>()) {
            Some(cause) => format!("{error}: {cause}").into(),
            None => error.to_string().into(),
        },
    }
}

fn message(said: &DbError) -> String {
    let is_about_values = ["22", "23"].iter().any(|class| said.code().code().starts_with(class));
    if is_about_values { "a value does not fit".to_owned() } else { said.message().to_owned() }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_work_later_is_told_from_what_does_not() {
        for code in ["08006", "57P01", "57P02", "57P03", "57014", "53300", "40001", "40P01", "25006", "28P01", "58030"]
        {
            assert_eq!(kind_of_code(code), ErrorKind::Unavailable, "{code}");
        }
        for code in ["22021", "23505", "42601", "XX000"] {
            assert_eq!(kind_of_code(code), ErrorKind::Internal, "{code}");
        }
        assert_eq!(kind_of_code("42P01"), ErrorKind::Configuration);
    }
}
