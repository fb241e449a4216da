//! From where to where, as admins say it.

use serde::{Deserialize, Serialize};
use url::{Position, Url};

use super::MoveMatcher;
use crate::page_key;

/// What is moved from or to. As JSON `{"domain": "old.example"}`, `{"url": "https://…"}` or `{"url_id": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MoveTarget {
    /// A whole site by its host, which may be followed by a port: all its pages, but not those of its sub-domains. `www.`
    /// does not matter.
    Domain(String),
    /// The page with the key of this address, and not what lies below it.
    Url(String),
    /// The page with this key.
    UrlId(String),
}

impl MoveTarget {
    fn text(&self) -> &str {
        match self {
            Self::Domain(text) | Self::Url(text) | Self::UrlId(text) => text,
        }
    }

    fn trimmed(self) -> Self {
        match self {
            Self::Domain(text) => Self::Domain(text.trim().to_owned()),
            Self::Url(text) => Self::Url(text.trim().to_owned()),
            Self::UrlId(text) => Self::UrlId(text.trim().to_owned()),
        }
    }

    /// The key of what threads are moved from; of a domain, what the keys of its pages begin with.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Domain(domain) => page_key(&format!("https://{}", host(domain).unwrap_or_default())),
            Self::Url(url) => page_key(url),
            Self::UrlId(url_id) => url_id.clone(),
        }
    }
}

/// From where to where threads are moved. A domain goes to a domain, a page to a page.
///
/// What is at a place is decided by where the thread is now, after earlier moves. On the way from domain to domain the
/// address of a thread changes always, and its key as well where that is made of the address. On the way to a URL both
/// become those of the URL; on the way to a key the address stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "Sides")]
#[non_exhaustive]
pub struct MoveRule {
    /// What is moved.
    pub from: MoveTarget,
    /// Where it goes.
    pub to: MoveTarget,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    from: MoveTarget,
    to: MoveTarget,
}

impl TryFrom<Sides> for MoveRule {
    type Error = InvalidMove;

    fn try_from(Sides { from, to }: Sides) -> Result<Self, InvalidMove> {
        Self::new(from, to)
    }
}

/// Why a move was not taken: a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidMove(String);

impl InvalidMove {
    fn of_side(side: &str, what: &str) -> Self {
        Self(format!("\"{side}\" {what}"))
    }

    pub(super) fn shape() -> Self {
        Self("a move has \"from\" and \"to\", or else \"undo\" with the id of an earlier move".to_owned())
    }
}

impl MoveRule {
    /// Longest text of a place, in bytes.
    pub const LONGEST: usize = 2_000;

    /// Checks both places. Spaces around them do not count.
    pub fn new(from: MoveTarget, to: MoveTarget) -> Result<Self, InvalidMove> {
        let rule = Self { from: from.trimmed(), to: to.trimmed() };
        for (side, place) in [("from", &rule.from), ("to", &rule.to)] {
            check(place).map_err(|what| InvalidMove::of_side(side, what))?;
        }
        let is_domain = |place: &MoveTarget| matches!(place, MoveTarget::Domain(_));
        if is_domain(&rule.from) != is_domain(&rule.to) {
            return Err(InvalidMove("a domain can only be moved to a domain, and a page only to a page".to_owned()));
        }
        let to = match &rule.to {
            MoveTarget::UrlId(url_id) => page_key(url_id),
            to => to.key(),
        };
        if rule.from.key() == to {
            return Err(InvalidMove("\"from\" and \"to\" are the same place".to_owned()));
        }
        Ok(rule)
    }

    /// The rule, made ready to be compared.
    #[must_use]
    pub fn mover(&self) -> MoveMatcher {
        MoveMatcher::new(self)
    }
}

fn check(place: &MoveTarget) -> Result<(), &'static str> {
    let text = place.text();
    if text.is_empty() {
        return Err("is empty");
    }
    if text.len() > MoveRule::LONGEST {
        return Err("is longer than 2,000 bytes");
    }
    if text.contains(char::is_control) {
        return Err("holds control characters");
    }
    match place {
        MoveTarget::Domain(domain) if host(domain).is_none() => {
            Err("is no domain: give the host alone, such as example.com, without scheme and path")
        }
        MoveTarget::Url(url) if !is_web_address(url) => Err("is no address: it begins with http:// or https://"),
        MoveTarget::Domain(_) | MoveTarget::Url(_) | MoveTarget::UrlId(_) => Ok(()),
    }
}

fn is_web_address(text: &str) -> bool {
    text.contains("://") && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The host and port of a domain in lower case and as ASCII; `None` where the text holds anything else.
pub(super) fn host(domain: &str) -> Option<String> {
    if domain.contains(['/', '\\', '?', '#', '@', '%']) || domain.contains(char::is_whitespace) {
        return None;
    }
    let url = Url::parse(&format!("https://{domain}")).ok()?;
    Some(url[Position::BeforeHost..Position::AfterPort].to_owned())
}
