//! `GET /events`: changes for the copies that a site keeps.

mod diff_pages;
mod event_view;
mod news;

pub(super) use diff_pages::news_of;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::LinkedSite;
use crate::extract::Params;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// Events per response.
const PAGE: u32 = 100;

/// Changes for a site.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteEvents)]
pub(crate) struct EventsView {
    /// Always `success`.
    status: &'static str,
    /// Ordered by `createdAt`.
    events: Vec<EventView>,
    /// Whether to query again at once, starting from the last event's `createdAt`.
    #[serde(rename = "hasMore")]
    has_more: bool,
}

/// A single change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteEvent)]
pub(crate) struct EventView {
    /// Stable: a repeated event has the same id.
    #[serde(rename = "_id")]
    id: String,
    /// Where to continue.
    #[serde(rename = "createdAt")]
    created_at: String,
    /// The kind of change and the comment, as JSON in a string.
    data: String,
}

/// What changed
///
/// Changes to comments from other sources on the site's pages, and changes made here to the site's
/// own comments: created, updated or deleted, each in its latest state.
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
