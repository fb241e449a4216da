//! `POST /imports`: receives an export file.

mod query;

use axum::Json;
use axum::body::BodyDataStream;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};

use crate::extract::request_body::{check_head, empty, linger_if_sending, next_chunk};
use crate::extract::{Admin, CreateImportRequest, Params};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::uploads::{Upload, remaining_quota};
use crate::views::JobView;
use query::ImportQuery;

/// Import an export file
///
/// The body is the file itself: plain, gzip or zip. The response is sent once the whole file is
/// stored; the job then runs in the background.
#[utoipa::path(
    post,
    path = "/api/v1/imports",
    operation_id = "importFile",
    tag = "imports",
    params(ImportQuery),
    request_body(content(("application/octet-stream")), description = "The file as it is"),
    responses(
        (status = 202, description = "The job", body = JobView, headers(("location" = String, description = "Path of the job"))),
        (status = 400, description = "`invalid-parameter`, `empty-upload` or `upload-broken`"),
        (status = 408, description = "`upload-idle`: nothing of the file arrived for too long"),
        (status = 409, description = "`job-state`: the job was cancelled while its file was on its way"),
        (status = 413, description = "`upload-too-large` or `too-much-stored`"),
        (status = 415, description = "`not-a-file`: a form was sent instead of the file"),
        (status = 429, description = "`too-many-uploads`, `too-much-stored` or `too-many-requests`; see `retry-after`"),
    ),
)]
pub(crate) async fn create(State(gateway): State<Gateway>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let head = parts.headers.clone();
    let mut body = body.into_data_stream();
    let answer = import(&gateway, parts, &mut body).await;
    linger_if_sending(&gateway, &head, answer.as_ref().err(), body);
    answer
}

/// Performs all checks before the first byte of the body is requested, so that a client that sends
/// `Expect: 100-continue` does not send a file that would be rejected.
async fn import(gateway: &Gateway, mut parts: Parts, body: &mut BodyDataStream) -> Result<Response, Problem> {
    let admin = Admin::from_request_parts(&mut parts, gateway).await?;
    let wanted = CreateImportRequest::from_params(Params::of(&parts.uri))?;
    let announced = check_head(&parts.headers, gateway.max_upload_bytes)?;
    let _slot = gateway.slots.take(&admin.account).ok_or_else(Problem::too_many_uploads)?;
    let quota = remaining_quota(gateway, &admin.account, announced).await?;
    let first = next_chunk(body, gateway.body_idle_timeout).await?.ok_or_else(empty)?;
    let upload = Upload::begin(gateway, &admin, wanted, announced).await?;
    let job = upload.receive(first, body, announced, quota).await?;
    let location = format!("/api/v1/jobs/{}", job.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(JobView::from(job))).into_response())
}
