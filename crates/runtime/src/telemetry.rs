//! What a process tells about itself: lines on standard error, traces, metrics.
//!
//! Lines and `/metrics` are always there. Traces, and metrics that are sent, need the feature `otlp` and an endpoint;
//! without either, spans cost nothing because nobody listens to them.

mod lines;
mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod spans;
mod store_wide;
mod traced;

#[cfg(feature = "otlp")]
use std::time::Duration;

use rethread_backends::{Backends, Urls};

pub use lines::{COMMAND_LOG, SERVICE_LOG, init_logging};
pub use metrics::{Counter, Histogram, METRICS, Metrics};
pub use spans::{SPANS, belongs_to, links_to, trace_parent};
pub(crate) use store_wide::{StoreWide, look};

use crate::{Config, ConfigError, Context, Lifecycle, MetricsScope};

/// What the last spans and numbers may take to be sent when a process ends.
#[cfg(feature = "otlp")]
const FLUSH_WITHIN: Duration = Duration::from_millis(1500);

/// What a process sends to a collector, if anything. To be ended by [`Telemetry::flush`].
#[derive(Debug)]
#[must_use = "what was not yet sent is lost unless it is flushed"]
pub struct Telemetry {
    #[cfg(feature = "otlp")]
    sending: Option<otlp::Sending>,
}

impl Telemetry {
    /// Begins to log, as [`init_logging`] does, and to send traces and metrics if the configuration names a collector;
    /// `service` is the process's name there unless the configuration gives another. Needs a tokio runtime around it.
    /// Connects to nothing yet: a collector that is down, now or later, is no reason for anything to wait or fail.
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

    /// The same backends, with a span around each call that belongs to a trace; as they are when nothing is sent.
    #[must_use]
    pub fn trace(&self, backends: Backends, urls: &Urls) -> Backends {
        if self.is_sending() { traced::backends(backends, urls) } else { backends }
    }

    /// Does `work`, and as long as that lasts keeps the numbers that are sent of the stores fresh, if this process shows
    /// them.
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

    /// Sends what was not yet sent, the last step of an orderly stop: for 1.5 s at most, and after a hard stop not at
    /// all. Blocks.
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

/// A process that could not even begin has little to send, and must not wait for a collector with its complaint.
#[cfg(feature = "otlp")]
impl Drop for Telemetry {
    fn drop(&mut self) {
        self.end(FLUSH_WITHIN);
    }
}
