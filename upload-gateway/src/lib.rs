#![doc = include_str!("../README.md")]

mod abort_upload;
mod auth;
mod body;
mod client;
mod cookie;
mod csrf;
mod csv_cells;
mod cursor;
mod dashboard;
mod detect;
mod events;
mod exports;
mod file;
mod findings;
mod gateway;
mod imports;
mod integrations;
mod jobs;
mod live_list;
mod min_rate_body;
mod moves;
mod new_job;
mod openapi;
mod options;
mod pages;
mod params;
mod path;
mod problem;
mod process;
mod protective_headers;
mod rate_limit;
mod rates;
mod request_body;
mod request_log;
mod router;
mod session;
mod sites;
mod status;
mod storage_quota;
mod tokens;
mod tus;
mod upload;
mod upload_slots;
mod views;

#[cfg(test)]
mod tests;

use rethread_runtime::{Authenticator, Context, GatewayConfig, HttpLimits, Tls, serve_http};
use tokio::net::TcpListener;

pub use gateway::Gateway;
pub use process::{NAME, run_process};
pub use router::router;

/// Serves the API on `listener` until the soft stop. Returns when the last request has ended and
/// interrupted uploads are cleaned up. `auth` identifies callers. `status_url` is the address of
/// the status service, such as `http://127.0.0.1:50051`; the service need not be up yet.
pub async fn run(
    context: Context,
    config: &GatewayConfig,
    auth: Authenticator,
    status_url: &str,
    listener: TcpListener,
) -> anyhow::Result<()> {
    let gateway = Gateway::new(&context, config, auth, status_url)?;
    let limits = HttpLimits {
        max_connections: config.max_connections,
        max_connections_per_address: config.max_connections_per_address,
        proxies: config.trusted_proxies.clone(),
        header_timeout: config.header_timeout,
        answer_timeout: config.answer_timeout,
        ..HttpLimits::default()
    };
    let tls = config.tls_files().map(|files| Tls::open(files, "http/1.1")).transpose()?;
    serve_http(listener, router(gateway.clone()), limits, tls, &context.lifecycle).await;
    gateway.settled().await;
    Ok(())
}
