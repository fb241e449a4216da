//! `GET /commands`: what a site should do next.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::LinkedSite;
use super::sync;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// What a site should do next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteCommands)]
pub(crate) struct CommandsView {
    /// Always `success`.
    status: &'static str,
    /// The commands, in the order of execution.
    commands: Vec<CommandView>,
}

/// A single command.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteCommand)]
pub(crate) struct CommandView {
    /// The command's name.
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
    /// Nothing is requested: the site may consider itself synced.
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
        // Repeat this every time: the plugin completes its setup on the response to its last batch,
        // which may have been lost.
        _ => vec![Command::SetSyncDone, Command::FetchEvents],
    };
    let commands = commands.into_iter().map(|command| CommandView { command }).collect();
    Ok(Json(CommandsView { status: "success", commands }))
}
