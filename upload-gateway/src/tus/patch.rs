//! `PATCH /uploads/{id}`: receives a piece of the file.

use axum::body::BodyDataStream;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use rethread_model::JobId;
use tracing::Instrument as _;

use super::checksum::Checksum;
use super::client::Client;
use super::headers::{self, PIECE, UPLOAD_CHECKSUM, UPLOAD_EXPIRES, UPLOAD_OFFSET};
use super::lease::Lease;
use super::receive::{Piece, Received, receive};
use super::upload::{check_open, find, length};
use crate::extract::Id;
use crate::extract::request_body::{linger_if_sending, too_large};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// Continue an upload
///
/// Received bytes are kept when the connection breaks, except for a piece with a checksum.
#[utoipa::path(
    patch,
    path = "/api/v1/uploads/{id}",
    operation_id = "continueUpload",
    tag = "uploads",
    params(
        ("id" = JobId, Path, description = "The upload"),
        ("tus-resumable" = String, Header, pattern = r"^1\.0\.0$", description = "The version of tus"),
        ("upload-offset" = u64, Header, description = "Where the piece begins: where the upload stands"),
        ("upload-checksum" = Option<String>, Header, description = "Of the piece: algorithm and Base64",
         example = "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    ),
    request_body(content(("application/offset+octet-stream")), description = "A piece of the file"),
    responses(
        (status = 204, description = "The piece is stored", headers(
            ("tus-resumable" = String, description = "The version of tus"),
            ("upload-offset" = u64, description = "How much has arrived"),
        )),
        (status = 400, description = "`invalid-parameter` or `upload-broken`"),
        (status = 408, description = "`upload-idle`: nothing of the file arrived for too long"),
        (status = 409, description = "`upload-offset`: the upload stands elsewhere; or `job-state`: the file is whole already"),
        (status = 410, description = "`upload-gone`: the upload has ended"),
        (status = 412, description = "`tus-version`: the client speaks another version of tus"),
        (status = 413, description = "`upload-too-large`: more than was announced"),
        (status = 415, description = "`not-a-file`: a piece has another media type"),
        (status = 423, description = "`upload-locked`: another request writes at present; see `retry-after`"),
        (status = 429, description = "`too-many-uploads` or `too-many-requests`; see `retry-after`"),
        (status = 460, description = "`checksum-mismatch`: the piece is not what its checksum says; it was dropped"),
    ),
)]
// Runs as a separate task, so that received bytes are kept when the client disconnects.
pub(super) async fn patch(State(gateway): State<Gateway>, request: Request) -> Result<Response, Problem> {
    let tasks = gateway.background_tasks.clone();
    let taking_in = async move {
        let (parts, body) = request.into_parts();
        let head = parts.headers.clone();
        let mut body = body.into_data_stream();
        let answer = Box::pin(append(&gateway, parts, &mut body)).await;
        linger_if_sending(&gateway, &head, answer.as_ref().err(), body);
        answer
    };
    tasks.spawn(taking_in.in_current_span()).await.unwrap_or_else(|_| Err(Problem::internal()))
}

async fn append(gateway: &Gateway, mut parts: Parts, body: &mut BodyDataStream) -> Result<Response, Problem> {
    let Client(admin) = Client::from_request_parts(&mut parts, gateway).await?;
    let Id(id) = Id::<JobId>::from_request_parts(&mut parts, gateway).await?;
    let head = &parts.headers;
    check_media_type(head)?;
    let offset = headers::bytes(head, &UPLOAD_OFFSET)?;
    let offset =
        offset.ok_or_else(|| headers::refused(&UPLOAD_OFFSET, "is missing; it says where the piece begins"))?;
    let checksum = checksum(head)?;
    let job = find(gateway, &admin.account, id).await?;
    check_open(&job)?;
    if offset.saturating_add(announced(head).unwrap_or(0)) > length(&job) {
        return Err(too_large(length(&job)));
    }
    let _slot = gateway.slots.take(&admin.account).ok_or_else(Problem::too_many_uploads)?;
    let claim = Lease::take(gateway, job).await?;
    let received = Box::pin(receive(gateway, claim, Piece { offset: Some(offset), checksum, body })).await?;
    Ok((StatusCode::NO_CONTENT, progress(&received)).into_response())
}

/// The progress of an upload, as headers.
pub(super) fn progress(received: &Received) -> HeaderMap {
    let mut head = HeaderMap::new();
    head.insert(UPLOAD_OFFSET, headers::number(received.offset));
    head.extend(received.expires_at.and_then(headers::date).map(|date| (UPLOAD_EXPIRES, date)));
    head
}

pub(super) fn check_media_type(head: &HeaderMap) -> Result<(), Problem> {
    if headers::text(head, &header::CONTENT_TYPE)?.is_some_and(|given| given.eq_ignore_ascii_case(PIECE)) {
        return Ok(());
    }
    let detail = format!("a piece of a file is sent as \"Content-Type: {PIECE}\"");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-a-file", detail))
}

pub(super) fn checksum(head: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    headers::text(head, &UPLOAD_CHECKSUM)?.map(Checksum::parse).transpose()
}

/// The size of the body, if the client announced it.
pub(super) fn announced(head: &HeaderMap) -> Option<u64> {
    head.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
