//! `GET /vendors`: the vendors whose files are read, and what their files leave open.

use axum::Json;

use crate::extract::{Params, Watcher};
use crate::problem::Problem;
use crate::views::{VendorView, VendorsView};

/// The vendors whose files are read
///
/// In the order of display, with what an admin may be asked about a file of each. Programs that
/// offer a choice of vendors need no list of their own.
#[utoipa::path(
    get,
    path = "/api/v1/vendors",
    operation_id = "listVendors",
    tag = "imports",
    responses((status = 200, description = "All vendors", body = VendorsView)),
)]
pub(crate) async fn list(_watcher: Watcher, params: Params) -> Result<Json<VendorsView>, Problem> {
    params.finish()?;
    Ok(Json(VendorsView { vendors: rethread_vendors::vendors().map(VendorView::from).collect() }))
}
