//! Errors as the caller sees them: problem details (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rethread_stores::ErrorKind;
use serde::Serialize;
use utoipa::ToSchema;

/// An error to be returned to the caller. [`crate::middleware::envelope`], which knows the request
/// id, writes the body.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    parameter: Option<String>,
    advice: Option<Advice>,
}

/// Advice to the caller, in a header.
#[derive(Debug, Clone, Copy)]
enum Advice {
    /// Authenticate in this way.
    Challenge(&'static str),
    /// Retry after this number of seconds.
    RetryAfter(u16),
}

/// An error (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Document<'a> {
    /// The kind of error, for programs; docs/api.md lists all of them.
    #[serde(rename = "type")]
    #[schema(pattern = "^urn:rethread:problem:[a-z-]+$")]
    kind: String,
    /// The name of the status.
    title: &'static str,
    /// The status of the response.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened, for people.
    detail: &'a str,
    /// Name of the parameter or header that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameter: Option<&'a str>,
    /// Identifies the request in the log; also in the header `x-request-id`.
    request_id: &'a str,
}

impl Problem {
    /// A problem of a specific kind: `kind` becomes `urn:rethread:problem:<kind>`, `detail` is a
    /// sentence for people.
    pub(crate) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), parameter: None, advice: None }
    }

    /// A query parameter or header is not acceptable.
    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::BAD_REQUEST, "invalid-parameter", detail);
        Self { parameter: Some(name.to_owned()), ..problem }
    }

    /// The resource does not exist, or the caller may not know that it does.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no such {what}"))
    }

    /// The caller did not authenticate.
    pub(crate) fn unauthenticated(detail: &str, challenge: &'static str) -> Self {
        let problem = Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail);
        Self { advice: Some(Advice::Challenge(challenge)), ..problem }
    }

    /// The caller's token is not accepted.
    pub(crate) fn invalid_token() -> Self {
        let challenge = "Bearer realm=\"rethread\", error=\"invalid_token\"";
        Self::unauthenticated("the token is unknown or no longer valid", challenge)
    }

    /// The caller's role does not permit this.
    pub(crate) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// The account has reached its maximum number of concurrent uploads.
    pub(crate) fn too_many_uploads() -> Self {
        let detail = "the account has as many uploads on their way as it may; wait until one is done";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-uploads", detail).retry_after(10)
    }

    /// The state of the job does not permit this.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "job-state", detail)
    }

    /// A server behind this one does not answer.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(2)
    }

    /// An internal error; the log has the details.
    pub(crate) fn internal() -> Self {
        let detail = "something went wrong here; the operators find it in the log by the request id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// Adds when to retry.
    pub(crate) fn retry_after(self, seconds: u16) -> Self {
        Self { advice: Some(Advice::RetryAfter(seconds)), ..self }
    }

    /// The sentence for people.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The status of the response.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The word for programs.
    pub(crate) const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Adds the advice to the headers of a response.
    pub(crate) fn advise(&self, headers: &mut HeaderMap) {
        match self.advice {
            Some(Advice::Challenge(scheme)) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
            }
            Some(Advice::RetryAfter(seconds)) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            None => {}
        }
    }

    /// The complete response.
    pub(crate) fn into_document(self, request_id: &str) -> Response {
        let document = Document {
            kind: format!("urn:rethread:problem:{}", self.kind),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            parameter: self.parameter.as_deref(),
            request_id,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let media_type = HeaderValue::from_static("application/problem+json");
        let mut response = (self.status, [(header::CONTENT_TYPE, media_type)], body).into_response();
        self.advise(response.headers_mut());
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The only place where backend failures are logged: the response says nothing about them.
impl From<rethread_stores::Error> for Problem {
    fn from(error: rethread_stores::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::not_found("thing"),
            ErrorKind::Unavailable => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a backend does not answer");
                Self::unavailable("a store that is needed for this does not answer; try again later")
            }
            ErrorKind::StorageFull => {
                tracing::error!(error = &error as &dyn std::error::Error, "there is no room for what was sent");
                let detail = "the server's disk is full; its operators can see that in its log. Try again later";
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "storage-full", detail)
            }
            ErrorKind::Conflict | ErrorKind::Configuration | ErrorKind::Internal => {
                tracing::error!(error = &error as &dyn std::error::Error, "a backend failed");
                Self::internal()
            }
        }
    }
}
