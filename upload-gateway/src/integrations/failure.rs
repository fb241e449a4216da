//! Error responses of the protocol.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// A failure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteFailure)]
pub(crate) struct Failure<'a> {
    /// Always `failed`.
    #[schema(pattern = "^failed$")]
    status: &'static str,
    /// A sentence for people.
    reason: &'a str,
    /// A word for programs.
    code: &'a str,
}

impl Problem {
    /// The complete response to a site, which does not read problem documents.
    pub(crate) fn into_failure(self) -> Response {
        let failure = Failure { status: "failed", reason: self.detail(), code: self.kind() };
        let mut response = (self.status(), Json(failure)).into_response();
        self.advise(response.headers_mut());
        response
    }
}
