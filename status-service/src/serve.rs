//! The gRPC server: the service, health and reflection.

use std::time::Duration;

use anyhow::Context as _;
use futures::FutureExt as _;
use rethread_model::TraceParent;
use rethread_proto::v1::status_service_server::StatusServiceServer;
use rethread_runtime::{Authenticator, Context, SPANS, StatusConfig, Tls, belongs_to};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::server::HealthReporter;
use tracing::Span;

use crate::encrypted::encrypted;
use crate::service::JobStatus;

/// Requests hold only ids and words.
const MAX_REQUEST_BYTES: usize = 64 << 10;

/// The headers of a call hold only a token and a trace.
const MAX_HEADER_BYTES: u32 = 16 << 10;

/// How long a connection has to answer a keepalive ping.
const KEEPALIVE_WITHIN: Duration = Duration::from_secs(10);

type Service = StatusServiceServer<JobStatus>;

/// Serves on `listener` until the soft stop; `auth` identifies callers. On the soft stop, watches
/// end with `UNAVAILABLE`, so that clients resume elsewhere, and health reports `NOT_SERVING`.
/// Returns when the last call has ended, or at the hard stop.
pub async fn run(
    context: Context,
    config: &StatusConfig,
    auth: Authenticator,
    listener: TcpListener,
) -> anyhow::Result<()> {
    let lifecycle = context.lifecycle.clone();
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<Service>().await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(rethread_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .context("cannot describe the gRPC services")?;
    let service = Service::new(JobStatus::new(context, config, auth)).max_decoding_message_size(MAX_REQUEST_BYTES);
    let address = listener.local_addr().context("cannot tell where the status service listens")?;
    tracing::info!(%address, "status service is open");
    let tls = config.tls_files().map(|files| Tls::open(files, "h2")).transpose()?;
    let services = Server::builder()
        .max_concurrent_streams(config.max_calls_per_connection)
        .http2_keepalive_interval(Some(config.keepalive))
        .http2_keepalive_timeout(Some(KEEPALIVE_WITHIN))
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        .trace_fn(span_of)
        .add_service(health_service)
        .add_service(reflection)
        .add_service(service);
    let stop = announced_stop(health, lifecycle.soft().clone());
    let serving = if let Some(tls) = tls {
        services.serve_with_incoming_shutdown(encrypted(listener, tls), stop).boxed()
    } else {
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        services.serve_with_incoming_shutdown(incoming, stop).boxed()
    };
    tokio::select! {
        ended = serving => ended.context("the status service cannot go on"),
        () = lifecycle.hard().cancelled() => Ok(()),
    }
}

/// The span of a call up to its response, or to the start of its stream. Joins the caller's trace
/// if the request names one. Health checks and reflection have none.
fn span_of(call: &http::Request<()>) -> Span {
    let path = call.uri().path().trim_start_matches('/');
    if !path.starts_with(<Service as tonic::server::NamedService>::NAME) {
        return Span::none();
    }
    let span = tracing::info_span!(target: SPANS, "call", otel.name = path, otel.kind = "server", rpc.system = "grpc");
    let parent: Option<TraceParent> =
        call.headers().get("traceparent").and_then(|parent| parent.to_str().ok()?.parse().ok());
    belongs_to(&span, parent.as_ref());
    span
}

/// Completes at the soft stop, after the watchers of the health service were notified.
async fn announced_stop(health: HealthReporter, soft: tokio_util::sync::CancellationToken) {
    soft.cancelled().await;
    health.set_not_serving::<Service>().await;
    health.set_service_status("", tonic_health::ServingStatus::NotServing).await;
    // Health streams never end on their own, and the server waits for all streams.
    let mut health = health;
    health.clear_service_status(<Service as tonic::server::NamedService>::NAME).await;
    health.clear_service_status("").await;
}
