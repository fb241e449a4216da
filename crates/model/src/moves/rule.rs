//! The source and destination of a move, as admins state them.

use serde::{Deserialize, Serialize};
use url::{Position, Url};

use super::MoveMatcher;
use crate::page_key;

/// The source or destination of a move. As JSON `{"domain": "old.example"}`, `{"url": "https://…"}`
/// or `{"url_id": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MoveTarget {
    /// A whole site by its host, with an optional port: all its pages, but not those of its
    /// sub-domains. `www.` does not matter.
    Domain(String),
    /// The page with the key of this address, and not the pages below it.
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

    /// The key of the source; for a domain, the prefix of its pages' keys.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Domain(domain) => page_key(&format!("https://{}", host(domain).unwrap_or_default())),
            Self::Url(url) => page_key(url),
            Self::UrlId(url_id) => url_id.clone(),
        }
    }
}

/// The source and destination of threads. A domain moves to a domain, a page to a page.
///
/// The current location of a thread counts, after earlier moves. From domain to domain, the address
/// of a thread always changes, and so does its key if it derives from the address. To a URL, both
/// become those of the URL; to a key, the address stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "Sides")]
#[non_exhaustive]
pub struct MoveRule {
    /// The source.
    pub from: MoveTarget,
    /// The destination.
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

/// Why a move was rejected: a sentence for people.
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
    /// Maximum length of a target's text, in bytes.
    pub const LONGEST: usize = 2_000;

    /// Checks both targets. Spaces around them are ignored.
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

    /// Prepares the rule for comparison.
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

/// The host and port of a domain in lower case and as ASCII; `None` if the text contains anything
/// else.
pub(super) fn host(domain: &str) -> Option<String> {
    if domain.contains(['/', '\\', '?', '#', '@', '%']) || domain.contains(char::is_whitespace) {
        return None;
    }
    let url = Url::parse(&format!("https://{domain}")).ok()?;
    Some(url[Position::BeforeHost..Position::AfterPort].to_owned())
}
