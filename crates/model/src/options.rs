//! The options of an import.

use serde::{Deserialize, Serialize};

use crate::{MappingRule, Vendor, without_credentials};

/// What the key of a page (`url_id`) is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum PageKey {
    /// The page's normalised address.
    #[default]
    Url,
    /// The vendor's own identifier of the page (Disqus: the thread's `id`; WordPress: the post id),
    /// if there is one.
    Identifier,
    /// The vendor's item id: host and path, or the value that the site set. For vendors without
    /// one, the same as `identifier`.
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

/// The scheme of page addresses, for vendors whose files contain none.
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

/// The options of an import. The defaults suit most people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own to the admin")]
pub struct ImportOptions {
    /// The vendor that the admin named; `None` to detect it from the content. A file of another
    /// vendor is refused.
    pub vendor: Option<Vendor>,
    /// Read everything but write no comment: reports what would happen.
    pub dry_run: bool,
    /// Do a dry run first, then wait for an admin's confirmation and import the same upload.
    pub check: bool,
    /// What page keys are based on.
    pub page_key: PageKey,
    /// For Commento, whose files contain no scheme.
    pub scheme: Scheme,
    /// IANA name of the zone for times without one; `None` reads them as UTC and reports that in a
    /// finding.
    pub time_zone: Option<String>,
    /// Address of the site, for files that do not name it: identifies the comments' site and (Muut,
    /// Commento) the location of the pages.
    pub site_url: Option<String>,
    /// Rules that replace the start of page addresses before the page's key is computed; the first
    /// match applies.
    pub mapping: Vec<MappingRule>,
    /// Import pingbacks and trackbacks as comments.
    pub include_pingbacks: bool,
    /// Store commenters' IP addresses.
    pub include_ip_addresses: bool,
    /// Leave spam out.
    pub exclude_spam: bool,
    /// Read what is readable of an archive whose checksum does not match; each of its comments gets
    /// a finding. Without this, such an archive is refused.
    pub salvage: bool,
    /// Let the file replace stored data even if that comes from a newer file
    /// ([`crate::Reason::OlderFile`]).
    pub overwrite: bool,
}

/// The options that determine the pages of an import. If they differ from those of a site's last
/// import, threads move to other pages.
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
    /// The options that determine pages.
    #[must_use]
    pub fn pages(&self) -> PageOptions {
        PageOptions { page_key: self.page_key, scheme: self.scheme, mapping: self.mapping.clone() }
    }

    /// Sets the options that determine pages.
    pub fn set_pages(&mut self, pages: PageOptions) {
        let PageOptions { page_key, scheme, mapping } = pages;
        (self.page_key, self.scheme, self.mapping) = (page_key, scheme, mapping);
    }

    /// Validates an admin's [`ImportOptions::site_url`]. The error is a sentence for people.
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
