//! How operators are notified of failures. Secrets are given directly or in a file, and are
//! never displayed.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

/// The notification channels. Every configured channel is used; the log is always enabled.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotifierConfig {
    /// A webhook signed by the Standard Webhooks scheme.
    pub webhook: Option<WebhookConfig>,
    /// Slack, or any service that accepts `{"text": …}`.
    pub slack: Option<SlackConfig>,
    /// E-mail.
    pub smtp: Option<SmtpConfig>,
    /// Address of the dashboard, for links in messages.
    pub dashboard_url: Option<Url>,
}

/// A webhook signed by the Standard Webhooks scheme.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawWebhook")]
pub struct WebhookConfig {
    /// The URL to post to.
    pub url: Url,
    /// `whsec_` followed by 24 to 64 random bytes in base64.
    pub secret: SecretString,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWebhook {
    url: Url,
    secret: Option<SecretString>,
    secret_file: Option<PathBuf>,
}

impl TryFrom<RawWebhook> for WebhookConfig {
    type Error = String;

    fn try_from(raw: RawWebhook) -> Result<Self, String> {
        Ok(Self { url: raw.url, secret: required("secret", raw.secret, raw.secret_file)? })
    }
}

/// Slack, or any service that accepts `{"text": …}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawSlack")]
pub struct SlackConfig {
    /// The URL to post to. It is a secret, since anyone who knows it may post. A valid `http` or
    /// `https` URL.
    pub url: SecretString,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSlack {
    url: Option<SecretString>,
    url_file: Option<PathBuf>,
}

impl TryFrom<RawSlack> for SlackConfig {
    type Error = String;

    fn try_from(raw: RawSlack) -> Result<Self, String> {
        let url = required("url", raw.url, raw.url_file)?;
        match Url::parse(url.expose_secret()) {
            Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => Ok(Self { url }),
            _ => Err("url is not an http or https URL".to_owned()),
        }
    }
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// No protection; for a relay on this host.
    None,
    /// TLS from the first byte.
    Tls,
    /// TLS after STARTTLS, which the server must offer.
    #[default]
    StartTls,
}

impl SmtpTls {
    /// The conventional port for this mode.
    #[must_use]
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::Tls => 465,
            Self::StartTls => 587,
        }
    }
}

/// E-mail through a mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawSmtp")]
pub struct SmtpConfig {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// User and password, if the server requires them.
    pub login: Option<(String, SecretString)>,
    /// The sender.
    pub from: String,
    /// The recipients; at least one.
    pub to: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSmtp {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    tls: SmtpTls,
    username: Option<String>,
    password: Option<SecretString>,
    password_file: Option<PathBuf>,
    from: String,
    to: Addresses,
}

/// A list in a file, or a comma-separated text in the environment.
#[derive(Deserialize)]
#[serde(untagged)]
enum Addresses {
    List(Vec<String>),
    Text(String),
}

impl TryFrom<RawSmtp> for SmtpConfig {
    type Error = String;

    fn try_from(raw: RawSmtp) -> Result<Self, String> {
        let to: Vec<String> = match raw.to {
            Addresses::List(list) => list,
            Addresses::Text(text) => text.split(',').map(|address| address.trim().to_owned()).collect(),
        };
        if to.is_empty() || to.iter().chain([&raw.from]).any(|address| !address.contains('@')) {
            return Err("\"from\" and \"to\" need e-mail addresses".to_owned());
        }
        let password = optional("password", raw.password, raw.password_file)?;
        let login = match (raw.username, password) {
            (Some(username), Some(password)) => Some((username, password)),
            (None, None) => None,
            (Some(_), None) => return Err("\"username\" needs \"password\" or \"password_file\"".to_owned()),
            (None, Some(_)) => return Err("\"password\" needs \"username\"".to_owned()),
        };
        if login.is_some() && raw.tls == SmtpTls::None {
            return Err("a password is not sent over a connection with tls = \"none\"".to_owned());
        }
        let port = raw.port.unwrap_or(raw.tls.usual_port());
        Ok(Self { host: raw.host, port, tls: raw.tls, login, from: raw.from, to })
    }
}

fn required(key: &str, value: Option<SecretString>, file: Option<PathBuf>) -> Result<SecretString, String> {
    optional(key, value, file)?.ok_or_else(|| format!("needs \"{key}\" or \"{key}_file\""))
}

fn optional(key: &str, value: Option<SecretString>, file: Option<PathBuf>) -> Result<Option<SecretString>, String> {
    match (value, file) {
        (Some(_), Some(_)) => Err(format!("\"{key}\" and \"{key}_file\" exclude each other")),
        (value, None) => Ok(value),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| format!("cannot read the \"{key}_file\" {}: {error}", file.display()))?;
            Ok(Some(SecretString::from(text.trim_end())))
        }
    }
}
