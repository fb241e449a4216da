//! `POST /uploads`: creates an upload, optionally with its first piece.

use axum::body::{BodyDataStream, HttpBody as _};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rethread_model::{Job, Resumable};
use rethread_runtime::AuditAction;
use rethread_stores::create_job;
use tracing::Instrument as _;

use super::client::Client;
use super::headers::{self, UPLOAD_DEFER_LENGTH, UPLOAD_LENGTH, UPLOAD_METADATA};
use super::lease::Lease;
use super::metadata;
use super::patch::{announced, check_media_type, checksum, progress};
use super::receive::{Piece, Received, receive};
use crate::extract::request_body::{empty, linger_if_sending, too_large};
use crate::gateway::Gateway;
use crate::new_job::new_import;
use crate::problem::Problem;
use crate::uploads::{AbortUpload, remaining_quota};

/// Begin a resumable upload
///
/// tus 1.0, with the extensions creation, creation-with-upload, expiration, termination and
/// checksum. The last piece hands the file over to the workers.
#[utoipa::path(
    post,
    path = "/api/v1/uploads",
    operation_id = "createUpload",
    tag = "uploads",
    params(
        ("tus-resumable" = String, Header, pattern = r"^1\.0\.0$", description = "The version of tus"),
        ("upload-length" = u64, Header, minimum = 1, description = "The size of the file"),
        ("upload-metadata" = Option<String>, Header, description = "The parameters of `POST /imports`, as tus writes them",
         example = "vendor ZGlzcXVz,file_name ZXhwb3J0LnhtbA=="),
        ("upload-checksum" = Option<String>, Header, description = "Of the first piece: algorithm and Base64",
         example = "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
    ),
    request_body(content(("application/offset+octet-stream")), description = "The first piece, if any"),
    responses(
        (status = 201, description = "The upload, which is a job", headers(
            ("location" = String, description = "Path of the upload; its last part is the job's id"),
            ("tus-resumable" = String, description = "The version of tus"),
            ("upload-offset" = u64, description = "How much has arrived"),
        )),
        (status = 400, description = "`invalid-parameter`, `empty-upload` or `upload-broken`"),
        (status = 408, description = "`upload-idle`: nothing of the file arrived for too long"),
        (status = 409, description = "`job-state`: the job was cancelled meanwhile"),
        (status = 410, description = "`upload-gone`: the upload has ended"),
        (status = 412, description = "`tus-version`: the client speaks another version of tus"),
        (status = 413, description = "`upload-too-large` or `too-much-stored`"),
        (status = 415, description = "`not-a-file`: a piece has another media type"),
        (status = 423, description = "`upload-locked`: another request writes at present; see `retry-after`"),
        (status = 429, description = "`too-many-uploads`, `too-much-stored` or `too-many-requests`; see `retry-after`"),
        (status = 460, description = "`checksum-mismatch`: the piece is not what its checksum says; it was dropped"),
    ),
)]
// Runs as a separate task: if the client disconnects before it knows the upload's id, the upload is
// still cleaned up.
pub(super) async fn create(State(gateway): State<Gateway>, request: Request) -> Result<Response, Problem> {
    let tasks = gateway.background_tasks.clone();
    let creating = async move {
        let (parts, body) = request.into_parts();
        let head = parts.headers.clone();
        let has_piece = !body.is_end_stream();
        let mut body = body.into_data_stream();
        let answer = Box::pin(begin(&gateway, parts, has_piece.then_some(&mut body))).await;
        linger_if_sending(&gateway, &head, answer.as_ref().err(), body);
        answer
    };
    tasks.spawn(creating.in_current_span()).await.unwrap_or_else(|_| Err(Problem::internal()))
}

/// `body` contains the first piece, if there is one.
async fn begin(gateway: &Gateway, mut parts: Parts, body: Option<&mut BodyDataStream>) -> Result<Response, Problem> {
    let Client(admin) = Client::from_request_parts(&mut parts, gateway).await?;
    let head = &parts.headers;
    let length = file_length(gateway, head)?;
    let metadata = headers::text(head, &UPLOAD_METADATA)?;
    let wanted = metadata::wanted(metadata.unwrap_or_default())?;
    let piece = body.map(|body| first_piece(head, length, body)).transpose()?;
    let slot = piece.as_ref().map(|_| gateway.slots.take(&admin.account).ok_or_else(Problem::too_many_uploads));
    let _slot = slot.transpose()?;
    remaining_quota(gateway, &admin.account, Some(length)).await?;

    let now = gateway.clock.now();
    let expires_at = now.checked_add(gateway.upload_expires_after).unwrap_or(rethread_model::Timestamp::MAX);
    let resumable = Resumable { metadata: metadata.map(str::to_owned), expires_at, writer: None };
    let job = Job { resumable: Some(resumable), ..new_import(gateway, &admin, wanted, Some(length))? };
    create_job(gateway.backends.jobs.as_ref(), &job).await?;
    admin.audit(AuditAction::Begun(job.kind()), job.id);
    let location = format!("/api/v1/uploads/{}", job.id);
    let received = match piece {
        None => Received { offset: 0, expires_at: Some(expires_at) },
        Some(piece) => match Box::pin(take_in(gateway, &job, piece)).await {
            Ok(received) => received,
            Err(problem) => return Err(clear(gateway, &job, problem).await),
        },
    };
    let location = HeaderValue::try_from(location).map_err(|_| Problem::internal())?;
    Ok((StatusCode::CREATED, progress(&received), [(header::LOCATION, location)]).into_response())
}

fn first_piece<'b>(head: &HeaderMap, length: u64, body: &'b mut BodyDataStream) -> Result<Piece<'b>, Problem> {
    check_media_type(head)?;
    if announced(head).is_some_and(|bytes| bytes > length) {
        return Err(too_large(length));
    }
    Ok(Piece { offset: Some(0), checksum: checksum(head)?, body })
}

async fn take_in(gateway: &Gateway, job: &Job, piece: Piece<'_>) -> Result<Received, Problem> {
    let claim = Lease::take(gateway, job.clone()).await?;
    Box::pin(receive(gateway, claim, piece)).await
}

/// The client does not know the upload's id and so cannot resume it: delete the upload.
async fn clear(gateway: &Gateway, job: &Job, problem: Problem) -> Problem {
    let (account, trace, reason) = (job.account.clone(), job.trace.clone(), problem.detail().to_owned());
    AbortUpload { gateway: gateway.clone(), account, job: job.id, trace, reason }.clear(None).await;
    problem
}

fn file_length(gateway: &Gateway, head: &HeaderMap) -> Result<u64, Problem> {
    if head.contains_key(UPLOAD_DEFER_LENGTH) {
        return Err(headers::refused(&UPLOAD_DEFER_LENGTH, "is not taken; say the size of the file by Upload-Length"));
    }
    match headers::bytes(head, &UPLOAD_LENGTH)? {
        None => Err(headers::refused(&UPLOAD_LENGTH, "is missing; it says the size of the file")),
        Some(0) => Err(empty()),
        Some(bytes) if bytes > gateway.max_upload_bytes => Err(too_large(gateway.max_upload_bytes)),
        Some(bytes) => Ok(bytes),
    }
}
