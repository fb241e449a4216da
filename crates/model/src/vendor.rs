//! Where comments come from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The system that an export file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// Disqus, XML export.
    Disqus,
    /// WordPress, WXR (RSS 2.0 with `wp:` elements). Disqus's import dialect is WXR too.
    WordPress,
    /// Commento, Commento++ and Comentario, JSON.
    Commento,
    /// Hyvor Talk, JSON.
    Hyvor,
    /// Muut, JSON.
    Muut,
    /// IntenseDebate, XML.
    IntenseDebate,
    /// Just-Comments, JSON.
    JustComments,
}

impl Vendor {
    /// All vendors, in display order.
    pub const ALL: [Self; 7] = [
        Self::Disqus,
        Self::WordPress,
        Self::Commento,
        Self::Hyvor,
        Self::Muut,
        Self::IntenseDebate,
        Self::JustComments,
    ];

    /// The word used in files, in the API and in computed ids. Never changes: ids depend on it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disqus => "disqus",
            Self::WordPress => "wordpress",
            Self::Commento => "commento",
            Self::Hyvor => "hyvor",
            Self::Muut => "muut",
            Self::IntenseDebate => "intensedebate",
            Self::JustComments => "justcomments",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disqus => "Disqus",
            Self::WordPress => "WordPress",
            Self::Commento => "Commento",
            Self::Hyvor => "Hyvor Talk",
            Self::Muut => "Muut",
            Self::IntenseDebate => "IntenseDebate",
            Self::JustComments => "Just-Comments",
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word does not name a vendor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a vendor; use one of disqus, wordpress, commento, hyvor, muut, intensedebate, justcomments")]
pub struct UnknownVendor(pub String);

impl FromStr for Vendor {
    type Err = UnknownVendor;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|vendor| vendor.as_str() == word).ok_or_else(|| UnknownVendor(word.to_owned()))
    }
}

/// One site at a vendor: a Disqus forum, the base URL of a WordPress site, a Commento domain. The
/// scope of the vendor's ids. Stored as normalised by the reader (host names in lower case, no
/// trailing slash).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Origin(String);

impl Origin {
    /// An origin from the vendor's name for it, already normalised.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
