//! What an admin may ask of an import.

use serde::{Deserialize, Serialize};

use crate::{MappingRule, Vendor, without_credentials};

/// What the key of a page (`url_id`) is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum PageKey {
    /// The page's normalised address.
    #[default]
    Url,
    /// The vendor's own identifier of the page (Disqus: the thread's `id`; WordPress: the post id), where there is one.
    Identifier,
    /// Just-Comments' item id: host and path, or whatever the site set. Elsewhere the same as `identifier`.
    Item,
}

impl PageKey {
    /// The word used in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Identifier => "identifier",
            Self::Item => "item",
        }
    }
}

/// The scheme of page addresses, for vendors whose files hold none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// `http://`
    Http,
    /// `https://`
    #[default]
    Https,
}

impl Scheme {
    /// Without `://`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The options of an import. The defaults are what most people want.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own to the admin")]
pub struct ImportOptions {
    /// The vendor that the admin named; `None` to go by the content. A file of another vendor is refused.
    pub vendor: Option<Vendor>,
    /// Read everything and write no comment: tells what would happen.
    pub dry_run: bool,
    /// Do so first, then wait for an admin's word and import the same upload.
    pub check: bool,
    /// What pages are known by.
    pub page_key: PageKey,
    /// For Commento, whose files hold no scheme.
    pub scheme: Scheme,
    /// IANA name of the zone of times that have none; `None` takes them for UTC and says so in a finding.
    pub time_zone: Option<String>,
    /// Address of the site, for files that do not name it: whose comments they are, and (Muut, Commento) where the pages are.
    pub site_url: Option<String>,
    /// Rules that replace the beginning of page addresses before the page's key is made; the first that fits is applied.
    pub mapping: Vec<MappingRule>,
    /// Import pingbacks and trackbacks as comments.
    pub include_pingbacks: bool,
    /// Store commenters' IP addresses.
    pub include_ip_addresses: bool,
    /// Leave spam out.
    pub exclude_spam: bool,
    /// Read what can be read of an archive whose checksum does not match; each of its comments gets a finding. Without this,
    /// such an archive is refused.
    pub salvage: bool,
    /// Let the file replace what is stored, also where that comes from a newer one ([`crate::Reason::OlderFile`]).
    pub overwrite: bool,
}

/// By what the pages of an import are known. Where it is not what it was at the last import of a site, threads go to other pages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PageOptions {
    /// See [`ImportOptions::page_key`].
    pub page_key: PageKey,
    /// See [`ImportOptions::scheme`].
    pub scheme: Scheme,
    /// See [`ImportOptions::mapping`].
    pub mapping: Vec<MappingRule>,
}

impl ImportOptions {
    /// By what pages are known.
    #[must_use]
    pub fn pages(&self) -> PageOptions {
        PageOptions { page_key: self.page_key, scheme: self.scheme, mapping: self.mapping.clone() }
    }

    /// Has pages known by this from now on.
    pub fn set_pages(&mut self, pages: PageOptions) {
        let PageOptions { page_key, scheme, mapping } = pages;
        (self.page_key, self.scheme, self.mapping) = (page_key, scheme, mapping);
    }

    /// Checks what an admin gives as [`ImportOptions::site_url`]. The error is a sentence for people.
    pub fn parse_site_url(text: &str) -> Result<String, &'static str> {
        let text = text.trim();
        match url::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() => {
                Ok(without_credentials(text).into_owned())
            }
            _ => Err("this is no address of a site; write it as https://example.com"),
        }
    }
}
