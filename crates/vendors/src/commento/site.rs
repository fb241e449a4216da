//! Builds the addresses of pages, which Commento's files give in parts.

use rethread_model::{PageKey, Scheme, page_key};
use url::Url;

/// `scheme://host[:port]` and the host alone of an absolute web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    pub base: String,
    pub host: String,
}

impl Site {
    pub(super) fn of(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let host = url.host_str()?.trim_end_matches('.');
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        let host = format!("{host}{port}");
        (!host.is_empty()).then(|| Self { base: format!("{}://{host}", url.scheme()), host })
    }
}

/// `https://example.com` for a domain, which may already include a scheme.
pub(super) fn base_of(domain: &str, scheme: Scheme) -> String {
    let domain = domain.trim_end_matches('/');
    if domain.contains("://") { domain.to_owned() } else { format!("{}://{domain}", scheme.as_str()) }
}

/// The host alone, in lower case.
pub(super) fn host_of(domain: &str) -> String {
    Site::of(domain).map_or_else(|| domain.trim_end_matches(['/', '.']).to_lowercase(), |site| site.host)
}

/// A page's address and key. `path` is a path of the site, an absolute address, or an identifier
/// that the site's pages set themselves.
pub(super) fn page(path: &str, base: Option<&str>, key: PageKey) -> (Option<String>, String) {
    let url = if Site::of(path).is_some() {
        Some(path.to_owned())
    } else {
        base.filter(|_| path.starts_with('/')).map(|base| format!("{base}{path}"))
    };
    let url_id = match (key, &url) {
        (PageKey::Url, Some(url)) => page_key(url),
        (PageKey::Url, None) | (PageKey::Identifier | PageKey::Item, _) => path.to_owned(),
    };
    (url, url_id)
}
