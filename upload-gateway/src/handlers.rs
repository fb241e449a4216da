//! The resources of the API, one module each.

mod dashboard;
mod detect;
mod events;
mod exports;
mod file;
mod findings;
mod imports;
mod jobs;
mod live_list;
mod moves;
mod pages;
mod session;
mod sites;
mod tokens;
mod vendors;

use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::Gateway;

/// The routes of all resources, and of the dashboard.
pub(crate) fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(session::open, session::show, session::end))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(vendors::list))
        .routes(routes!(detect::detect))
        .routes(routes!(imports::create))
        .routes(routes!(exports::create))
        .routes(routes!(moves::create))
        .routes(routes!(sites::list, sites::linking::answer))
        .routes(routes!(sites::linking::asking))
        .routes(routes!(sites::revoke))
        .routes(routes!(sites::sync))
        .routes(routes!(jobs::list))
        .routes(routes!(live_list::follow))
        .routes(routes!(jobs::show))
        .routes(routes!(events::follow))
        .routes(routes!(jobs::confirm))
        .routes(routes!(jobs::cancel))
        .routes(routes!(jobs::receipt))
        .routes(routes!(file::fetch))
        .routes(routes!(findings::list))
        .routes(routes!(pages::list))
        .routes(routes!(pages::page))
        .routes(routes!(pages::comments))
        .routes(routes!(pages::comment))
        .route("/", get(dashboard::index))
        .route("/assets/{version}/{*path}", get(dashboard::asset))
}
