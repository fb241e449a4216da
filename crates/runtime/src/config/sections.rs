//! The sections of the gateway, the worker and the status service.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::ConfigError;
use crate::{Networks, TlsFiles};

/// Durations in a human-readable form: `30s`, `1h 30m`, `500ms`.
pub(super) use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;

/// The HTTP API.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayConfig {
    /// Public address of the dashboard, such as `https://comments.example.net/`; it has no path.
    /// With `https`, cookies are sent over TLS only.
    pub public_url: Option<Url>,
    /// Maximum size of an upload; larger ones are rejected.
    pub max_upload_bytes: u64,
    /// Maximum number of concurrent uploads per account.
    pub max_uploads_per_account: usize,
    /// Maximum total size, in bytes, of an account's files that are being uploaded or not
    /// yet imported.
    pub max_stored_bytes_per_account: u64,
    /// Maximum number of exports per account that are running, or stored until they expire.
    pub max_exports_per_account: usize,
    /// A resumable upload that has not grown for this long is abandoned.
    #[serde(with = "friendly")]
    pub upload_expires_after: Duration,
    /// A WordPress site's request to be linked expires after this time unless an admin accepts it.
    /// A rejected request expires likewise.
    #[serde(with = "friendly")]
    pub site_asks_for: Duration,
    /// Maximum size of a batch from a linked site. The site splits a batch that is rejected as
    /// too large.
    pub sync_batch_bytes: usize,
    /// Maximum number of concurrent connections. To admit one more, the connection that has waited
    /// longest for a request is closed.
    pub max_connections: usize,
    /// Maximum number of connections per client address.
    pub max_connections_per_address: usize,
    /// A connection whose request head is not complete after this long is closed.
    #[serde(with = "friendly")]
    pub header_timeout: Duration,
    /// A request body is aborted when no data arrives for this long, or when it has fallen behind
    /// the minimum rate by this much.
    #[serde(with = "friendly")]
    pub body_idle_timeout: Duration,
    /// Minimum rate of a request body, in bytes per second.
    pub body_bytes_per_second: u64,
    /// A client that reads nothing of its response for this long is disconnected.
    #[serde(with = "friendly")]
    pub answer_timeout: Duration,
    /// Requests per minute with one token; the same number may arrive at once.
    pub rate_per_token: u32,
    /// Requests per minute from one address; the same number may arrive at once.
    pub rate_per_address: u32,
    /// Sign-ins per minute from one address. Also limits requests with a token or session that is
    /// new to this process or was rejected.
    pub sign_ins_per_address: u32,
    /// Networks of proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Networks,
    /// File with the TLS certificate, in PEM.
    pub tls_certificate: Option<PathBuf>,
    /// File with its private key, in PEM.
    pub tls_key: Option<PathBuf>,
    /// File with the certificate authority of the status service, in PEM; the system's authorities
    /// by default.
    pub status_authority: Option<PathBuf>,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            public_url: None,
            max_upload_bytes: 16 << 30,
            max_uploads_per_account: 4,
            max_stored_bytes_per_account: 64 << 30,
            max_exports_per_account: 20,
            upload_expires_after: Duration::from_hours(24),
            site_asks_for: Duration::from_hours(1),
            sync_batch_bytes: 8 << 20,
            max_connections: 1024,
            max_connections_per_address: 256,
            header_timeout: Duration::from_secs(10),
            body_idle_timeout: Duration::from_mins(1),
            body_bytes_per_second: 1024,
            answer_timeout: Duration::from_secs(30),
            rate_per_token: 1200,
            rate_per_address: 3000,
            sign_ins_per_address: 30,
            trusted_proxies: Networks::default(),
            tls_certificate: None,
            tls_key: None,
            status_authority: None,
        }
    }
}

impl GatewayConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let is_origin =
            |url: &Url| matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none();
        if self.public_url.as_ref().is_some_and(|url| !is_origin(url)) {
            let problem = "must be an http or https address without a path".to_owned();
            return Err(ConfigError::Value { key: "gateway.public_url".to_owned(), problem });
        }
        positive("gateway.max_upload_bytes", self.max_upload_bytes > 0)?;
        positive("gateway.max_uploads_per_account", self.max_uploads_per_account > 0)?;
        positive("gateway.max_stored_bytes_per_account", self.max_stored_bytes_per_account > 0)?;
        positive("gateway.max_exports_per_account", self.max_exports_per_account > 0)?;
        positive("gateway.site_asks_for", !self.site_asks_for.is_zero())?;
        positive("gateway.sync_batch_bytes", self.sync_batch_bytes > 0)?;
        positive("gateway.upload_expires_after", !self.upload_expires_after.is_zero())?;
        positive("gateway.max_connections", self.max_connections > 0)?;
        positive("gateway.max_connections_per_address", self.max_connections_per_address > 0)?;
        positive("gateway.header_timeout", !self.header_timeout.is_zero())?;
        positive("gateway.body_idle_timeout", !self.body_idle_timeout.is_zero())?;
        positive("gateway.body_bytes_per_second", self.body_bytes_per_second > 0)?;
        positive("gateway.answer_timeout", !self.answer_timeout.is_zero())?;
        positive("gateway.rate_per_token", self.rate_per_token > 0)?;
        positive("gateway.rate_per_address", self.rate_per_address > 0)?;
        positive("gateway.sign_ins_per_address", self.sign_ins_per_address > 0)?;
        tls_files("gateway", self.tls_certificate.as_ref(), self.tls_key.as_ref()).map(drop)
    }

    /// The TLS files, if TLS is configured.
    #[must_use]
    pub fn tls_files(&self) -> Option<TlsFiles> {
        tls_files("gateway", self.tls_certificate.as_ref(), self.tls_key.as_ref()).ok().flatten()
    }
}

/// Workers and the janitor.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerConfig {
    /// Tasks that run concurrently; the default is the number of cores.
    pub slots: usize,
    /// Slices of one job that may be in the queue or with a worker at the same time.
    pub window: u32,
    /// Approximate size of a slice, in bytes of the decompressed file.
    pub slice_bytes: u64,
    /// Maximum size of a record; a larger one becomes a finding.
    pub record_bytes: u64,
    /// Comments written in one transaction.
    pub batch_comments: usize,
    /// Number of times a slice may kill its worker before its job fails.
    pub max_attempts: u32,
    /// Delay before a task is retried after a backend outage. It doubles with each retry.
    #[serde(with = "friendly")]
    pub retry_after: Duration,
    /// Longest delay between two retries.
    #[serde(with = "friendly")]
    pub retry_at_most: Duration,
    /// Number of consecutive backend failures after which the job fails.
    pub max_retries: u32,
    /// Maximum decompressed size of an upload, in bytes.
    pub unpacked_bytes: u64,
    /// Maximum decompressed size of an upload, as a multiple of its compressed size.
    pub unpacked_ratio: u64,
    /// How often the janitor looks for leftovers.
    #[serde(with = "friendly")]
    pub janitor_interval: Duration,
    /// Tasks that have not moved for this long are published again.
    #[serde(with = "friendly")]
    pub overdue_after: Duration,
    /// An upload that has not grown for this long is abandoned.
    #[serde(with = "friendly")]
    pub upload_stalled_after: Duration,
    /// A checked import that is not confirmed within this time is cancelled.
    #[serde(with = "friendly")]
    pub confirm_within: Duration,
    /// How long the file of an export is kept.
    #[serde(with = "friendly")]
    pub export_expires_after: Duration,
    /// The sync of a linked site fails after the site has been silent for this long.
    #[serde(with = "friendly")]
    pub sync_silent_after: Duration,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            slots: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            window: 8,
            slice_bytes: 8 << 20,
            record_bytes: 16 << 20,
            batch_comments: 1000,
            max_attempts: 2,
            retry_after: Duration::from_secs(1),
            retry_at_most: Duration::from_mins(1),
            max_retries: 60,
            unpacked_bytes: 64 << 30,
            unpacked_ratio: 200,
            janitor_interval: Duration::from_secs(30),
            overdue_after: Duration::from_mins(1),
            upload_stalled_after: Duration::from_mins(10),
            confirm_within: Duration::from_hours(1),
            export_expires_after: Duration::from_hours(7 * 24),
            sync_silent_after: Duration::from_hours(72),
        }
    }
}

impl WorkerConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        positive("worker.slots", self.slots > 0)?;
        positive("worker.window", self.window > 0)?;
        positive("worker.slice_bytes", self.slice_bytes > 0)?;
        positive("worker.record_bytes", self.record_bytes > 0)?;
        positive("worker.batch_comments", self.batch_comments > 0)?;
        positive("worker.max_attempts", self.max_attempts > 0)?;
        positive("worker.retry_after", !self.retry_after.is_zero())?;
        positive("worker.retry_at_most", !self.retry_at_most.is_zero())?;
        positive("worker.max_retries", self.max_retries > 0)?;
        positive("worker.unpacked_bytes", self.unpacked_bytes > 0)?;
        positive("worker.unpacked_ratio", self.unpacked_ratio > 0)?;
        positive("worker.janitor_interval", !self.janitor_interval.is_zero())?;
        positive("worker.overdue_after", !self.overdue_after.is_zero())?;
        positive("worker.upload_stalled_after", !self.upload_stalled_after.is_zero())?;
        positive("worker.confirm_within", !self.confirm_within.is_zero())?;
        positive("worker.sync_silent_after", !self.sync_silent_after.is_zero())?;
        // The bucket's lifecycle rules delete older objects.
        let longest = Duration::from_hours(30 * 24);
        if self.export_expires_after.is_zero() || self.export_expires_after > longest {
            let problem = "must be more than nothing and 30 days at most".to_owned();
            return Err(ConfigError::Value { key: "worker.export_expires_after".to_owned(), problem });
        }
        Ok(())
    }
}

/// The gRPC service.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusConfig {
    /// Maximum number of concurrent calls, including watches, on one connection.
    pub max_calls_per_connection: u32,
    /// How often an idle connection is probed.
    #[serde(with = "friendly")]
    pub keepalive: Duration,
    /// A job that should have moved but has not for this long is reported as stalled.
    #[serde(with = "friendly")]
    pub stalled_after: Duration,
    /// File with the TLS certificate, in PEM.
    pub tls_certificate: Option<PathBuf>,
    /// File with its private key, in PEM.
    pub tls_key: Option<PathBuf>,
}

impl Default for StatusConfig {
    fn default() -> Self {
        Self {
            max_calls_per_connection: 4096,
            keepalive: Duration::from_secs(30),
            stalled_after: Duration::from_mins(2),
            tls_certificate: None,
            tls_key: None,
        }
    }
}

impl StatusConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        positive("status_service.stalled_after", !self.stalled_after.is_zero())?;
        positive("status_service.max_calls_per_connection", self.max_calls_per_connection > 0)?;
        positive("status_service.keepalive", !self.keepalive.is_zero())?;
        tls_files("status_service", self.tls_certificate.as_ref(), self.tls_key.as_ref()).map(drop)
    }

    /// The TLS files, if TLS is configured.
    #[must_use]
    pub fn tls_files(&self) -> Option<TlsFiles> {
        tls_files("status_service", self.tls_certificate.as_ref(), self.tls_key.as_ref()).ok().flatten()
    }
}

/// Both files or neither.
fn tls_files(
    section: &'static str,
    certificate: Option<&PathBuf>,
    key: Option<&PathBuf>,
) -> Result<Option<TlsFiles>, ConfigError> {
    let lacking = |lacks: &str, has: &str| {
        let (key, problem) = (format!("{section}.{lacks}"), format!("is needed beside \"{section}.{has}\""));
        Err(ConfigError::Value { key, problem })
    };
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Ok(Some(TlsFiles { section, certificate: certificate.clone(), key: key.clone() }))
        }
        (None, None) => Ok(None),
        (Some(_), None) => lacking("tls_key", "tls_certificate"),
        (None, Some(_)) => lacking("tls_certificate", "tls_key"),
    }
}

fn positive(key: &str, is_positive: bool) -> Result<(), ConfigError> {
    if is_positive {
        Ok(())
    } else {
        Err(ConfigError::Value { key: key.to_owned(), problem: "must not be 0".to_owned() })
    }
}
