//! Configuration: built-in defaults, then the file, then the environment, then flags. Later sources
//! override earlier ones.

mod auth;
mod error;
mod notifier;
mod sections;
mod source;
mod telemetry;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use serde::Deserialize;

pub use auth::{AuthConfig, JwksPlace, JwtConfig};
pub use error::ConfigError;
pub use notifier::{NotifierConfig, SlackConfig, SmtpConfig, SmtpTls, WebhookConfig};
pub use sections::{GatewayConfig, StatusConfig, WorkerConfig};
use source::Source;
pub use telemetry::TelemetryConfig;

/// The file that is read when none is named, if it exists.
const USUAL_FILE: &str = "rethread.toml";

/// All settings. docs/configuration.md describes each key.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Directory of the embedded stores.
    pub data: PathBuf,
    /// The upload store; the default is `file:DATA/blobs`.
    pub blobs: Option<StoreUrl>,
    /// The job store; the default is `sqlite:DATA/jobs.db`.
    pub jobs: Option<StoreUrl>,
    /// The queue for tasks and events; the default is `memory:`.
    pub queue: Option<StoreUrl>,
    /// The store for comments and tokens; the default is `sqlite:DATA/comments.db`.
    pub comments: Option<StoreUrl>,
    /// Listen address of the HTTP API and the dashboard.
    pub http: SocketAddr,
    /// Listen address of the status service.
    pub grpc: SocketAddr,
    /// Listen address of liveness, readiness and metrics; disabled by default. Must not be
    /// exposed publicly.
    pub admin: Option<SocketAddr>,
    /// URL of the status service, for the gateway; see [`Config::status_url`].
    pub status: Option<String>,
    /// The format of log lines.
    pub log: LogFormat,
    /// How long a soft stop may take before it becomes a hard one.
    #[serde(with = "sections::friendly")]
    pub stop_grace: std::time::Duration,
    /// Authentication.
    pub auth: AuthConfig,
    /// The HTTP API.
    pub gateway: GatewayConfig,
    /// Workers and the janitor.
    pub worker: WorkerConfig,
    /// The gRPC service.
    pub status_service: StatusConfig,
    /// How operators are notified of failures.
    pub notifier: NotifierConfig,
    /// Export to a telemetry collector.
    pub telemetry: TelemetryConfig,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human-readable text.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// The URL of a store. It may contain a password, so `Debug` omits everything between the scheme
/// and the host.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct StoreUrl(String);

impl StoreUrl {
    /// The complete URL, for connecting.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.split_once(':').map_or("", |(scheme, _)| scheme);
        let host = self.0.rsplit_once('@').map_or("", |(_, host)| host);
        let host = host.split(['?', '#']).next().unwrap_or_default();
        write!(f, "{scheme}:…{host}")
    }
}

/// Settings from command-line flags.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--data`
    pub data: Option<PathBuf>,
    /// `--http`
    pub http: Option<SocketAddr>,
    /// `--grpc`
    pub grpc: Option<SocketAddr>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("rethread-data"),
            blobs: None,
            jobs: None,
            queue: None,
            comments: None,
            http: SocketAddr::from(([127, 0, 0, 1], 8080)),
            grpc: SocketAddr::from(([127, 0, 0, 1], 50051)),
            admin: None,
            status: None,
            log: LogFormat::Text,
            stop_grace: std::time::Duration::from_secs(30),
            auth: AuthConfig::default(),
            gateway: GatewayConfig::default(),
            worker: WorkerConfig::default(),
            status_service: StatusConfig::default(),
            notifier: NotifierConfig::default(),
            telemetry: TelemetryConfig::default(),
        }
    }
}

impl Config {
    /// Reads the configuration: the defaults, `config_file` (or `rethread.toml` in the working
    /// directory, if it exists), the environment, `overrides`. Also reads the files that contain
    /// secrets. Binds no ports and connects to nothing.
    pub fn load(config_file: Option<&Path>, overrides: Overrides) -> Result<Self, ConfigError> {
        Self::from_parts(config_file, std::env::vars_os(), overrides)
    }

    /// [`Config::load`] with a given environment.
    pub(crate) fn from_parts(
        config_file: Option<&Path>,
        environment: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
        overrides: Overrides,
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        let usual_file = Path::new(USUAL_FILE);
        if let Some(file) = config_file.or_else(|| usual_file.is_file().then_some(usual_file)) {
            figment = figment.merge(Source::file(file)?);
        }
        let environment: Vec<_> = environment.into_iter().collect();
        let standard = environment.iter().find(|(name, _)| name == telemetry::STANDARD_VARIABLE);
        let collector = standard.map(|(_, value)| value.to_string_lossy().into_owned());
        for variable in Source::environment(environment)? {
            figment = figment.merge(variable);
        }
        let mut config: Self = figment.extract_lossy().map_err(|error| ConfigError::rejected(error, &figment))?;
        config.data = overrides.data.unwrap_or(config.data);
        config.http = overrides.http.unwrap_or(config.http);
        config.grpc = overrides.grpc.unwrap_or(config.grpc);
        config.auth.validate()?;
        config.worker.validate()?;
        config.gateway.validate()?;
        config.status_service.validate()?;
        config.telemetry.or_standard(collector.as_deref())?;
        config.telemetry.validate()?;
        Ok(config)
    }

    /// The URLs of the four backends. Those not configured default to embedded stores
    /// under [`Config::data`].
    #[must_use]
    pub fn urls(&self) -> crate::Urls {
        let under_data = |scheme: &str, name: &str| format!("{scheme}:{}", self.data.join(name).display());
        let given = |url: &Option<StoreUrl>| url.as_ref().map(|url| url.0.clone());
        crate::Urls {
            blobs: given(&self.blobs).unwrap_or_else(|| under_data("file", "blobs")),
            jobs: given(&self.jobs).unwrap_or_else(|| under_data("sqlite", "jobs.db")),
            queue: given(&self.queue).unwrap_or_else(|| "memory:".to_owned()),
            comments: given(&self.comments).unwrap_or_else(|| under_data("sqlite", "comments.db")),
        }
    }

    /// The dashboard's address for users: `gateway.public_url`, or the API's address on
    /// this machine.
    #[must_use]
    pub fn dashboard_url(&self, http: SocketAddr) -> String {
        let scheme = if self.gateway.tls_files().is_some() { "https" } else { "http" };
        let here = || format!("{scheme}://{}/", reachable(http));
        self.gateway.public_url.as_ref().map_or_else(here, ToString::to_string)
    }

    /// The address of the status service for the gateway: `status`, or the loopback address of
    /// `grpc` without TLS.
    #[must_use]
    pub fn status_url(&self) -> String {
        self.status.clone().unwrap_or_else(|| format!("http://{}", reachable(self.grpc)))
    }
}

/// An address at which this machine can reach a listener on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests;
