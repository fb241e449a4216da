//! Chooses the host of an export, if its format requires one.

use std::collections::HashMap;

/// Counts the comments of each host. Memory grows with the number of hosts.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    /// Comments, and the order in which hosts first appeared.
    counts: HashMap<String, (u64, usize)>,
    /// The host of the page whose comments follow.
    current: Option<String>,
}

impl Hosts {
    /// Handles a page.
    pub(super) fn see_page(&mut self, host: Option<String>) {
        if let Some(host) = &host {
            let seen_before = self.counts.len();
            self.counts.entry(host.clone()).or_insert((0, seen_before));
        }
        self.current = host;
    }

    /// Counts a comment of the page.
    pub(super) fn see_comment(&mut self) {
        if let Some((count, _)) = self.current.as_ref().and_then(|host| self.counts.get_mut(host)) {
            *count += 1;
        }
    }

    /// Whether comments must be counted at all.
    pub(super) fn are_several(&self) -> bool {
        self.counts.len() > 1
    }

    /// The host with most comments; among equals, the one that appeared first.
    pub(super) fn most(&self) -> Option<String> {
        let (host, _) =
            self.counts.iter().max_by_key(|(_, (count, seen_before))| (*count, std::cmp::Reverse(*seen_before)))?;
        Some(host.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_comments_decide() {
        let mut hosts = Hosts::default();
        for (host, comments) in [(Some("a"), 1), (Some("b"), 2), (None, 9), (Some("c"), 2), (Some("a"), 0)] {
            hosts.see_page(host.map(str::to_owned));
            (0..comments).for_each(|_| hosts.see_comment());
        }
        assert_eq!(hosts.most().as_deref(), Some("b"));
        assert_eq!(Hosts::default().most(), None);
    }
}
