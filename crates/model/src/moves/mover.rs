//! The only place that decides whether a thread moves, and where to.

use super::rule::host;
use super::{MoveRule, MoveTarget};
use crate::{MappingRule, MappingRules, PageLocation, page_key};

/// A rule, prepared for comparison with the locations of threads.
#[derive(Debug, Clone)]
pub struct MoveMatcher {
    /// For a page, its key; for a domain, the prefix of its pages' keys.
    from: String,
    to: Goal,
}

#[derive(Debug, Clone)]
enum Goal {
    Site(MappingRules),
    Page(PageLocation),
}

/// What a store can filter by before it calls [`MoveMatcher::destination`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveFilter<'a> {
    /// Threads whose page has this key.
    Key(&'a str),
    /// Threads whose page has a key or an address that contains this text, which may be empty.
    /// Addresses may contain it in upper case, encoded, or not in ASCII.
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

    /// The destination of a thread whose page has this key and address; `None` if the thread does
    /// not move.
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

    /// The common property of the threads that it moves.
    #[must_use]
    pub fn sought(&self) -> MoveFilter<'_> {
        match self.to {
            // Numeric addresses have too many notations to filter by.
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
