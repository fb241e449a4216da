//! `HEAD /uploads/{id}`: the offset of an upload.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode};
use rethread_model::{Job, JobId};
use rethread_stores::BlobKey;
use tracing::Instrument as _;

use super::client::Client;
use super::headers::{self, UPLOAD_LENGTH, UPLOAD_METADATA};
use super::lease::{Lease, settled};
use super::patch::progress;
use super::receive::{Piece, Received, receive};
use super::upload::{check_open, find, length};
use crate::extract::Id;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// The offset of an upload
///
/// Available to every admin of the account. `upload-expires` is the deadline for the rest of the
/// file, `upload-metadata` the metadata of the creation. If a request is writing, the response is
/// delayed for a moment until it ends.
#[utoipa::path(
    head,
    path = "/api/v1/uploads/{id}",
    operation_id = "getUpload",
    tag = "uploads",
    params(
        ("id" = JobId, Path, description = "The upload"),
        ("tus-resumable" = String, Header, pattern = r"^1\.0\.0$", description = "The version of tus"),
    ),
    responses(
        (status = 200, description = "How much has arrived", headers(
            ("tus-resumable" = String, description = "The version of tus"),
            ("upload-length" = u64, description = "The size of the file"),
            ("upload-offset" = u64, description = "How much has arrived"),
        )),
        (status = 409, description = "`job-state`: the file has just become whole"),
        (status = 410, description = "`upload-gone`: the upload has ended"),
        (status = 412, description = "`tus-version`: the client speaks another version of tus"),
        (status = 423, description = "`upload-locked`: another request writes at present; see `retry-after`"),
    ),
)]
pub(super) async fn head(
    State(gateway): State<Gateway>,
    Client(admin): Client,
    Id(id): Id<JobId>,
) -> Result<Response, Problem> {
    let job = find(&gateway, &admin.account, id).await?;
    let job = if job.is_received() { job } else { settled(&gateway, job).await? };
    let length = length(&job);
    let received =
        if job.is_received() { Received { offset: length, expires_at: None } } else { so_far(&gateway, &job).await? };
    let mut head = progress(&received);
    head.insert(UPLOAD_LENGTH, headers::number(length));
    let metadata = job.resumable.and_then(|upload| upload.metadata);
    let metadata = metadata.and_then(|metadata| HeaderValue::try_from(metadata).ok());
    head.extend(metadata.map(|metadata| (UPLOAD_METADATA, metadata)));
    Ok((StatusCode::OK, head).into_response())
}

async fn so_far(gateway: &Gateway, job: &Job) -> Result<Received, Problem> {
    check_open(job)?;
    let key = BlobKey::Upload(job.account.clone(), job.id);
    let offset = gateway.backends.blobs.resume(&key).await?.offset();
    if offset == length(job) && job.upload_writer(gateway.clock.now()).is_none() {
        return hand_over(gateway, job).await;
    }
    Ok(Received { offset, expires_at: job.resumable.as_ref().map(|upload| upload.expires_at) })
}

/// Hands over a file that is complete but was not handed over because the process that received its
/// end was killed. The client has nothing left to send.
async fn hand_over(gateway: &Gateway, job: &Job) -> Result<Received, Problem> {
    let (gateway, job) = (gateway.clone(), job.clone());
    let tasks = gateway.background_tasks.clone();
    let handing_over = async move {
        let claim = Lease::take(&gateway, job).await?;
        let mut nothing = Body::empty().into_data_stream();
        Box::pin(receive(&gateway, claim, Piece { offset: None, checksum: None, body: &mut nothing })).await
    };
    tasks.spawn(handing_over.in_current_span()).await.unwrap_or_else(|_| Err(Problem::internal()))
}
