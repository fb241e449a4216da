//! Slack's incoming webhooks and compatible services (Mattermost, Rocket.Chat, Discord
//! under `/slack`).

use async_trait::async_trait;
use reqwest::Client;
use rethread_runtime::SlackConfig;
use secrecy::ExposeSecret as _;

use super::{Channel, SendError, http};
use crate::notice::Notice;

#[derive(Debug)]
pub(super) struct Slack {
    config: SlackConfig,
    client: Client,
}

impl Slack {
    pub(super) const fn new(config: SlackConfig, client: Client) -> Self {
        Self { config, client }
    }
}

#[async_trait]
impl Channel for Slack {
    fn name(&self) -> &'static str {
        "slack"
    }

    async fn send(&self, notice: &Notice) -> Result<(), SendError> {
        let body = serde_json::json!({ "text": escape(&notice.text) }).to_string();
        http::post(self.client.post(self.config.url.expose_secret()), body.into_bytes()).await
    }
}

/// Escapes the three characters that Slack treats as markup
/// (<https://docs.slack.dev/messaging/formatting-message-text>).
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
