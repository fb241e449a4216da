//! What a document says about the site of its comments.

use std::collections::BTreeMap;

use rethread_model::{FileFacts, Origin, leads_elsewhere};
use serde_json::Value;

use crate::origin::host;

/// What one document says about its site.
#[derive(Debug, Default)]
pub struct DocumentSites {
    /// The site of all its records except those that name another one.
    pub own: Option<Origin>,
    /// The host of most of its page links, for a document that does not name its site.
    pub linked: Option<String>,
    /// Comments that name no other site.
    pub comments: u64,
    /// Comments that name another site, by site.
    pub others: BTreeMap<Origin, u64>,
    /// What every reader of the document needs and only its end reveals; becomes the member
    /// [`crate::format::FILE_HEAD`] of its slices' heads.
    pub head: Value,
}

impl DocumentSites {
    /// Counts a comment of another site. Above the limit no more sites are recorded: the file will
    /// be refused.
    pub fn add_other(&mut self, origin: &Origin) {
        let is_full = self.others.len() > FileFacts::ORIGINS;
        if let Some(count) = self.others.get_mut(origin) {
            *count += 1;
        } else if !is_full {
            self.others.insert(origin.clone(), 1);
        }
    }

    /// Whether it has comments of any site.
    #[must_use]
    pub fn has_comments(&self) -> bool {
        self.comments > 0 || !self.others.is_empty()
    }
}

/// Maximum number of hosts counted; a file of pages from all over the web has no site.
const MOST_HOSTS: usize = 1_000;

/// Counts the hosts of pages. Test machines, caches and previews count only if there is nothing
/// else.
#[derive(Debug, Default)]
pub(crate) struct Links(BTreeMap<String, (bool, u64)>);

impl Links {
    /// Counts a page.
    pub(crate) fn see(&mut self, url: &str) {
        let Some(host) = host(url) else { return };
        if self.0.len() < MOST_HOSTS || self.0.contains_key(&host) {
            self.0.entry(host).or_insert_with(|| (!leads_elsewhere(url), 0)).1 += 1;
        }
    }

    /// The host of most pages; among equals, the first by name.
    pub(crate) fn most(self) -> Option<String> {
        let (host, _) = self.0.into_iter().rev().max_by_key(|(_, rank)| *rank)?;
        Some(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_links_tell() {
        let mut links = Links::default();
        let seen = ["http://localhost/1", "http://localhost/2", "https://www.b.example/", "https://a.example/", "/x"];
        for url in seen.into_iter().chain(["http://a.example/2", "http://localhost/3"]) {
            links.see(url);
        }
        assert_eq!(links.most().as_deref(), Some("a.example"));
        let mut equal = Links::default();
        equal.see("https://b.example/");
        equal.see("https://a.example/");
        assert_eq!(equal.most().as_deref(), Some("a.example"));
    }
}
