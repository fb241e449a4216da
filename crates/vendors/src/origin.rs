//! The site of a file whose pages alone reveal it.

use rethread_model::leads_elsewhere;
use url::Url;

/// Picks the site of the oldest record, so that it does not depend on the order of records or on
/// later comments. Test machines, caches and the vendor's own preview count only if there is
/// nothing else.
#[derive(Debug)]
pub(crate) struct Oldest<K> {
    found: Option<(bool, K, String)>,
}

impl<K> Default for Oldest<K> {
    fn default() -> Self {
        Self { found: None }
    }
}

impl<K: Ord> Oldest<K> {
    /// Handles a record of this age on the page with this address.
    pub(crate) fn see(&mut self, url: &str, age: K) {
        let Some(host) = host(url) else { return };
        let candidate = (leads_elsewhere(url), age, host);
        if self.found.as_ref().is_none_or(|found| candidate < *found) {
            self.found = Some(candidate);
        }
    }

    /// Its host, with its port, without `www.`.
    pub(crate) fn into_host(self) -> Option<String> {
        self.found.map(|(_, _, host)| host)
    }
}

/// The host (and port) of a web address, in lower case, without `www.` and a trailing dot.
pub fn host(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?.trim_end_matches('.');
    let bare = host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host);
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    (!bare.is_empty()).then(|| format!("{bare}{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_record_tells_whatever_the_order() {
        let seen = [
            ("https://www.Example.org/b", 2),
            ("http://localhost:4000/a", 1),
            ("https://other.example/", 3),
            ("/no/host", 0),
        ];
        for shift in 0..seen.len() {
            let mut oldest = Oldest::default();
            for (url, age) in seen.iter().cycle().skip(shift).take(seen.len()) {
                oldest.see(url, *age);
            }
            assert_eq!(oldest.into_host().as_deref(), Some("example.org"));
        }
        let mut local = Oldest::default();
        local.see("http://localhost:4000/a", 1);
        assert_eq!(local.into_host().as_deref(), Some("localhost:4000"));
        assert_eq!(host("https://www.co/"), Some("www.co".to_owned()));
    }
}
