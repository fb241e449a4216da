//! `GET /jobs/{id}/file`: downloads the file of an export, whole or in ranges (RFC 9110).

mod offer;

use std::ops::Range;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, Stream};
use headers::{ContentLength, ContentRange, HeaderMapExt as _};
use http::{HeaderMap, StatusCode};
use rethread_model::JobId;
use rethread_runtime::AuditAction;
use rethread_stores::BlobKey;

use crate::extract::{Admin, Id, Params};
use crate::gateway::Gateway;
use crate::problem::Problem;
use offer::{Offer, RequestedRange};

/// Bytes read from the store at once.
const PIECE_BYTES: u64 = 1 << 20;

/// The file of an export
///
/// Available once the job has succeeded, until the file expires. Supports ranges and conditional
/// requests, so that an interrupted download can be resumed.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/file",
    operation_id = "getFile",
    tag = "exports",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 200, description = "The whole file, in its format or compressed", headers(
            ("etag" = String, description = "Names the content"),
            ("content-disposition" = String, description = "A name for the file"),
        ), content(
            (String = "text/csv"), (String = "application/jsonl"), (String = "application/rss+xml"),
            (Object = "application/json"), (String = "application/xml"), (String = "application/gzip"),
        )),
        (status = 206, description = "The range that was asked for", content(
            (String = "text/csv"), (String = "application/jsonl"), (String = "application/rss+xml"),
            (String = "application/json"), (String = "application/xml"), (String = "application/gzip"),
        )),
        (status = 304, description = "`if-none-match` names the content"),
        (status = 404, description = "`not-found`; or `no-file`: the job has no file, or not yet"),
        (status = 410, description = "`file-expired`: the file was deleted"),
        (status = 412, description = "`file-changed`: `if-match` names another content"),
        (status = 416, description = "`no-such-range`: the file is shorter"),
    ),
)]
pub(crate) async fn fetch(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<JobId>,
    params: Params,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    params.finish()?;
    let job = gateway.backends.jobs.get(&admin.reach(), id).await?.ok_or_else(|| Problem::not_found("job"))?;
    let offer = Offer::of(&job, &gateway).await?;
    let mut given = offer.headers();
    let wanted = match offer.wanted(&asked) {
        RequestedRange::Nothing => return Ok((StatusCode::NOT_MODIFIED, given).into_response()),
        RequestedRange::Another => {
            let detail = "the file is not the one that if-match names";
            return Err(Problem::new(StatusCode::PRECONDITION_FAILED, "file-changed", detail));
        }
        RequestedRange::Beyond => {
            let detail = format!("the file has {} bytes, and none of those that were asked for", offer.size);
            let mut answer = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "no-such-range", detail).into_response();
            answer.headers_mut().typed_insert(ContentRange::unsatisfied_bytes(offer.size));
            return Ok(answer);
        }
        RequestedRange::All => 0..offer.size,
        RequestedRange::Part(range) => range,
    };
    if wanted.start == 0 {
        admin.audit(AuditAction::Download, id);
    }
    let status = match ContentRange::bytes(wanted.clone(), offer.size) {
        Ok(range) if wanted.end - wanted.start < offer.size => {
            given.typed_insert(range);
            StatusCode::PARTIAL_CONTENT
        }
        _ => StatusCode::OK,
    };
    given.typed_insert(ContentLength(wanted.end - wanted.start));
    Ok((status, given, Body::from_stream(pieces(gateway, offer.key, wanted))).into_response())
}

/// The bytes of the file, in pieces. A store error aborts the response, so that the client notices
/// that it is incomplete.
fn pieces(
    gateway: Gateway,
    key: BlobKey,
    range: Range<u64>,
) -> impl Stream<Item = Result<Bytes, rethread_stores::Error>> {
    stream::try_unfold((gateway, key, range), |(gateway, key, left)| async move {
        if left.is_empty() {
            return Ok(None);
        }
        let end = left.end.min(left.start + PIECE_BYTES);
        let piece = gateway.backends.blobs.read(&key, left.start..end).await.inspect_err(|error| {
            tracing::warn!(error = error as &dyn std::error::Error, "the file of an export cannot be read on");
        })?;
        if piece.is_empty() {
            let message = "the file of an export is shorter than it was";
            return Err(rethread_stores::Error::new(rethread_stores::ErrorKind::Internal, message));
        }
        let next = left.start + piece.len() as u64;
        Ok(Some((piece, (gateway, key, next..left.end))))
    })
}
