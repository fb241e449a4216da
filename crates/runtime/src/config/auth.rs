//! Authentication: sessions, and the identity provider whose tokens are accepted.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::{Host, Url};

use super::ConfigError;
use super::sections::friendly;

/// Authentication.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// How long a browser stays signed in.
    #[serde(with = "friendly")]
    pub session_ttl: Duration,
    /// The identity provider whose signed tokens (JWT) are accepted in addition to Rethread's own.
    pub jwt: Option<JwtConfig>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self { session_ttl: Duration::from_hours(12), jwt: None }
    }
}

impl AuthConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let longest = Duration::from_hours(24 * 365);
        if self.session_ttl.is_zero() || self.session_ttl > longest {
            let problem = "must be more than nothing and a year at most".to_owned();
            return Err(ConfigError::Value { key: "auth.session_ttl".to_owned(), problem });
        }
        Ok(())
    }
}

/// An identity provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawJwt")]
pub struct JwtConfig {
    /// Required value of the claim `iss`.
    pub issuer: String,
    /// Required value, or element, of the claim `aud`.
    pub audience: String,
    /// The location of the provider's public keys.
    pub jwks: JwksPlace,
    /// The claim that contains the account.
    pub account_claim: String,
    /// The claim that contains the role.
    pub role_claim: String,
    /// The claim that contains the person's name.
    pub name_claim: String,
}

/// The location of a set of public keys (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwksPlace {
    /// `https`, or `http` on this machine.
    Url(Url),
    /// A file, which may be replaced while processes run.
    File(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawJwt {
    issuer: String,
    audience: String,
    jwks_url: Option<Url>,
    jwks_file: Option<PathBuf>,
    #[serde(default = "account_claim")]
    account_claim: String,
    #[serde(default = "role_claim")]
    role_claim: String,
    #[serde(default = "name_claim")]
    name_claim: String,
}

fn account_claim() -> String {
    "account".to_owned()
}

fn role_claim() -> String {
    "role".to_owned()
}

fn name_claim() -> String {
    "name".to_owned()
}

impl TryFrom<RawJwt> for JwtConfig {
    type Error = String;

    fn try_from(raw: RawJwt) -> Result<Self, String> {
        let texts = [
            ("issuer", &raw.issuer),
            ("audience", &raw.audience),
            ("account_claim", &raw.account_claim),
            ("role_claim", &raw.role_claim),
            ("name_claim", &raw.name_claim),
        ];
        if let Some((key, _)) = texts.into_iter().find(|(_, text)| text.is_empty()) {
            return Err(format!("\"{key}\" is empty"));
        }
        let jwks = match (raw.jwks_url, raw.jwks_file) {
            (Some(url), None) if is_safe(&url) => JwksPlace::Url(url),
            (Some(_), None) => {
                return Err("\"jwks_url\" must be https: whoever stands between could let anybody in".to_owned());
            }
            (None, Some(file)) => JwksPlace::File(file),
            (None, None) => return Err("needs \"jwks_url\" or \"jwks_file\"".to_owned()),
            (Some(_), Some(_)) => return Err("\"jwks_url\" and \"jwks_file\" exclude each other".to_owned()),
        };
        Ok(Self {
            issuer: raw.issuer,
            audience: raw.audience,
            jwks,
            account_claim: raw.account_claim,
            role_claim: raw.role_claim,
            name_claim: raw.name_claim,
        })
    }
}

/// Plain HTTP is safe on loopback: its traffic cannot be intercepted.
fn is_safe(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}
