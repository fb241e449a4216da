//! Derives pages and their sites from Muut's paths.

use rethread_model::{ImportOptions, PageKey, Scheme, page_key};
use rethread_syntax::text::{clean, without_forbidden};
use url::Url;

/// The path of the channel whose start, `"path": [`, is in these bytes.
pub(super) fn path_of(bytes: &[u8]) -> Option<String> {
    let cleaned = clean(bytes);
    let mut values = serde_json::Deserializer::from_str(&cleaned.text).into_iter::<String>();
    let path = values.next()?.ok()?;
    let path = without_forbidden(path.into()).0.trim().to_owned();
    (!path.is_empty()).then_some(path)
}

/// The host of the path's site, if its first segment is one: `blog.example.org`, or
/// `localhost_8080` with its port.
///
/// Muut's plugin for `WordPress` names the channels of a site's comments this way.
pub(super) fn host_of(path: &str) -> Option<String> {
    split(path).map(|(host, _)| host)
}

/// The host, and the rest of the path without leading and trailing slashes.
fn split(path: &str) -> Option<(String, &str)> {
    let path = path.trim_matches('/');
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let is_port = |port: &&str| (1..=5).contains(&port.len()) && port.bytes().all(|digit| digit.is_ascii_digit());
    let (name, port) = match first.rsplit_once('_') {
        Some((name, port)) if is_port(&port) => (name, Some(port)),
        _ => (first, None),
    };
    if !is_host(name) {
        return None;
    }
    let name = name.to_lowercase();
    Some((port.map_or_else(|| name.clone(), |port| format!("{name}:{port}")), rest))
}

fn is_host(name: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let top = name.rsplit('.').next().unwrap_or_default();
    let is_top = top.len() >= 2 && top.chars().any(char::is_alphabetic);
    let is_address = name.parse::<std::net::Ipv4Addr>().is_ok();
    name == "localhost" || is_address || name.contains('.') && is_top && name.split('.').all(is_label)
}

/// Where a thread of this path appears: the page's address, if it can be derived, and its key.
///
/// Old versions of the plugin wrote a path that is only a host: there the thread's key stands for
/// the page.
pub(super) fn page(path: &str, key: &str, options: &ImportOptions) -> (Option<String>, String) {
    let site = options.site_url.as_deref().and_then(|site| base_of(site, options.scheme));
    let (url, own) = match split(path) {
        Some((_, "")) => (None, format!("{path}:{key}")),
        Some((host, rest)) => {
            let same = site.filter(|site| host_of_base(site) == Some(host.as_str()));
            let base = same.unwrap_or_else(|| format!("{}://{host}", options.scheme.as_str()));
            (Some(format!("{base}/{rest}")), path.to_owned())
        }
        None if path.contains("://") => (Some(path.to_owned()), path.to_owned()),
        None => (site.map(|site| format!("{site}/{}", path.trim_matches('/'))), path.to_owned()),
    };
    let url_id = match (&url, options.page_key) {
        (Some(url), PageKey::Url) => page_key(url),
        (None, _) | (_, PageKey::Identifier | PageKey::Item) => own,
    };
    (url, url_id)
}

/// The site's address without a trailing slash; with the site's own scheme if it has one.
fn base_of(site: &str, scheme: Scheme) -> Option<String> {
    let site = site.trim().trim_end_matches('/');
    let whole = if site.contains("://") { site.to_owned() } else { format!("{}://{site}", scheme.as_str()) };
    Url::parse(&whole).is_ok_and(|url| url.has_host()).then_some(whole)
}

fn host_of_base(base: &str) -> Option<&str> {
    let (_, rest) = base.split_once("://")?;
    rest.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_other_paths() {
        for (path, host) in [
            ("blog.example.org/12", Some("blog.example.org")),
            ("/Blog.Example.org/a/b/", Some("blog.example.org")),
            ("localhost_8080/1", Some("localhost:8080")),
            ("127.0.0.1/1", Some("127.0.0.1")),
            ("bücher.example", Some("bücher.example")),
            ("general", None),
            ("v1.0/news", None),
            ("a..b/1", None),
            ("my_page/1", None),
            (".org/1", None),
            ("", None),
        ] {
            assert_eq!(host_of(path).as_deref(), host, "{path}");
        }
    }

    #[test]
    fn pages_are_named_by_site_and_path() {
        let site = |site: &str| ImportOptions { site_url: Some(site.to_owned()), ..ImportOptions::default() };
        let of = |path: &str, options: &ImportOptions| page(path, "k", options);
        let some = |url: &str, key: &str| (Some(url.to_owned()), key.to_owned());
        let none = ImportOptions::default();
        assert_eq!(of("blog.example.org/12", &none), some("https://blog.example.org/12", "blog.example.org/12"));
        assert_eq!(
            of("blog.example.org/12", &site("http://blog.example.org/")),
            some("http://blog.example.org/12", "blog.example.org/12")
        );
        assert_eq!(of("general", &none), (None, "general".to_owned()));
        assert_eq!(
            of("general/a/", &site("example.org/blog/")),
            some("https://example.org/blog/general/a", "example.org/blog/general/a")
        );
        assert_eq!(of("general", &site("not an address")), (None, "general".to_owned()));
        assert_eq!(of("blog.example.org", &none), (None, "blog.example.org:k".to_owned()));
        let by_path = ImportOptions { page_key: PageKey::Identifier, ..site("example.org") };
        assert_eq!(of("general", &by_path), some("https://example.org/general", "general"));
    }

    #[test]
    fn a_path_is_read_from_its_key() {
        assert_eq!(path_of(br#""a\/b" : ["#).as_deref(), Some("a/b"));
        assert_eq!(path_of(b"\"a\x08b\": [").as_deref(), Some("ab"));
        assert_eq!((path_of(b"\"\": ["), path_of(b"[")), (None, None));
    }
}
