//! The section `telemetry`.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::ConfigError;
use super::sections::friendly;

/// OpenTelemetry's standard variable for the collector's address.
pub(super) const STANDARD_VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// What is sent to a collector. Nothing, unless an endpoint is configured.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// The collector's endpoint for OTLP over gRPC, such as `http://127.0.0.1:4317`.
    pub otlp_endpoint: Option<Url>,
    /// The process's service name at the collector; the default is the binary's name.
    pub service_name: Option<String>,
    /// The fraction, 0 to 1, of the traces started here that is kept.
    pub sample_ratio: f64,
    /// How often metrics are sent.
    #[serde(with = "friendly")]
    pub metrics_interval: Duration,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { otlp_endpoint: None, service_name: None, sample_ratio: 1.0, metrics_interval: Duration::from_secs(30) }
    }
}

impl TelemetryConfig {
    /// Falls back to the standard variable when no endpoint is configured and this build can send.
    /// The variable is set for all programs of a machine or pod, so a build without OTLP must
    /// ignore it rather than fail.
    pub(super) fn or_standard(&mut self, endpoint: Option<&str>) -> Result<(), ConfigError> {
        let given = endpoint.filter(|endpoint| !endpoint.is_empty() && cfg!(feature = "otlp"));
        if let (None, Some(endpoint)) = (&self.otlp_endpoint, given) {
            let url = endpoint.parse().map_err(|_| ConfigError::Value {
                key: "telemetry.otlp_endpoint".to_owned(),
                problem: format!("from the environment variable {STANDARD_VARIABLE} is not a URL"),
            })?;
            self.otlp_endpoint = Some(url);
        }
        Ok(())
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let refused = |key: &str, problem: &str| {
            Err(ConfigError::Value { key: format!("telemetry.{key}"), problem: problem.to_owned() })
        };
        if let Some(endpoint) = &self.otlp_endpoint {
            if !cfg!(feature = "otlp") {
                return refused(
                    "otlp_endpoint",
                    "cannot be used by this build, which sends nothing: leave it out, or build with --features otlp \
                     (or distributed)",
                );
            }
            if endpoint.scheme() != "http" || endpoint.host_str().is_none() {
                return refused(
                    "otlp_endpoint",
                    "must be http:// and the host and port of a collector, beside this process or in its network",
                );
            }
        }
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            return refused("sample_ratio", "must be 0 to 1");
        }
        if self.metrics_interval.is_zero() {
            return refused("metrics_interval", "must not be 0");
        }
        Ok(())
    }
}
