//! The admin's mapping rules, in one place for all vendors.
//!
//! A reader yields a thread as its vendor has it: `url` is the page's address in the file (or built
//! from `site_url`), and `url_id` is [`page_key`] of that address, or an identifier or path if the
//! admin chose so or there is no address. The reader neither uses `options.mapping` nor judges
//! where the address leads. [`MappingRules::apply`] then maps every thread that leaves a slice:
//! `url` becomes the address to show, `url_id` its key. A move does the same to stored threads.
//!
//! Whether a page is non-production (a test machine, a cache) is decided from the address *after*
//! mapping, once for each thread with comments: by the comment store, when it links the thread.
//! Only the store knows that a thread has comments, and there the result does not depend on how the
//! file was cut.

use url::Url;

use crate::{MappingRule, Scheme, Thread, clean_address, page_key, without_credentials};

/// Mapping rules, prepared for comparison.
#[derive(Debug, Clone, Default)]
pub struct MappingRules(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    /// As a key.
    from: String,
    /// Segments of its path.
    segments: usize,
    to: Goal,
    /// Whether a side has a query, so that nothing can follow it.
    is_whole: bool,
}

#[derive(Debug, Clone)]
enum Goal {
    /// Host and the rest, without a trailing slash; with the original's scheme if the rule has
    /// none.
    Web { scheme: Option<Scheme>, address: String },
    /// A path or an identifier.
    Opaque(String),
}

/// The identity of a thread's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLocation {
    /// Its key.
    pub url_id: String,
    /// Its address.
    pub url: Option<String>,
}

/// The replacement of an address or key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mapped {
    /// `None` if the replacement is not an address.
    url: Option<String>,
    key: String,
}

impl MappingRules {
    /// Prepares rules as admins write them.
    #[must_use]
    pub fn new(rules: &[MappingRule]) -> Self {
        Self(rules.iter().map(Rule::new).collect())
    }

    /// Maps a thread. Only the first matching rule is applied, once.
    pub fn apply(&self, thread: &mut Thread) {
        if let Some(there) = self.place(&thread.url_id, thread.url.as_deref()) {
            (thread.url_id, thread.url) = (there.url_id, there.url);
        }
    }

    /// The mapped location of a thread whose page has this key and address; `None` if no rule
    /// matches.
    #[must_use]
    pub fn place(&self, url_id: &str, url: Option<&str>) -> Option<PageLocation> {
        if self.0.is_empty() {
            return None;
        }
        let by_address = url.and_then(|url| self.map(url));
        let is_known_by_address = url.is_some_and(|url| page_key(url) == url_id);
        let by_key = if is_known_by_address { by_address.clone() } else { self.map(url_id) };
        if by_address.is_none() && by_key.is_none() {
            return None;
        }
        let mapped_url = by_address.and_then(|mapped| mapped.url);
        let (key, url_of_key) = by_key.map_or_else(|| (url_id.to_owned(), None), |mapped| (mapped.key, mapped.url));
        Some(PageLocation { url_id: key, url: mapped_url.or_else(|| url.map(str::to_owned)).or(url_of_key) })
    }

    fn map(&self, text: &str) -> Option<Mapped> {
        let key = page_key(text);
        self.0.iter().find_map(|rule| rule.map(text, &key))
    }
}

impl Rule {
    fn new(rule: &MappingRule) -> Self {
        let from = match with_scheme(&rule.from) {
            Some(address) => page_key(&address),
            None => page_key(&rule.from).trim_end_matches('/').to_owned(),
        };
        let path = from.split_once('?').map_or(from.as_str(), |(path, _)| path);
        let segments = path.matches('/').count();
        let to = Goal::of(&rule.to);
        let is_whole = from.contains('?') || to.text().contains(['?', '#']);
        Self { from, segments, to, is_whole }
    }

    fn map(&self, text: &str, key: &str) -> Option<Mapped> {
        let rest = key.strip_prefix(self.from.as_str())?;
        let is_border = rest.is_empty() || rest.starts_with(['/', '?']);
        if !is_border || (self.is_whole && !rest.is_empty()) {
            return None;
        }
        Some(match &self.to {
            Goal::Opaque(to) => Mapped { url: None, key: page_key(&format!("{to}{rest}")) },
            Goal::Web { scheme, address } => {
                let original = Url::parse(clean_address(text.trim()).as_ref())
                    .ok()
                    .filter(|url| matches!(url.scheme(), "http" | "https"));
                let scheme = match (scheme, &original) {
                    (Some(scheme), _) => scheme.as_str(),
                    (None, Some(original)) => original.scheme(),
                    (None, None) => Scheme::default().as_str(),
                };
                // Use the vendor's spelling, so that a trailing slash is kept if the new site has
                // it too.
                let rest = match &original {
                    _ if rest.is_empty() => String::new(),
                    Some(original) => rest_of(original, self.segments),
                    None => rest.to_owned(),
                };
                let url = format!("{scheme}://{address}{rest}");
                Mapped { key: page_key(&url), url: Some(url) }
            }
        })
    }
}

impl Goal {
    fn of(to: &str) -> Self {
        let to = without_credentials(to.trim());
        let to = to.as_ref();
        let Some(address) = with_scheme(to) else { return Self::Opaque(to.trim_end_matches('/').to_owned()) };
        let (scheme, rest) = address.split_once("://").unwrap_or_default();
        let scheme = if scheme.eq_ignore_ascii_case("http") { Scheme::Http } else { Scheme::Https };
        Self::Web { scheme: to.contains("://").then_some(scheme), address: rest.trim_end_matches('/').to_owned() }
    }

    fn text(&self) -> &str {
        match self {
            Self::Web { address, .. } => address,
            Self::Opaque(text) => text,
        }
    }
}

/// The text as a web address, if it is one or becomes one with a scheme: `example.com/blog` does,
/// `/blog` and `post-17` do not.
#[must_use]
pub fn with_scheme(text: &str) -> Option<String> {
    let text = text.trim();
    let has_authority = text.contains("://") || text.starts_with("//");
    if text.starts_with('/') && !has_authority {
        return None;
    }
    let address =
        if text.contains("://") { text.to_owned() } else { format!("https://{}", text.trim_start_matches('/')) };
    let url = Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    // A bare number is an identifier, although it could be a spelling of an IPv4 address.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_host = |host: &str| !is_number && host.contains(['.', ':']) || host == "localhost";
    url.host_str().is_some_and(|host| has_authority || is_host(host)).then_some(address)
}

/// The rest of an address after the first `segments` segments of its path: `/c/?x=1#d` for
/// `https://example.com/a/b/c/?x=1#d` and 2.
fn rest_of(url: &Url, segments: usize) -> String {
    let path = url.path();
    let end = path.match_indices('/').nth(segments).map_or(path.len(), |(at, _)| at);
    let mut rest = path[end..].to_owned();
    for (sign, part) in [('?', url.query()), ('#', url.fragment())] {
        if let Some(part) = part {
            rest.push(sign);
            rest.push_str(part);
        }
    }
    rest
}

#[cfg(test)]
mod tests;
