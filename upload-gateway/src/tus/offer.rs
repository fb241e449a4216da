//! `OPTIONS /uploads`: what there is; and methods in disguise.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use rethread_model::JobId;

use super::checksum::ALGORITHMS;
use super::client::Client;
use super::headers::{self, TUS_CHECKSUM_ALGORITHM, TUS_EXTENSION, TUS_MAX_SIZE};
use super::{end, look, patch};
use crate::gateway::Gateway;
use crate::path::Id;
use crate::problem::Problem;

const EXTENSIONS: &str = "creation,creation-with-upload,expiration,termination,checksum";
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// Tells anybody: it is the same for all.
pub(super) async fn offer(State(gateway): State<Gateway>) -> impl IntoResponse {
    let head = [
        (TUS_EXTENSION, HeaderValue::from_static(EXTENSIONS)),
        (TUS_MAX_SIZE, headers::number(gateway.max_upload_bytes)),
        (TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static(ALGORITHMS)),
    ];
    (StatusCode::NO_CONTENT, head)
}

/// `POST /uploads/{id}` with `X-HTTP-Method-Override`, for clients that can send no other method.
pub(super) async fn instead(State(gateway): State<Gateway>, request: Request) -> Result<Response, Problem> {
    let meant = headers::text(request.headers(), &METHOD_OVERRIDE)?.and_then(|method| method.parse::<Method>().ok());
    if meant == Some(Method::PATCH) {
        return patch::patch(State(gateway), request).await;
    }
    let (mut parts, _) = request.into_parts();
    let client = Client::from_request_parts(&mut parts, &gateway).await?;
    let id = Id::<JobId>::from_request_parts(&mut parts, &gateway).await?;
    match meant {
        Some(Method::HEAD) => look::look(State(gateway), client, id).await,
        Some(Method::DELETE) => Ok(end::end(State(gateway), client, id).await?.into_response()),
        _ => {
            let why = "names none of the methods PATCH, HEAD and DELETE, or is missing";
            Err(headers::refused(&METHOD_OVERRIDE, why))
        }
    }
}
