//! `GET /api-secret`: what belongs to single sign-on of a widget, which there is none of here.

use http::StatusCode;

use super::caller::LinkedSite;
use crate::problem::Problem;

/// No secret
///
/// The plugin asks for a key of single sign-on. There is none here, and it is told so.
#[utoipa::path(
    get,
    path = "/integrations/v1/api-secret",
    operation_id = "getSecret",
    tag = "sites",
    params(("token" = String, Query, description = "The plugin's token", min_length = 13, max_length = 128, pattern = "^[A-Za-z0-9._-]+$")),
    responses((status = 404, description = "`no-secret`: always")),
)]
pub(crate) async fn show(_: LinkedSite) -> Problem {
    let detail = "there is no single sign-on here, and so no secret for it";
    Problem::new(StatusCode::NOT_FOUND, "no-secret", detail)
}
