//! The one decision whether a thread is moved, and where to.

use super::rule::host;
use super::{MoveRule, MoveTarget};
use crate::{MappingRule, MappingRules, PageLocation, page_key};

/// A rule, made ready to be compared with where threads are.
#[derive(Debug, Clone)]
pub struct MoveMatcher {
    /// Of a page, its key; of a domain, what the keys of its pages begin with.
    from: String,
    to: Goal,
}

#[derive(Debug, Clone)]
enum Goal {
    Site(MappingRules),
    Page(PageLocation),
}

/// What a store can look for before it asks [`MoveMatcher::destination`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveFilter<'a> {
    /// Threads whose page has this key.
    Key(&'a str),
    /// Threads whose page has a key or an address that holds this text, which may be empty. In addresses it may be written
    /// in capitals, encoded, or not in ASCII.
    Host(&'a str),
}

impl MoveMatcher {
    pub(super) fn new(rule: &MoveRule) -> Self {
        let to = match &rule.to {
            MoveTarget::Domain(to) => Goal::Site(of_site(rule.from.host(), to)),
            MoveTarget::Url(url) => Goal::Page(PageLocation { url_id: page_key(url), url: Some(url.clone()) }),
            MoveTarget::UrlId(url_id) => Goal::Page(PageLocation { url_id: page_key(url_id), url: None }),
        };
        Self { from: rule.from.key(), to }
    }

    /// Where a thread goes whose page has this key and address now; `None` where it is not concerned.
    #[must_use]
    pub fn destination(&self, url_id: &str, url: Option<&str>) -> Option<PageLocation> {
        match &self.to {
            Goal::Site(rules) => rules.place(url_id, url),
            Goal::Page(_) if url_id != self.from => None,
            Goal::Page(to) => {
                let url = to.url.clone().or_else(|| url.map(str::to_owned));
                Some(PageLocation { url_id: to.url_id.clone(), url })
            }
        }
    }

    /// What the threads that it moves have in common.
    #[must_use]
    pub fn sought(&self) -> MoveFilter<'_> {
        match self.to {
            // Numeric addresses have too many notations to be looked for.
            Goal::Site(_) if !self.from.contains(|c: char| c.is_ascii_alphabetic()) => MoveFilter::Host(""),
            Goal::Site(_) => MoveFilter::Host(&self.from),
            Goal::Page(_) => MoveFilter::Key(&self.from),
        }
    }
}

impl MoveTarget {
    fn host(&self) -> &str {
        match self {
            Self::Domain(domain) => domain,
            Self::Url(_) | Self::UrlId(_) => "",
        }
    }
}

/// Without a scheme, so that each address keeps its own.
fn of_site(from: &str, to: &str) -> MappingRules {
    let site = |domain: &str| format!("//{}", host(domain).unwrap_or_default());
    MappingRules::new(&[MappingRule { from: site(from), to: site(to) }])
}
