//! `POST /detect`: recognises the vendor of a file by its beginning. Nothing is stored.

use axum::Json;
use axum::body::BodyDataStream;
use axum::extract::{Request, State};
use http::StatusCode;
use rethread_formats::recognise;
use rethread_model::Vendor;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::request_body::{next_chunk, too_large};
use crate::extract::{Admin, Params};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// The number of bytes examined.
const MOST_BYTES: usize = 64 << 10;

/// The result of examining the beginning of a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Detection)]
pub(crate) struct DetectionView {
    /// The vendor of the export, if the file is one.
    #[schema(required)]
    vendor: Option<Vendor>,
    /// What in the file shows this.
    #[schema(required)]
    evidence: Option<&'static str>,
    /// A message for the admin.
    sentence: String,
}

/// Recognise a file
///
/// Determines the vendor of an export file by its beginning. Nothing is stored.
#[utoipa::path(
    post,
    path = "/api/v1/detect",
    operation_id = "detectVendor",
    tag = "imports",
    params(("file_name" = Option<String>, Query, description = "Changes nothing")),
    request_body(content(("application/octet-stream")), description = "Up to 64 KiB of the beginning of the file"),
    responses(
        (status = 200, description = "What it looks like", body = DetectionView),
        (status = 400, description = "`invalid-parameter` or `upload-broken`"),
        (status = 408, description = "`upload-idle`: it did not arrive in time"),
        (status = 413, description = "`upload-too-large`: more than the beginning was sent"),
    ),
)]
pub(crate) async fn detect(
    State(gateway): State<Gateway>,
    _admin: Admin,
    mut params: Params,
    request: Request,
) -> Result<Json<DetectionView>, Problem> {
    params.text("file_name")?;
    params.finish()?;
    let mut body = request.into_body().into_data_stream();
    let reading = tokio::time::timeout(gateway.body_idle_timeout, beginning(&gateway, &mut body));
    let beginning = reading.await.unwrap_or_else(|_| {
        let detail = "the beginning of the file did not arrive in time";
        Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "upload-idle", detail))
    })?;
    let looking = tokio::task::spawn_blocking(move || recognise(&beginning));
    Ok(Json(match looking.await.map_err(|_| Problem::internal())? {
        Ok(found) => DetectionView {
            vendor: Some(found.vendor),
            evidence: Some(found.evidence),
            sentence: format!("The file looks like an export of {}.", found.vendor.name()),
        },
        Err(refusal) => DetectionView { vendor: None, evidence: None, sentence: refusal.message },
    }))
}

async fn beginning(gateway: &Gateway, body: &mut BodyDataStream) -> Result<Vec<u8>, Problem> {
    let mut beginning = Vec::new();
    while let Some(bytes) = next_chunk(body, gateway.body_idle_timeout).await? {
        if beginning.len() + bytes.len() > MOST_BYTES {
            return Err(too_large(MOST_BYTES as u64));
        }
        beginning.extend_from_slice(&bytes);
    }
    Ok(beginning)
}
