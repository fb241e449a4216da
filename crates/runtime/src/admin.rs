//! The private port: is the process alive, can it work, how does it fare.

mod metrics;

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use futures::future::join_all;
use http::{StatusCode, header};
use tokio::net::TcpListener;

use crate::{Context, HttpLimits, serve_http};

/// A seam that does not answer within this time counts as failing.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves `/livez` (always 200), `/readyz` (200 when all seams work and the process is not stopping; else 503 with one
/// line for each reason) and `/metrics` (Prometheus text) until a hard stop, so that a process that drains can still be
/// asked.
pub async fn serve_admin(listener: TcpListener, context: Context) {
    // The port outlives the soft stop; only a hard one, or the end of the caller, ends it.
    let own = crate::Lifecycle::new();
    let hard = context.lifecycle.hard().clone();
    let limits = HttpLimits { max_connections: 64, drain: Duration::from_secs(1), ..HttpLimits::default() };
    let router = router(context);
    tokio::select! {
        () = serve_http(listener, router, limits, &own) => {}
        () = hard.cancelled() => {}
    }
}

fn router(context: Context) -> Router {
    let started_at = context.clock.now();
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(move |State(context): State<Context>| metrics(context, started_at)))
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

async fn metrics(context: Context, started_at: rethread_model::Timestamp) -> impl axum::response::IntoResponse {
    let seams: Vec<(&str, bool)> =
        check_seams(&context).await.into_iter().map(|(seam, checked)| (seam, checked.is_ok())).collect();
    let is_stopping = context.lifecycle.soft().is_cancelled();
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (content_type, metrics::text(started_at, is_stopping, &seams))
}

/// Asks all seams at the same time.
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
