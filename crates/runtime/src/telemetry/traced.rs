//! The backends with a span around each call that belongs to a trace. Calls outside of a trace (the
//! janitor's, or those of a readiness check) are passed through: each would become a trace of its
//! own without any information.

mod blobs;
mod comments;
mod jobs;
mod queue;

use std::sync::Arc;

use crate::Urls;
use rethread_model::JobId;
use rethread_stores::{Backends, ErrorKind, Result};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::SPANS;

/// Wraps each backend; the scheme of its URL names it.
pub(super) fn backends(backends: Backends, urls: &Urls) -> Backends {
    let Backends { blobs, jobs, queue, comments, accounts, sites } = backends;
    Backends {
        blobs: Arc::new(blobs::Traced { inner: blobs, system: system(&urls.blobs) }),
        jobs: Arc::new(jobs::Traced { inner: jobs, system: system(&urls.jobs) }),
        queue: Arc::new(queue::Traced { inner: queue, system: system(&urls.queue) }),
        comments: Arc::new(comments::Traced { inner: comments, system: system(&urls.comments) }),
        accounts,
        sites,
    }
}

/// The system's conventional name, for the attribute `system`.
fn system(url: &str) -> &'static str {
    match url.split(':').next().unwrap_or_default() {
        "file" => "file",
        "s3" => "s3",
        "sqlite" => "sqlite",
        "redis" | "rediss" => "redis",
        "memory" => "memory",
        "amqp" | "amqps" => "rabbitmq",
        "postgres" | "postgresql" => "postgresql",
        _ => "other",
    }
}

/// A call to a backend.
#[derive(Debug, Clone, Copy)]
struct Call {
    /// Backend and operation, such as `comments.commit`.
    name: &'static str,
    /// See [`system`].
    system: &'static str,
    /// The span kind for service maps: `client` or `producer`.
    kind: &'static str,
    job: Option<JobId>,
}

impl Call {
    const fn of(name: &'static str, system: &'static str, job: JobId) -> Self {
        Self { name, system, kind: "client", job: Some(job) }
    }

    async fn run<T>(self, call: impl Future<Output = Result<T>>) -> Result<T> {
        if Span::current().is_none() {
            return call.await;
        }
        let span = tracing::info_span!(
            target: SPANS,
            "call",
            otel.name = self.name,
            otel.kind = self.kind,
            system = self.system,
            job = self.job.map(tracing::field::display),
            error.type = Empty,
            otel.status_code = Empty,
        );
        let done = call.instrument(span.clone()).await;
        if let Err(error) = &done {
            let kind = error.kind();
            span.record("error.type", word(kind));
            // Losing a race is not an error, and neither is asking for what does not exist.
            if !matches!(kind, ErrorKind::Conflict | ErrorKind::NotFound) {
                span.record("otel.status_code", "ERROR");
            }
        }
        done
    }
}

const fn word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "not_found",
        ErrorKind::Conflict => "conflict",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::StorageFull => "storage_full",
        ErrorKind::Configuration => "configuration",
        ErrorKind::Internal => "internal",
    }
}
