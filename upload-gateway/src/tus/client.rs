//! The client of a tus request.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::headers::{TUS_RESUMABLE, VERSION, text};
use crate::extract::{Admin, Params};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// An admin whose client uses the same version of the protocol, and whose query is empty.
#[derive(Debug, Clone)]
pub(super) struct Client(pub(super) Admin);

impl FromRequestParts<Gateway> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let admin = Admin::from_request_parts(parts, gateway).await?;
        check_version(&parts.headers)?;
        Params::of(&parts.uri).finish()?;
        Ok(Self(admin))
    }
}

fn check_version(headers: &HeaderMap) -> Result<(), Problem> {
    if text(headers, &TUS_RESUMABLE)?.is_some_and(|version| version == VERSION) {
        return Ok(());
    }
    let detail = "this speaks tus 1.0.0; say so by \"Tus-Resumable: 1.0.0\", or send the file by POST /api/v1/imports";
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "tus-version", detail))
}
