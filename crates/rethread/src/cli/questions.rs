//! Options of an import beside its file.

use clap::{Args, ValueEnum};
use rethread_model::{ImportOptions, MappingRule, PageKey, Scheme, Vendor};
use rethread_vendors::{Question, VendorInfo, vendors};

/// What the vendor's file omits, and what to leave out.
#[derive(Debug, Clone, Args)]
pub(crate) struct Questions {
    /// Refuse the file unless it is from this vendor [default: detect the vendor from the content]
    #[arg(long, value_parser = vendor_or_auto, value_name = "VENDOR", default_value = "auto")]
    pub(crate) vendor: VendorChoice,
    #[arg(long, value_enum, default_value_t = PageKeyWord::Url, help = page_key_help())]
    pub(crate) page_key: PageKeyWord,
    #[arg(long, value_enum, default_value_t = SchemeWord::Https, help = scheme_help())]
    pub(crate) scheme: SchemeWord,
    #[arg(long, value_name = "URL", value_parser = site_url, help = site_url_help())]
    pub(crate) site_url: Option<String>,
    /// Table of rules that replace prefixes of page addresses: CSV with the header from,to
    #[arg(long, value_name = "RULES.csv", value_parser = mapping)]
    pub(crate) map: Option<Mapping>,
    /// Time zone of times without one, such as Europe/Paris [default: UTC, recorded as a finding]
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    pub(crate) time_zone: Option<String>,
    /// Also import these
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) include: Vec<Include>,
    /// Leave these out
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) exclude: Vec<Exclude>,
    /// Read what is readable of a gzip or zip whose checksum does not match, and mark each of its
    /// comments [default: refuse the file]
    #[arg(long)]
    pub(crate) salvage: bool,
    /// Let the file replace stored comments, even those from a newer file [default: an older file
    /// only adds what is missing]
    #[arg(long)]
    pub(crate) overwrite: bool,
}

fn page_key_help() -> String {
    let [identifier, item] = [PageKey::Identifier, PageKey::Item].map(|key| vendors_asked(Question::PageKey(key)));
    format!("What identifies pages: their address, or the vendor's own identifier ({identifier}) or item ({item})")
}

fn scheme_help() -> String {
    format!("Scheme of page addresses ({}, whose files contain none)", vendors_asked(Question::Scheme))
}

fn site_url_help() -> String {
    let asked = vendors_asked(Question::SiteUrl);
    format!("Address of the site with its scheme, for files that do not name their site ({asked}, for instance)")
}

/// The names of the vendors whose files leave this question open.
fn vendors_asked(question: Question) -> String {
    let names: Vec<&str> = vendors().filter(|info| info.asks(question)).map(VendorInfo::name).collect();
    names.join(", ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageKeyWord {
    Url,
    Identifier,
    Item,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemeWord {
    Http,
    Https,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Include {
    /// Pingbacks and trackbacks
    Pingbacks,
    /// Commenters' IP addresses
    IpAddresses,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Exclude {
    /// Comments that the vendor marked as spam
    Spam,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VendorChoice(Option<Vendor>);

/// Rules from a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mapping(Vec<MappingRule>);

/// Runs while arguments are parsed, so that an invalid table stops the command before it
/// does anything.
fn mapping(path: &str) -> Result<Mapping, String> {
    let table = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    MappingRule::parse_table(&table).map(Mapping).map_err(|invalid| invalid.to_string())
}

fn site_url(text: &str) -> Result<String, &'static str> {
    ImportOptions::parse_site_url(text)
}

fn vendor_or_auto(word: &str) -> Result<VendorChoice, rethread_model::UnknownVendor> {
    if word == "auto" { Ok(VendorChoice(None)) } else { word.parse().map(|vendor| VendorChoice(Some(vendor))) }
}

fn time_zone(name: &str) -> Result<String, String> {
    match jiff::tz::TimeZone::get(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(_) => Err("this is no time zone of the IANA database; use a name such as Europe/Paris".to_owned()),
    }
}

impl Questions {
    /// The options of the import.
    pub(crate) fn options(&self, dry_run: bool) -> ImportOptions {
        ImportOptions {
            vendor: self.vendor.0,
            dry_run,
            check: false,
            page_key: match self.page_key {
                PageKeyWord::Url => PageKey::Url,
                PageKeyWord::Identifier => PageKey::Identifier,
                PageKeyWord::Item => PageKey::Item,
            },
            scheme: match self.scheme {
                SchemeWord::Http => Scheme::Http,
                SchemeWord::Https => Scheme::Https,
            },
            time_zone: self.time_zone.clone(),
            site_url: self.site_url.clone(),
            mapping: self.map.clone().unwrap_or_default().0,
            include_pingbacks: self.include.contains(&Include::Pingbacks),
            include_ip_addresses: self.include.contains(&Include::IpAddresses),
            exclude_spam: self.exclude.contains(&Exclude::Spam),
            salvage: self.salvage,
            overwrite: self.overwrite,
        }
    }
}
