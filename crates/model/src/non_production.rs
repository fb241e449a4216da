//! Recognises page addresses outside the production site.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Hosts that show other sites' pages: caches, translators, and the vendors' own previews.
const CARRIERS: &[&str] = &[
    "cc.bingj.com",
    "disqus.com",
    "talk.hyvor.com",
    "translate.googleusercontent.com",
    "web.archive.org",
    "webcache.googleusercontent.com",
];

/// Domains that exist only on test machines (RFC 6761, RFC 6762).
const TEST_DOMAINS: &[&str] = &["localhost", "local", "test", "invalid"];

/// Whether the address of a page leads to a test machine, a cache, a translator or a preview
/// instead of the site. `false` if it is not a web address.
#[must_use]
pub fn leads_elsewhere(address: &str) -> bool {
    let Ok(url) = Url::parse(address.trim()) else { return false };
    if !matches!(url.scheme(), "http" | "https") {
        return false;
    }
    match url.host() {
        Some(Host::Domain(domain)) => is_elsewhere(domain.trim_end_matches('.')),
        Some(Host::Ipv4(address)) => is_private_v4(address),
        Some(Host::Ipv6(address)) => is_private_v6(address),
        None => false,
    }
}

fn is_elsewhere(domain: &str) -> bool {
    let top = domain.rsplit('.').next().unwrap_or_default();
    // A name without a dot belongs to a private network.
    let is_private = !domain.contains('.') || TEST_DOMAINS.contains(&top);
    let is_translator = domain.starts_with("translate.google.") || domain.ends_with(".translate.goog");
    is_private || is_translator || CARRIERS.contains(&domain)
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private() || address.is_link_local() || address.is_unspecified()
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let is_local = address.is_loopback() || address.is_unspecified();
    is_local || address.is_unique_local() || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_machines_caches_translators_and_previews_are_known() {
        for address in [
            "http://localhost:4000/a/",
            "https://blog.localhost/",
            "http://127.0.0.1/x",
            "http://192.168.1.7:8080/",
            "http://10.0.0.1",
            "http://172.16.3.4/",
            "http://169.254.1.1/",
            "http://[::1]/a",
            "http://[fd00::1]/a",
            "http://wordpress/?p=1",
            "http://nas.local/blog",
            "http://site.test./a",
            "http://webcache.googleusercontent.com/search?q=cache:x",
            "https://translate.google.co.uk/translate?u=http://example.com",
            "https://translate.googleusercontent.com/translate_c?u=x",
            "https://example-com.translate.goog/a",
            "https://talk.hyvor.com/preview",
            "HTTP://LOCALHOST/",
        ] {
            assert!(leads_elsewhere(address), "{address}");
        }
    }

    #[test]
    fn the_site_itself_is_not_elsewhere() {
        for address in [
            "https://example.com/localhost",
            "https://localhost.example.com/",
            "http://8.8.8.8/",
            "https://translate.example.com/",
            "https://mydisqus.com/",
            "https://blog.disqus.com/",
            "/blog/",
            "localhost:1313/a",
            "",
            "ftp://localhost/",
            "http://[bad",
        ] {
            assert!(!leads_elsewhere(address), "{address}");
        }
    }
}
