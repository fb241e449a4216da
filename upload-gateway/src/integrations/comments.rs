//! `POST /comments`: a site sends a batch of its comments.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use http::StatusCode;
use rethread_model::CommentId;
use rethread_vendors::wordpress::read_batch;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::LinkedSite;
use super::{batch, copies};
use crate::extract::request_body::{linger, next_chunk};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// The maximum that the plugin sends at once. It splits a batch that is rejected as too large into
/// ten parts.
const MOST_COMMENTS: usize = 100;

/// The comments that were accepted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteComments)]
pub(crate) struct TakenView {
    /// Always `success`.
    status: &'static str,
    /// Rethread's ids by the site's own ids. For the site's copy of a comment from here, the id of
    /// that comment. The rows are written later: ids are computed.
    #[serde(rename = "commentIds")]
    comment_ids: BTreeMap<String, CommentId>,
}

/// Send comments
///
/// A batch of a linked site's comments: `{"countRemaining": 0, "comments": [...]}`. It becomes part
/// of the import that began when the site was linked or another sync was requested; otherwise it
/// starts a new one. `countRemaining` 0 ends the import. May be repeated.
#[utoipa::path(
    post,
    path = "/integrations/v1/comments",
    operation_id = "sendComments",
    tag = "sites",
    params(("token" = String, Query, description = "The plugin's token", min_length = 13, max_length = 128, pattern = "^[A-Za-z0-9._-]+$")),
    request_body(content = Object, description = "The batch, at most 100 comments"),
    responses(
        (status = 200, description = "The batch was taken", body = TakenView),
        (status = 400, description = "`invalid-batch`, `upload-broken` or `invalid-parameter`: the body is no batch"),
        (status = 408, description = "`upload-idle`: the body did not arrive in time"),
        (status = 409, description = "`no-sync`: an admin has just ended the sync"),
        (status = 413, description = "`batch-too-large`: send fewer comments at once; `too-much-stored`"),
        (status = 429, description = "`too-much-stored` or `too-many-requests`; see `retry-after`"),
    ),
)]
pub(crate) async fn create(
    State(gateway): State<Gateway>,
    caller: LinkedSite,
    request: Request,
) -> Result<Json<TakenView>, Problem> {
    let body = whole(&gateway, request.into_body()).await?;
    let sent =
        read_batch(&body).map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "invalid-batch", error.to_string()))?;
    if sent.count > MOST_COMMENTS {
        return Err(too_large());
    }
    // Do this before the batch is queued: the worker drops the copies.
    copies::recognise(&gateway, &caller, &sent).await?;
    batch::take(&gateway, &caller, &sent, body).await?;
    Ok(Json(TakenView { status: "success", comment_ids: copies::ids(&gateway, &caller, sent).await? }))
}

/// The whole body, unless it is too large. A body that is too large is drained for a while, because
/// a site that is still sending does not read the response.
pub(super) async fn whole(gateway: &Gateway, body: Body) -> Result<Bytes, Problem> {
    let mut stream = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(bytes) = next_chunk(&mut stream, gateway.body_idle_timeout).await? {
        whole.extend_from_slice(&bytes);
        if whole.len() > gateway.sync_batch_bytes {
            gateway.background_tasks.spawn(linger(stream));
            return Err(too_large());
        }
    }
    Ok(whole.into())
}

pub(super) fn too_large() -> Problem {
    let detail = "the batch is too large; send fewer comments at once";
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "batch-too-large", detail)
}
