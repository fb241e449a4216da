//! The private port: liveness, readiness and metrics.

mod metrics;

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use futures::future::join_all;
use http::{StatusCode, header};
use tokio::net::TcpListener;

use crate::telemetry::{StoreWide, look};
use crate::{Context, HttpLimits, serve_http};

/// A backend that does not answer within this time counts as failing.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// Which metrics `/metrics` exposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsScope {
    /// Those of this process.
    Process,
    /// Also those of the job store and the queue, which are the same for every process. Used by the
    /// workers, and by the process that runs all roles.
    Stores,
}

/// Serves `/livez` (always 200), `/readyz` (200 when all backends work and the process is not
/// stopping; otherwise 503 with one line per reason) and `/metrics` (Prometheus text) until a hard
/// stop, so that a draining process still answers.
pub async fn serve_admin(listener: TcpListener, context: Context, shows: MetricsScope) {
    // The port outlives the soft stop. Only a hard stop, or the end of the caller, closes it.
    let own = crate::Lifecycle::new();
    let hard = context.lifecycle.hard().clone();
    let limits = HttpLimits { max_connections: 64, drain: Duration::from_secs(1), ..HttpLimits::default() };
    let router = router(context, shows);
    tokio::select! {
        () = serve_http(listener, router, limits, None, &own) => {}
        () = hard.cancelled() => {}
    }
}

fn router(context: Context, shows: MetricsScope) -> Router {
    let started_at = context.clock.now();
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(move |State(context): State<Context>| metrics(context, started_at, shows)))
        .with_state(context)
}

async fn readyz(State(context): State<Context>) -> (StatusCode, String) {
    let mut reasons: Vec<String> = check_seams(&context)
        .await
        .into_iter()
        .filter_map(|(seam, checked)| checked.err().map(|problem| format!("{seam}: {problem}\n")))
        .collect();
    if context.lifecycle.soft().is_cancelled() {
        reasons.push("stopping\n".to_owned());
    }
    if reasons.is_empty() {
        (StatusCode::OK, "ready\n".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, reasons.concat())
    }
}

async fn metrics(
    context: Context,
    started_at: rethread_model::Timestamp,
    shows: MetricsScope,
) -> impl axum::response::IntoResponse {
    let (checked, store_wide) = tokio::join!(check_seams(&context), store_wide(&context, shows));
    let seams: Vec<(&str, bool)> = checked.into_iter().map(|(seam, checked)| (seam, checked.is_ok())).collect();
    let is_stopping = context.lifecycle.soft().is_cancelled();
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (content_type, metrics::text(started_at, is_stopping, &seams, store_wide.as_ref()))
}

async fn store_wide(context: &Context, shows: MetricsScope) -> Option<StoreWide> {
    match shows {
        MetricsScope::Process => None,
        MetricsScope::Stores => Some(look(&context.backends, context.clock.now()).await),
    }
}

/// Checks all backends concurrently.
async fn check_seams(context: &Context) -> Vec<(&'static str, Result<(), String>)> {
    let backends = &context.backends;
    let checks = [
        ("blobs", backends.blobs.check()),
        ("jobs", backends.jobs.check()),
        ("queue", backends.queue.check()),
        ("comments", backends.comments.check()),
    ];
    join_all(checks.map(async |(seam, check)| {
        let checked = match tokio::time::timeout(CHECK_TIMEOUT, check).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer within {} s", CHECK_TIMEOUT.as_secs())),
        };
        (seam, checked)
    }))
    .await
}

#[cfg(test)]
mod tests;
