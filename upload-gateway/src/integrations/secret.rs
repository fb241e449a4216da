//! `GET /api-secret`: a key for the widget's single sign-on, which does not exist here.

use http::StatusCode;

use super::caller::LinkedSite;
use crate::problem::Problem;

/// No secret
///
/// The plugin requests a key for single sign-on. There is none here, and the response says so.
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
