//! `GET /commands`: what a site is to do.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::LinkedSite;
use super::sync;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// What a site is to do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteCommands)]
pub(crate) struct CommandsView {
    /// Always `success`.
    status: &'static str,
    /// In this order.
    commands: Vec<CommandView>,
}

/// One thing to do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteCommand)]
pub(crate) struct CommandView {
    /// What.
    command: Command,
}

/// The commands of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SiteCommandWord)]
pub(crate) enum Command {
    /// Send the comments that were not sent yet.
    SendComments,
    /// Fetch what changed here.
    FetchEvents,
    /// Nothing is asked for: the site may take itself for synced.
    SetSyncDone,
}

/// What to do
#[utoipa::path(
    get,
    path = "/integrations/v1/commands",
    operation_id = "listCommands",
    tag = "sites",
    params(
        ("token" = String, Query, description = "The plugin's token", min_length = 13, max_length = 128, pattern = "^[A-Za-z0-9._-]+$"),
        ("fromDateTime" = Option<String>, Query, description = "Not looked at: what is to be done is told until it is done"),
    ),
    responses((status = 200, description = "What the site is to do", body = CommandsView)),
)]
pub(crate) async fn list(State(gateway): State<Gateway>, caller: LinkedSite) -> Result<Json<CommandsView>, Problem> {
    let commands = match sync::job_of(&gateway, &caller).await? {
        Some(job) if job.takes_batches() => vec![Command::SendComments],
        // Each time: the plugin notes that it is set up by the answer to its last batch, which may have been lost.
        _ => vec![Command::SetSyncDone, Command::FetchEvents],
    };
    let commands = commands.into_iter().map(|command| CommandView { command }).collect();
    Ok(Json(CommandsView { status: "success", commands }))
}
