//! Sends traces and metrics to a collector, with OTLP over gRPC.
//!
//! Both are sent by threads of the OpenTelemetry SDK with bounded queues. Ending a span never
//! blocks, and whatever does not fit is dropped while the collector is down or slow.

mod instruments;
mod sampler;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use parking_lot::Mutex;
use rethread_model::TraceParent;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use url::Url;

use super::lines::Extra;
use super::{SPANS, StoreWide};
use crate::config::TelemetryConfig;
use crate::{ConfigError, Context as Process};

/// A message that the collector does not accept within this time is lost.
const EXPORT_WITHIN: Duration = Duration::from_secs(5);

/// The exporters and their threads.
#[derive(Debug)]
pub(super) struct Sending {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
    store_wide: Arc<Mutex<StoreWide>>,
    interval: Duration,
}

impl Sending {
    /// Must be called within a tokio runtime, which drives the connections.
    pub(super) fn begin(endpoint: &Url, config: &TelemetryConfig, service: &str) -> Result<Self, ConfigError> {
        let rejected = |error: ExporterBuildError| ConfigError::Value {
            key: "telemetry.otlp_endpoint".to_owned(),
            problem: format!("cannot be used: {error}"),
        };
        let spans = SpanExporter::builder().with_tonic().with_endpoint(endpoint.as_str()).with_timeout(EXPORT_WITHIN);
        let numbers =
            MetricExporter::builder().with_tonic().with_endpoint(endpoint.as_str()).with_timeout(EXPORT_WITHIN);
        let resource = resource(config.service_name.as_deref().unwrap_or(service));
        let traces = SdkTracerProvider::builder()
            .with_batch_exporter(spans.build().map_err(rejected)?)
            .with_sampler(sampler::of(config.sample_ratio))
            .with_resource(resource.clone())
            .build();
        let reader =
            PeriodicReader::builder(numbers.build().map_err(rejected)?).with_interval(config.metrics_interval).build();
        let metrics = SdkMeterProvider::builder().with_reader(reader).with_resource(resource).build();
        let store_wide = Arc::default();
        instruments::observe(&metrics, &store_wide);
        Ok(Self { traces, metrics, store_wide, interval: config.metrics_interval })
    }

    /// Handles the spans with the target [`SPANS`], all of level INFO, and nothing else: no spans
    /// of libraries, and no log lines.
    pub(super) fn layer(&self) -> Extra {
        let is_ours = filter_fn(|metadata| metadata.is_span() && metadata.target() == SPANS);
        tracing_opentelemetry::layer()
            .with_tracer(self.traces.tracer("rethread"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_filter(is_ours.with_max_level_hint(LevelFilter::INFO))
            .boxed()
    }

    /// Reads the stores' metrics at the export interval; never ends.
    pub(super) async fn watch_stores(&self, process: &Process) -> Infallible {
        loop {
            let found = super::look(&process.backends, process.clock.now()).await;
            *self.store_wide.lock() = found;
            tokio::time::sleep(self.interval).await;
        }
    }

    /// Sends the rest. Returns `false` when that takes longer than `within`.
    pub(super) fn end(self, within: Duration) -> bool {
        let (done, is_done) = std::sync::mpsc::channel();
        let ending = std::thread::Builder::new().name("telemetry-end".to_owned()).spawn(move || {
            let spans = self.traces.shutdown_with_timeout(within);
            let numbers = self.metrics.shutdown_with_timeout(within);
            // Fails only when the caller has stopped waiting.
            let _ = done.send(spans.is_ok() && numbers.is_ok());
        });
        ending.is_ok() && is_done.recv_timeout(within).unwrap_or(false)
    }
}

/// The identity of the sender.
fn resource(service: &str) -> Resource {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let instance = format!("{}:{}", host.trim(), std::process::id());
    Resource::builder()
        .with_service_name(service.to_owned())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", instance))
        .build()
}

pub(super) fn current_parent() -> Option<TraceParent> {
    let context = Context::current();
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() {
        return None;
    }
    let flags = span.trace_flags() & TraceFlags::SAMPLED;
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), flags.to_u8()).parse().ok()
}

pub(super) fn current_trace_id() -> Option<String> {
    let context = Context::current();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}

pub(super) fn set_parent(span: &Span, parent: Option<&TraceParent>) {
    if let Some(parent) = parent.and_then(remote) {
        // Fails where no traces are sent, and for a span that was not sampled.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

pub(super) fn add_link(span: &Span, cause: Option<&TraceParent>) {
    if let Some(cause) = cause.and_then(remote) {
        span.add_link(cause);
    }
}

fn remote(parent: &TraceParent) -> Option<SpanContext> {
    let mut parts = parent.as_str().split('-').skip(1);
    let trace = TraceId::from_hex(parts.next()?).ok()?;
    let span = SpanId::from_hex(parts.next()?).ok()?;
    let flags = TraceFlags::new(u8::from_str_radix(parts.next()?, 16).ok()?);
    Some(SpanContext::new(trace, span, flags, true, TraceState::NONE))
}
