#![doc = include_str!("../README.md")]

mod auth;
mod csv_cells;
mod cursor;
mod dashboard;
mod envelope;
mod events;
mod findings;
mod gateway;
mod imports;
mod incoming;
mod jobs;
mod options;
mod pages;
mod params;
mod path;
mod problem;
mod router;
mod status;
mod upload;
mod upload_slots;
mod views;
mod wreck;

#[cfg(test)]
mod tests;

use rethread_runtime::{Context, GatewayConfig, HttpLimits, serve_http};
use tokio::net::TcpListener;

pub use gateway::Gateway;
pub use router::router;

/// Serves the API on `listener` until the soft stop, and returns when the last request has ended and broken uploads are
/// cleaned up. `status_url` is where the status service listens, such as `http://127.0.0.1:50051`; it need not be up yet.
pub async fn run(
    context: Context,
    config: &GatewayConfig,
    status_url: &str,
    listener: TcpListener,
) -> anyhow::Result<()> {
    let gateway = Gateway::new(&context, config, status_url)?;
    let limits = HttpLimits {
        max_connections: config.max_connections,
        header_timeout: config.header_timeout,
        ..HttpLimits::default()
    };
    serve_http(listener, router(gateway.clone()), limits, &context.lifecycle).await;
    gateway.settled().await;
    Ok(())
}
