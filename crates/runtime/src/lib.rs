#![doc = include_str!("../README.md")]

mod admin;
mod auth;
mod config;
mod context;
mod lifecycle;
mod role;
mod serve;
mod telemetry;

pub use admin::serve_admin;
pub use auth::bearer_token;
pub use config::{
    Config, ConfigError, GatewayConfig, LogFormat, NotifierConfig, Overrides, SlackConfig, SmtpConfig, SmtpTls,
    StatusConfig, StoreUrl, WebhookConfig, WorkerConfig,
};
pub use context::Context;
pub use lifecycle::{Lifecycle, run_until_signal};
pub use role::run_role;
pub use serve::{HttpLimits, bind, serve_http};
pub use telemetry::{COMMAND_LOG, SERVICE_LOG, init_logging};
