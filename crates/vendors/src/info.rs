//! What people and tools need to know about a vendor.

use rethread_model::{PageKey, Vendor};

/// The facts about a vendor that need no code.
#[derive(Debug)]
pub struct VendorInfo {
    /// The vendor; its word and its name belong to the enum.
    pub vendor: Vendor,
    /// What in a file shows that it is this vendor's, for people.
    pub evidence: &'static str,
    /// How its documents are written.
    pub syntax: Syntax,
    /// What the file leaves open and the admin is asked at once.
    pub first_questions: &'static [Question],
    /// What else the admin may say about the file. Some options, such as the site's address and
    /// mapping rules, make sense for any file.
    pub more_questions: &'static [Question],
    /// The systems that write these files, by the names that people know.
    pub products: &'static [&'static str],
}

impl VendorInfo {
    /// Its word in files, options and the API.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.vendor.as_str()
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.vendor.name()
    }

    /// The heading of its section in docs/formats.md, which says how to get the file: "A, B and C".
    #[must_use]
    pub fn heading(&self) -> String {
        match self.products {
            [] => self.name().to_owned(),
            [only] => (*only).to_owned(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }

    /// Whether the admin is asked this question.
    #[must_use]
    pub fn asks(&self, question: Question) -> bool {
        self.first_questions.contains(&question) || self.more_questions.contains(&question)
    }
}

/// How a vendor's documents are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// XML.
    Xml,
    /// JSON, perhaps also tables with the same names.
    Json,
}

/// A question that a vendor's file leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The address of the site, without which pages have none.
    SiteUrl,
    /// Whether pages are identified by something else than their address.
    PageKey(PageKey),
    /// The scheme of addresses.
    Scheme,
    /// The time zone of times without one.
    TimeZone,
    /// Whether pingbacks come over.
    Pingbacks,
    /// Whether IP addresses come over.
    IpAddresses,
    /// Whether spam stays behind.
    ExcludeSpam,
}

impl Question {
    /// The word of the API's option, with the answer that the question offers if it has several.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SiteUrl => "site_url",
            Self::PageKey(PageKey::Item) => "page_key:item",
            Self::PageKey(PageKey::Url | PageKey::Identifier) => "page_key:identifier",
            Self::Scheme => "scheme",
            Self::TimeZone => "time_zone",
            Self::Pingbacks => "pingbacks",
            Self::IpAddresses => "ip_addresses",
            Self::ExcludeSpam => "exclude_spam",
        }
    }
}
