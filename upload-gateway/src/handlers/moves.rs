//! `POST /moves`: assigns threads to other pages.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rethread_model::{JobId, JobKind, MoveRule, MoveTarget, Moving};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Admin, JsonBody, Params, Shape};
use crate::gateway::Gateway;
use crate::new_job::start_job;
use crate::problem::Problem;
use crate::views::{JobView, MovePreviewView};

/// A requested move: either `from` and `to`, or `undo`.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WantedMove)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveRequest {
    /// What to move.
    from: Option<MoveTarget>,
    /// Where to move it: a domain if `from` is one, otherwise a page.
    to: Option<MoveTarget>,
    /// An earlier, ended move of the account to undo.
    undo: Option<JobId>,
}

impl Shape for MoveRequest {
    const LOOKS: &'static str = "{\"from\": {\"domain\": \"old.example\"}, \"to\": {\"domain\": \"new.example\"}}, in which \
        \"url\" or \"url_id\" may stand instead of \"domain\", or {\"undo\": \"id of a move\"}";
}

/// Move pages
///
/// Starts a background job that assigns the threads of a site, or of one page, to another site or
/// page. Comments are not rewritten. If the target page exists, the pages are merged. With
/// `preview=true` nothing is changed, and the response describes what would be.
#[utoipa::path(
    post,
    path = "/api/v1/moves",
    operation_id = "movePages",
    tag = "moves",
    params(("preview" = Option<bool>, Query, description = "Only tell what would be moved")),
    request_body = MoveRequest,
    responses(
        (status = 200, description = "What would be moved", body = MovePreviewView),
        (status = 202, description = "The job", body = JobView, headers(("location" = String, description = "Path of the job"))),
        (status = 400, description = "`invalid-parameter`, or `invalid-body`: the body is not the object that this takes"),
        (status = 404, description = "`not-found`: there is no such move to undo"),
        (status = 408, description = "`body-idle`: the body did not arrive in time"),
        (status = 409, description = "`job-state`: the move to undo has not ended"),
        (status = 413, description = "`body-too-large`"),
        (status = 415, description = "`not-json`"),
    ),
)]
pub(crate) async fn create(
    State(gateway): State<Gateway>,
    admin: Admin,
    mut params: Params,
    JsonBody(wanted): JsonBody<MoveRequest>,
) -> Result<Response, Problem> {
    let is_preview = params.flag("preview")?;
    params.finish()?;
    let moving = wanted.moving()?;
    if let Moving::Undo { undo } = &moving {
        check(&gateway, &admin, *undo).await?;
    }
    if is_preview {
        let preview = gateway.backends.comments.preview_move(&admin.account, &moving).await?;
        return Ok(Json(MovePreviewView::from(preview)).into_response());
    }
    start_job(&gateway, &admin, moving.into()).await
}

impl MoveRequest {
    fn moving(self) -> Result<Moving, Problem> {
        match self {
            Self { from: Some(from), to: Some(to), undo: None } => {
                let rule = MoveRule::new(from, to);
                rule.map(Moving::Rule).map_err(|error| Problem::parameter("from", error.to_string()))
            }
            Self { from: None, to: None, undo: Some(undo) } => Ok(Moving::Undo { undo }),
            _ => {
                let detail = format!("the body is not the object that this takes: {}", Self::LOOKS);
                Err(Problem::new(StatusCode::BAD_REQUEST, "invalid-body", detail))
            }
        }
    }
}

/// Checks that a job is a move that can be undone.
async fn check(gateway: &Gateway, admin: &Admin, undo: JobId) -> Result<(), Problem> {
    let job = gateway.backends.jobs.get(&admin.reach(), undo).await?;
    match job.filter(|job| job.kind() == JobKind::Move) {
        None => Err(Problem::not_found("move")),
        Some(job) if !job.state.is_final() => Err(Problem::conflict("the move has not ended; cancel it first")),
        Some(_) => Ok(()),
    }
}
