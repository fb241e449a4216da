//! `OPTIONS /uploads`: the supported features; and method overrides.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use rethread_model::JobId;

use super::checksum::ALGORITHMS;
use super::client::Client;
use super::headers::{self, TUS_CHECKSUM_ALGORITHM, TUS_EXTENSION, TUS_MAX_SIZE};
use super::{delete, head, patch};
use crate::extract::Id;
use crate::gateway::Gateway;
use crate::problem::Problem;

const EXTENSIONS: &str = "creation,creation-with-upload,expiration,termination,checksum";
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// Features of uploads
///
/// Versions and extensions of tus, and the maximum file size. The response is the same for all
/// callers, so no token is needed.
#[utoipa::path(
    options,
    path = "/api/v1/uploads",
    operation_id = "getUploadOptions",
    tag = "uploads",
    responses(
        (status = 204, description = "What there is", headers(
            ("tus-resumable" = String, description = "The version of tus"),
            ("tus-version" = String, description = "The versions that are spoken"),
            ("tus-extension" = String, description = "Names of the extensions, divided by commas"),
            ("tus-max-size" = u64, description = "Most bytes of a file"),
            ("tus-checksum-algorithm" = String, description = "For `upload-checksum`, divided by commas"),
        )),
    ),
    security(()),
)]
pub(super) async fn options(State(gateway): State<Gateway>) -> impl IntoResponse {
    let head = [
        (TUS_EXTENSION, HeaderValue::from_static(EXTENSIONS)),
        (TUS_MAX_SIZE, headers::number(gateway.max_upload_bytes)),
        (TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static(ALGORITHMS)),
    ];
    (StatusCode::NO_CONTENT, head)
}

/// Features of an upload
///
/// Versions and extensions of tus, and the maximum file size. The response is the same for all
/// callers, so no token is needed.
#[utoipa::path(
    options,
    path = "/api/v1/uploads/{id}",
    operation_id = "getUploadOptionsOfOne",
    tag = "uploads",
    params(("id" = String, Path, description = "Anything")),
    responses(
        (status = 204, description = "What there is", headers(
            ("tus-resumable" = String, description = "The version of tus"),
            ("tus-version" = String, description = "The versions that are spoken"),
            ("tus-extension" = String, description = "Names of the extensions, divided by commas"),
            ("tus-max-size" = u64, description = "Most bytes of a file"),
            ("tus-checksum-algorithm" = String, description = "For `upload-checksum`, divided by commas"),
        )),
    ),
    security(()),
)]
pub(super) async fn offer_for_one(gateway: State<Gateway>) -> impl IntoResponse {
    options(gateway).await
}

/// Override the method
///
/// For clients that can send only GET and POST.
#[utoipa::path(
    post,
    path = "/api/v1/uploads/{id}",
    operation_id = "disguisedUpload",
    tag = "uploads",
    params(
        ("id" = JobId, Path, description = "The upload"),
        ("x-http-method-override" = String, Header, pattern = "^(PATCH|HEAD|DELETE)$", description = "The method that is meant"),
        ("tus-resumable" = String, Header, pattern = r"^1\.0\.0$", description = "The version of tus"),
        ("upload-offset" = Option<u64>, Header, description = "As PATCH wants it"),
        ("upload-checksum" = Option<String>, Header, description = "As PATCH takes it",
         example = "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    ),
    request_body(content(("application/offset+octet-stream")), description = "As PATCH wants it"),
    responses(
        (status = 200, description = "As HEAD answers", headers(
            ("tus-resumable" = String, description = "The version of tus"),
            ("upload-length" = u64, description = "The size of the file"),
            ("upload-offset" = u64, description = "How much has arrived"),
        )),
        (status = 204, description = "As PATCH or DELETE answers",
         headers(("tus-resumable" = String, description = "The version of tus"))),
        (status = 400, description = "`invalid-parameter` or `upload-broken`"),
        (status = 408, description = "`upload-idle`: nothing of the file arrived for too long"),
        (status = 409, description = "`upload-offset`: the upload stands elsewhere; or `job-state`: the file is whole already"),
        (status = 410, description = "`upload-gone`: the upload has ended"),
        (status = 412, description = "`tus-version`: the client speaks another version of tus"),
        (status = 413, description = "`upload-too-large`"),
        (status = 415, description = "`not-a-file`: a piece has another media type"),
        (status = 423, description = "`upload-locked`: another request writes at present; see `retry-after`"),
        (status = 429, description = "`too-many-uploads` or `too-many-requests`; see `retry-after`"),
        (status = 460, description = "`checksum-mismatch`: the piece is not what its checksum says; it was dropped"),
    ),
)]
pub(super) async fn instead(State(gateway): State<Gateway>, request: Request) -> Result<Response, Problem> {
    let meant = headers::text(request.headers(), &METHOD_OVERRIDE)?.and_then(|method| method.parse::<Method>().ok());
    if meant == Some(Method::PATCH) {
        return patch::patch(State(gateway), request).await;
    }
    let (mut parts, _) = request.into_parts();
    let client = Client::from_request_parts(&mut parts, &gateway).await?;
    let id = Id::<JobId>::from_request_parts(&mut parts, &gateway).await?;
    match meant {
        Some(Method::HEAD) => head::head(State(gateway), client, id).await,
        Some(Method::DELETE) => Ok(delete::delete(State(gateway), client, id).await?.into_response()),
        _ => {
            let why = "names none of the methods PATCH, HEAD and DELETE, or is missing";
            Err(headers::refused(&METHOD_OVERRIDE, why))
        }
    }
}
