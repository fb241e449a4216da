#![doc = include_str!("../README.md")]

mod extract;
mod gateway;
mod handlers;
mod integrations;
mod middleware;
mod new_job;
mod openapi;
mod problem;
mod process;
mod router;
mod tus;
mod uploads;
mod views;

#[cfg(test)]
mod tests;

use rethread_runtime::{Authenticator, Context, GatewayConfig, HttpLimits, Tls, serve_http};
use tokio::net::TcpListener;

use gateway::Gateway;
use router::router;

pub use process::{NAME, run_process};

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
    serve_http(listener, router(gateway.clone(), config), limits, tls, &context.lifecycle).await;
    gateway.settled().await;
    Ok(())
}
