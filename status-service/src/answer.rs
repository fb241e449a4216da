//! Error responses. The cause goes to the log only.

use rethread_runtime::{AuditAction, AuditContext, AuthError, audit_refused};
use rethread_stores::{Error, ErrorKind};
use tonic::Status;

/// The response to a failure of the job store.
pub(crate) fn store_failed(error: &Error) -> Status {
    match error.kind() {
        ErrorKind::NotFound => not_found(),
        ErrorKind::Unavailable | ErrorKind::StorageFull | ErrorKind::Conflict => {
            tracing::warn!(error = error as &dyn std::error::Error, "the job store does not answer");
            Status::unavailable("job states cannot be read at the moment")
        }
        ErrorKind::Configuration | ErrorKind::Internal => {
            tracing::error!(error = error as &dyn std::error::Error, "the job store failed");
            Status::internal("job states cannot be read")
        }
    }
}

/// The response to a token that is not accepted.
pub(crate) fn refused(error: &AuthError, trail: &AuditContext) -> Status {
    match error {
        AuthError::Refused { reason } => {
            audit_refused(AuditAction::Access, reason, trail);
            Status::unauthenticated("the token is not valid")
        }
        AuthError::Store(cause) => {
            tracing::warn!(error = cause as &dyn std::error::Error, "tokens cannot be checked");
            Status::unavailable("tokens cannot be checked at the moment")
        }
        AuthError::Keys => Status::unavailable("tokens cannot be checked at the moment"),
    }
}

/// The response for a job that does not exist or is not visible to this caller. The two cases
/// are indistinguishable.
pub(crate) fn not_found() -> Status {
    Status::not_found("there is no such job")
}
