//! `GET /events`: what changed here, for the copies that a site keeps.

mod diff_pages;
mod event_view;
mod news;

pub(super) use diff_pages::news_of;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::LinkedSite;
use crate::gateway::Gateway;
use crate::params::Params;
use crate::problem::Problem;

/// Events in an answer.
const PAGE: u32 = 100;

/// What a site is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteEvents)]
pub(crate) struct EventsView {
    /// Always `success`.
    status: &'static str,
    /// In the order of `createdAt`.
    events: Vec<EventView>,
    /// Whether to ask again at once, from the last event's `createdAt` on.
    #[serde(rename = "hasMore")]
    has_more: bool,
}

/// One thing that a site is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteEvent)]
pub(crate) struct EventView {
    /// The same whenever the same is told again.
    #[serde(rename = "_id")]
    id: String,
    /// Where to go on from.
    #[serde(rename = "createdAt")]
    created_at: String,
    /// What happened to which comment, as JSON in a text.
    data: String,
}

/// What changed
///
/// Comments of the account that came from elsewhere onto the site's pages, and the site's own that were changed here: new ones,
/// other ones, deleted ones, each as it was last.
#[utoipa::path(
    get,
    path = "/integrations/v1/events",
    operation_id = "listEvents",
    tag = "sites",
    params(
        ("token" = String, Query, description = "The plugin's token", min_length = 13, max_length = 128, pattern = "^[A-Za-z0-9._-]+$"),
        ("fromDateTime" = Option<u64>, Query, description = "Only what comes after this time, in milliseconds since 1970"),
    ),
    responses((status = 200, description = "Some events", body = EventsView)),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: LinkedSite,
    mut params: Params,
) -> Result<Json<EventsView>, Problem> {
    let from_ms =
        match params.text("fromDateTime")? {
            None => 0,
            Some(given) => given.parse::<i64>().ok().filter(|ms| *ms >= 0).ok_or_else(|| {
                Problem::parameter("fromDateTime", "fromDateTime is a time in milliseconds since 1970")
            })?,
        };
    let has_looked_everywhere = diff_pages::look(&gateway, &caller, from_ms).await?;
    let mut told = gateway.backends.sites.told(caller.site.id, from_ms, PAGE + 1).await?;
    let is_cut = told.len() > PAGE as usize;
    told.truncate(PAGE as usize);
    let mut events = Vec::with_capacity(told.len());
    for one in &told {
        events.push(event_view::event(&gateway, &caller, one).await?);
    }
    Ok(Json(EventsView { status: "success", events, has_more: is_cut || !has_looked_everywhere }))
}
