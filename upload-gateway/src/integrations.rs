//! The integration protocol of the WordPress plugin (version 3.19): a site asks to be linked, polls
//! for commands, sends its comments, and fetches what changed here. All calls come from the site,
//! which authenticates only with its token in the query.

mod batch;
mod caller;
mod commands;
mod comment;
mod comment_ids;
mod comments;
mod confirm;
mod copies;
mod described;
mod events;
mod failure;
mod listed;
mod secret;
mod sync;
mod token;

use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::Gateway;

pub(crate) use caller::{token_in, token_of};
pub(crate) use described::{SITE, describe, failure_schema, is_protocol};
pub(crate) use sync::{begin, end};

/// The base path under which the plugin expects all routes.
pub(crate) const BASE: &str = "/integrations/v1/";

/// The protocol's routes. The page to which the plugin sends its admin's browser is not part of the
/// API, just as the dashboard is not.
pub(crate) fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(token::put))
        .routes(routes!(commands::list))
        .routes(routes!(comments::create, listed::list))
        .routes(routes!(events::list))
        .routes(routes!(comment_ids::tell))
        .routes(routes!(secret::show))
        .route(CONFIRM_PATHS[0], get(confirm::lead))
        .route(CONFIRM_PATHS[1], get(confirm::lead))
}

pub(crate) use confirm::PATHS as CONFIRM_PATHS;
