#![doc = include_str!("../README.md")]

mod admin;
mod audit;
mod auth;
mod backends;
mod config;
mod context;
mod descriptors;
mod http_client;
mod lifecycle;
mod network;
mod role;
mod serve;
mod telemetry;

pub use admin::{MetricsScope, serve_admin};
pub use audit::{AuditAction, AuditContext, audit, audit_local, audit_refused};
pub use auth::{AuthError, Authenticator, Caller, Credential, OpenedSession, SignIn, bearer_token};
pub use backends::{SeamReport, Urls, examine, open_backends, open_comments};
pub use config::{
    AuthConfig, Config, ConfigError, GatewayConfig, JwksPlace, JwtConfig, LogFormat, NotifierConfig, Overrides,
    SlackConfig, SmtpConfig, SmtpTls, StatusConfig, StoreUrl, TelemetryConfig, WebhookConfig, WorkerConfig,
};
pub use context::Context;
pub use descriptors::raise_descriptor_limit;
pub use http_client::{check_scheme, http_client};
pub use lifecycle::{Lifecycle, run_until_signal};
pub use network::{Networks, network_of};
pub use role::{RoleArguments, run_role};
pub use serve::{HttpLimits, Tls, TlsFiles, TlsStream, bind, serve_http};
pub use telemetry::{
    COMMAND_LOG, Counter, Histogram, METRICS, Metrics, SERVICE_LOG, SPANS, Telemetry, belongs_to, init_logging,
    links_to, trace_parent,
};
