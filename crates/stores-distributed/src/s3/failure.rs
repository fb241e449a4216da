//! Classifies the errors of an S3 server.
//!
//! While a store is in use, everything that an operator can fix (credentials, permissions, a
//! missing bucket) counts as [`ErrorKind::Unavailable`], like a server that is down: the job waits
//! and is retried, and is not lost in the meantime. Only when a store is opened are these
//! [`ErrorKind::Configuration`].
//!
//! Messages and causes contain the server's code and status, never its text or headers, which may
//! contain signed data.

use std::error::Error as StdError;
use std::fmt::{self, Display};

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use rethread_stores::retry::Transient;
use rethread_stores::{Error, ErrorKind, Result};

use super::location::Location;

/// Why a request failed, as far as callers distinguish it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// There is no such object, or no such multipart upload.
    Missing,
    /// There is no such bucket.
    NoBucket,
    /// The bucket is in another region, or is addressed as if it were.
    Elsewhere,
    /// The credentials are unknown or insufficient.
    Refused,
    /// The object's `ETag` is not the requested one.
    Replaced,
    /// The range begins after the end of the object.
    OutOfRange,
    /// The server does not know this operation.
    Unsupported,
    /// The request itself is invalid; retrying does not help.
    Malformed,
    /// Connections, timeouts, load and failovers.
    Transient,
}

/// A failure for a caller of the store, and whether it may pass within a minute.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) may_pass: bool,
}

impl Failure {
    /// A failure that may pass.
    pub(super) fn transient(message: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: Error::new(ErrorKind::Unavailable, message).because(cause.into()), may_pass: true }
    }
}

impl Transient for Failure {
    fn is_transient(&self) -> bool {
        self.may_pass
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// Why this request failed.
pub(super) fn cause<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Cause {
    let status = error.raw_response().map(|response| response.status().as_u16());
    // Responses to HEAD have no body, so no code.
    match (error.as_service_error().and_then(ProvideErrorMetadata::code), status) {
        (Some("NoSuchBucket"), _) => Cause::NoBucket,
        (Some("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException"), _) => {
            Cause::Elsewhere
        }
        (
            Some(
                "AccessDenied"
                | "AllAccessDisabled"
                | "ExpiredToken"
                | "InvalidAccessKeyId"
                | "InvalidToken"
                | "SignatureDoesNotMatch"
                | "RequestTimeTooSkewed",
            ),
            _,
        ) => Cause::Refused,
        (Some("NotImplemented" | "MethodNotAllowed" | "XNotImplemented"), _) => Cause::Unsupported,
        (Some("EntityTooLarge" | "EntityTooSmall" | "InvalidPartOrder" | "KeyTooLongError" | "MalformedXML"), _) => {
            Cause::Malformed
        }
        (Some("NoSuchKey" | "NoSuchUpload"), _) | (_, Some(404)) => Cause::Missing,
        (_, Some(301 | 307)) => Cause::Elsewhere,
        (_, Some(401 | 403)) => Cause::Refused,
        (_, Some(412)) => Cause::Replaced,
        (_, Some(416)) => Cause::OutOfRange,
        (_, Some(405 | 501)) => Cause::Unsupported,
        _ => Cause::Transient,
    }
}

/// `doing` names the operation and its object: "read uploads/a/…".
pub(super) fn failed<E>(doing: impl Display, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let cause = cause(error);
    let kind = match cause {
        Cause::Missing => ErrorKind::NotFound,
        Cause::Malformed => ErrorKind::Internal,
        _ => ErrorKind::Unavailable,
    };
    let error = Error::new(kind, format!("cannot {doing}")).because(detail(error));
    Failure { error, may_pass: cause == Cause::Transient }
}

/// The error of a store that cannot be used at all, with what to do about it. If an operator must
/// fix it, its kind is `kind_of_setup`.
pub(super) fn unusable<E>(location: &Location, error: &SdkError<E>, kind_of_setup: ErrorKind) -> Failure
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let place = location.name();
    let cause = cause(error);
    let (kind, message) = match cause {
        Cause::NoBucket | Cause::Missing => {
            (kind_of_setup, format!("blobs: there is no {place}: make it, or name another one in the URL of blobs"))
        }
        Cause::Refused => (
            kind_of_setup,
            format!("blobs: {place} refuses our credentials: see that the AWS_… variables name a key that may use it"),
        ),
        Cause::Elsewhere => {
            (kind_of_setup, format!("blobs: {place} is in another region: name it by region= in the URL of blobs"))
        }
        _ => (
            ErrorKind::Unavailable,
            format!("blobs: {place} does not answer as it should: see that it runs and can be reached from here"),
        ),
    };
    let error = Error::new(kind, message).because(detail(error));
    Failure { error, may_pass: cause == Cause::Transient }
}

/// Returns `Ok(None)` for a missing object.
pub(super) fn unless_missing<T, E>(doing: impl Display, result: Result<T, SdkError<E>>) -> Result<Option<T>, Failure>
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if cause(&error) == Cause::Missing => Ok(None),
        Err(error) => Err(failed(doing, &error)),
    }
}

/// What happened, for operators.
pub(super) fn detail<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    match error {
        SdkError::TimeoutError(_) => "no answer within the time limit".to_owned(),
        SdkError::ServiceError(service) => match service.err().code() {
            Some(code) => format!("{code} (HTTP {status})"),
            None => format!("HTTP {status}"),
        },
        SdkError::ResponseError(_) => format!("an answer that is not S3's (HTTP {status})"),
        // There was no response, so these are about connections and the lookup of credentials.
        other => causes(other),
    }
}

/// The innermost causes, which are the informative ones.
fn causes(error: &dyn StdError) -> String {
    let mut words = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        words.push(error.to_string());
        next = error.source();
    }
    words.dedup();
    if words.is_empty() { error.to_string() } else { words.join(": ") }
}
