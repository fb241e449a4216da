//! Errors as the caller sees them: problem details, RFC 9457.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rethread_backends::ErrorKind;
use serde::Serialize;
use utoipa::ToSchema;

/// An error on its way to the caller. The body is written by [`crate::envelope`], which knows the request id.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    kind: &'static str,
    detail: String,
    parameter: Option<String>,
    advice: Option<Advice>,
}

/// What the caller is to do, in a header.
#[derive(Debug, Clone, Copy)]
enum Advice {
    /// Show a token, in this way.
    Challenge(&'static str),
    /// Come again after so many seconds.
    RetryAfter(u16),
}

/// An error, RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Document<'a> {
    /// What happened, for programs; docs/api.md lists the kinds.
    #[serde(rename = "type")]
    #[schema(pattern = "^urn:rethread:problem:[a-z-]+$")]
    kind: String,
    /// The name of the status.
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened, for people.
    detail: &'a str,
    /// Name of the parameter or header that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameter: Option<&'a str>,
    /// What the log knows the request by; the header `x-request-id` has it too.
    request_id: &'a str,
}

impl Problem {
    /// A problem of a kind of its own: `kind` becomes `urn:rethread:problem:<kind>`, `detail` is a sentence for people.
    pub(crate) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), parameter: None, advice: None }
    }

    /// A parameter of the query, or a header, that cannot be taken as it is.
    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::BAD_REQUEST, "invalid-parameter", detail);
        Self { parameter: Some(name.to_owned()), ..problem }
    }

    /// Nothing here, or nothing that the caller may know of.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no such {what}"))
    }

    /// The caller did not show who they are.
    pub(crate) fn unauthenticated(detail: &str, challenge: &'static str) -> Self {
        let problem = Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail);
        Self { advice: Some(Advice::Challenge(challenge)), ..problem }
    }

    /// The caller's token lets nobody in.
    pub(crate) fn invalid_token() -> Self {
        let challenge = "Bearer realm=\"rethread\", error=\"invalid_token\"";
        Self::unauthenticated("the token is not known, or not valid any more", challenge)
    }

    /// The caller's role does not reach this far.
    pub(crate) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// The account has all its uploads on their way.
    pub(crate) fn too_many_uploads() -> Self {
        let detail = "the account has as many uploads on their way as it may; wait until one is done";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-uploads", detail).retry_after(10)
    }

    /// The job stands where this cannot be done with it.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "job-state", detail)
    }

    /// A server behind this one does not answer.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(2)
    }

    /// Something here is wrong; the log says what.
    pub(crate) fn internal() -> Self {
        let detail = "something went wrong here; the operators find it in the log by the request id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// Tells when to come again.
    pub(crate) fn retry_after(self, seconds: u16) -> Self {
        Self { advice: Some(Advice::RetryAfter(seconds)), ..self }
    }

    /// The sentence for people.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The status of the answer.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The word for programs.
    pub(crate) const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Puts what the caller is to do into the headers of an answer.
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

    /// The whole answer.
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

/// The one place where a backend's failure is logged: what the caller gets says nothing of it.
impl From<rethread_backends::Error> for Problem {
    fn from(error: rethread_backends::Error) -> Self {
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
