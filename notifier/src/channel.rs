//! Notification channels to the operators.

#[cfg(feature = "smtp")]
mod email;
#[cfg(not(feature = "smtp"))]
#[path = "channel/no_email.rs"]
mod email;
mod http;
mod log;
mod slack;
mod webhook;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use rethread_model::Clock;
use rethread_runtime::{ConfigError, NotifierConfig};
use secrecy::ExposeSecret as _;

use crate::notice::Notice;

/// A notification channel to the operators.
#[async_trait]
pub trait Channel: Send + Sync + Debug {
    /// The name under which the job store records deliveries. Must never change.
    fn name(&self) -> &'static str;

    /// Sends the notice. Returns once the other side has accepted it.
    async fn send(&self, notice: &Notice) -> Result<(), SendError>;
}

/// Why a message was not accepted. `problem` never contains the channel's address, since some
/// addresses are secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct SendError {
    /// What went wrong.
    pub problem: String,
    /// Whether a retry may succeed soon; otherwise someone has to fix the channel first.
    pub is_passing: bool,
}

impl SendError {
    /// A problem after which a retry may succeed.
    pub fn passing(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), is_passing: true }
    }

    pub(crate) fn lasting(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), is_passing: false }
    }
}

/// Checks that the channels can be built, so that errors surface before anything starts.
pub fn check(config: &NotifierConfig) -> Result<(), ConfigError> {
    let clock = Arc::new(rethread_model::SystemClock);
    channels(config, clock).map(drop)
}

/// All configured channels, plus the log.
pub(crate) fn channels(config: &NotifierConfig, clock: Arc<dyn Clock>) -> Result<Vec<Box<dyn Channel>>, ConfigError> {
    let mut channels: Vec<Box<dyn Channel>> = vec![Box::new(log::Log)];
    if let Some(webhook) = &config.webhook {
        let client = http::client(webhook.url.as_str()).map_err(|problem| rejected("notifier.webhook", &problem))?;
        let webhook = webhook::Webhook::new(webhook, client, Arc::clone(&clock));
        channels.push(Box::new(webhook.map_err(|problem| rejected("notifier.webhook.secret", &problem))?));
    }
    if let Some(slack) = &config.slack {
        let client = http::client(slack.url.expose_secret()).map_err(|problem| rejected("notifier.slack", &problem))?;
        channels.push(Box::new(slack::Slack::new(slack.clone(), client)));
    }
    if let Some(smtp) = &config.smtp {
        let email = email::Email::new(smtp, clock).map_err(|problem| rejected("notifier.smtp", &problem))?;
        channels.push(Box::new(email));
    }
    Ok(channels)
}

fn rejected(key: &str, problem: &str) -> ConfigError {
    ConfigError::Value { key: key.to_owned(), problem: problem.to_owned() }
}
