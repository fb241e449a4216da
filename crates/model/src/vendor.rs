//! Where comments come from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Declares the vendors from one line each: the variant, its word (the variant in lower case) and
/// its name.
macro_rules! vendors {
    ($($(#[$meta:meta])* $variant:ident = $word:literal, $name:literal;)*) => {
        /// The system that an export file comes from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "lowercase")]
        pub enum Vendor {
            $($(#[$meta])* $variant,)*
        }

        impl Vendor {
            /// All vendors, in display order.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// The word used in files, in the API and in computed ids. Never changes: ids depend on
            /// it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The name for people.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

vendors! {
    /// Disqus, XML export.
    Disqus = "disqus", "Disqus";
    /// WordPress, WXR (RSS 2.0 with `wp:` elements). Disqus's import dialect is WXR too.
    WordPress = "wordpress", "WordPress";
    /// Commento, Commento++ and Comentario, JSON.
    Commento = "commento", "Commento";
    /// Hyvor Talk, JSON.
    Hyvor = "hyvor", "Hyvor Talk";
    /// Muut, JSON.
    Muut = "muut", "Muut";
    /// IntenseDebate, XML.
    IntenseDebate = "intensedebate", "IntenseDebate";
    /// Just-Comments, JSON.
    JustComments = "justcomments", "Just-Comments";
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word does not name a vendor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a vendor; use one of {list}", list = Vendor::ALL.map(Vendor::as_str).join(", "))]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_has_one_word_everywhere() {
        for vendor in Vendor::ALL {
            assert_eq!(serde_json::to_value(vendor).unwrap(), vendor.as_str());
            assert_eq!(vendor.as_str().parse(), Ok(vendor));
        }
        let unknown = "x".parse::<Vendor>().unwrap_err().to_string();
        let words = Vendor::ALL.map(Vendor::as_str).join(", ");
        assert_eq!(unknown, format!("\"x\" is not a vendor; use one of {words}"));
    }
}
