//! The telemetry of a process: lines on standard error, traces, metrics.
//!
//! Lines and `/metrics` are always available. Traces and exported metrics need the feature `otlp`
//! and an endpoint; without either, spans cost nothing because they have no subscriber.

mod lines;
mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod spans;
mod store_wide;
mod traced;

#[cfg(feature = "otlp")]
use std::time::Duration;

use crate::Urls;
use rethread_stores::Backends;

pub use lines::{COMMAND_LOG, SERVICE_LOG, init_logging};
pub use metrics::{Counter, Histogram, METRICS, Metrics};
pub use spans::{SPANS, belongs_to, links_to, trace_parent};
pub(crate) use store_wide::{StoreWide, look};

use crate::{Config, ConfigError, Context, Lifecycle, MetricsScope};

/// How long sending the last spans and metrics may take when a process ends.
#[cfg(feature = "otlp")]
const FLUSH_WITHIN: Duration = Duration::from_millis(1500);

/// What a process sends to a collector, if anything. Must be ended with [`Telemetry::flush`].
#[derive(Debug)]
#[must_use = "what was not yet sent is lost unless it is flushed"]
pub struct Telemetry {
    #[cfg(feature = "otlp")]
    sending: Option<otlp::Sending>,
}

impl Telemetry {
    /// Starts logging, like [`init_logging`], and exports traces and metrics if a collector is
    /// configured. `service` is the service name there, unless the configuration sets another. Must
    /// be called within a tokio runtime. Does not connect yet: a collector that is down, now or
    /// later, makes nothing wait or fail.
    pub fn begin(config: &Config, service: &str, filter: &str) -> Result<Self, ConfigError> {
        #[cfg(feature = "otlp")]
        {
            let sending = match &config.telemetry.otlp_endpoint {
                Some(endpoint) => Some(otlp::Sending::begin(endpoint, &config.telemetry, service)?),
                None => None,
            };
            lines::init_with(config.log, filter, sending.as_ref().map(otlp::Sending::layer));
            Ok(Self { sending })
        }
        #[cfg(not(feature = "otlp"))]
        {
            let _ = service;
            init_logging(config.log, filter);
            Ok(Self {})
        }
    }

    /// Whether anything is sent.
    #[must_use]
    pub const fn is_sending(&self) -> bool {
        #[cfg(feature = "otlp")]
        {
            self.sending.is_some()
        }
        #[cfg(not(feature = "otlp"))]
        {
            false
        }
    }

    /// Wraps each call of the backends that belongs to a trace in a span. Returns the backends
    /// unchanged when nothing is sent.
    #[must_use]
    pub fn trace(&self, backends: Backends, urls: &Urls) -> Backends {
        if self.is_sending() { traced::backends(backends, urls) } else { backends }
    }

    /// Runs `work` and meanwhile refreshes the exported metrics of the stores, if this process
    /// exposes them.
    pub async fn beside<T>(&self, context: &Context, shows: MetricsScope, work: impl Future<Output = T>) -> T {
        #[cfg(feature = "otlp")]
        if let (Some(sending), MetricsScope::Stores) = (&self.sending, shows) {
            tokio::select! {
                done = work => return done,
                never = sending.watch_stores(context) => match never {},
            }
        }
        #[cfg(not(feature = "otlp"))]
        let _ = (context, shows);
        work.await
    }

    /// Sends what is still pending, as the last step of an orderly stop: for at most 1.5 s, and not
    /// at all after a hard stop. Blocks.
    pub fn flush(self, lifecycle: &Lifecycle) {
        #[cfg(feature = "otlp")]
        {
            let mut this = self;
            let within = if lifecycle.hard().is_cancelled() { Duration::ZERO } else { FLUSH_WITHIN };
            this.end(within);
        }
        #[cfg(not(feature = "otlp"))]
        let _ = lifecycle;
    }

    #[cfg(feature = "otlp")]
    fn end(&mut self, within: Duration) {
        let has_sent = self.sending.take().is_none_or(|sending| sending.end(within));
        if !has_sent {
            tracing::warn!("the collector did not take the last spans and numbers in time; they are lost");
        }
    }
}

/// A process that failed to start has little to send, and must not wait for a collector before it
/// reports its error.
#[cfg(feature = "otlp")]
impl Drop for Telemetry {
    fn drop(&mut self) {
        self.end(FLUSH_WITHIN);
    }
}
