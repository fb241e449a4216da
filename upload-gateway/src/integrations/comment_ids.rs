//! `PATCH /comment-ids`: receives the ids that comments from here got in WordPress, so that they
//! are recognised when the site sends them.

use axum::Json;
use axum::extract::{Request, State};
use http::StatusCode;
use rethread_stores::KeptCopy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::LinkedSite;
use super::comments;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// The maximum that the plugin sends at once.
const MOST: usize = 500;

const LONGEST_ID: usize = 20;

/// Ids of comments.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SiteCommentIds)]
pub(crate) struct Mappings {
    /// At most 500 entries.
    mappings: Vec<Mapping>,
}

/// The ids of one comment.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SiteCommentId)]
pub(crate) struct Mapping {
    /// Rethread's id.
    #[serde(rename = "fcId")]
    ours: String,
    /// WordPress's number of the comment; a number or a text.
    #[serde(rename = "wpId")]
    #[schema(value_type = String)]
    own: serde_json::Value,
}

/// Success.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteDone)]
pub(crate) struct DoneView {
    /// Always `success`.
    status: &'static str,
}

/// Report ids
///
/// The numbers that comments from here got in WordPress. Unknown comments are ignored. May
/// be repeated.
#[utoipa::path(
    patch,
    path = "/integrations/v1/comment-ids",
    operation_id = "tellCommentIds",
    tag = "sites",
    params(("token" = String, Query, description = "The plugin's token", min_length = 13, max_length = 128, pattern = "^[A-Za-z0-9._-]+$")),
    request_body = Mappings,
    responses(
        (status = 200, description = "They are known from now on", body = DoneView),
        (status = 400, description = "`invalid-body`, `upload-broken` or `invalid-parameter`: the body is not what this takes"),
        (status = 408, description = "`upload-idle`: the body did not arrive in time"),
        (status = 413, description = "`batch-too-large`: more than 500, or too many bytes"),
    ),
)]
pub(crate) async fn tell(
    State(gateway): State<Gateway>,
    caller: LinkedSite,
    request: Request,
) -> Result<Json<DoneView>, Problem> {
    let body = comments::whole(&gateway, request.into_body()).await?;
    let Mappings { mappings } = serde_json::from_slice(&body).map_err(|_| {
        let detail = "the body is not the object that this takes: {\"mappings\": [{\"fcId\": \"…\", \"wpId\": \"…\"}]}";
        Problem::new(StatusCode::BAD_REQUEST, "invalid-body", detail)
    })?;
    if mappings.len() > MOST {
        return Err(comments::too_large());
    }
    let kept: Vec<KeptCopy> = mappings.into_iter().filter_map(kept).collect();
    let origin = caller.site.origin();
    gateway.backends.sites.adopt(&caller.account, caller.site.id, &origin, &kept).await?;
    Ok(Json(DoneView { status: "success" }))
}

fn kept(mapping: Mapping) -> Option<KeptCopy> {
    let own_id = match mapping.own {
        serde_json::Value::String(text) => text,
        serde_json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let comment = mapping.ours.parse().ok()?;
    is_number(&own_id).then_some(KeptCopy { comment, own_id, source_id: None })
}

/// Whether WordPress could have assigned this number.
pub(super) fn is_number(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_digit())
}
