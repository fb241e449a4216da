//! Where a comment is, in Commento's terms: a domain, and a path or the page's own identifier.

use rethread_model::{ExportedPage, Vendor};
use url::{Position, Url};

use crate::page;

/// What a comment does not contain itself.
pub(super) struct Place<'a> {
    pub domain: Option<&'a str>,
    pub path: &'a str,
    pub vendor: Vendor,
}

/// The host of an address, including its port and `www.`.
pub(super) fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    rethread_vendors::host(address).map(|_| url[Position::BeforeHost..Position::AfterPort].to_owned())
}

/// Path and query on the file's domain, because Commento looks pages up by path; the full address
/// of pages on other hosts. If the site identified the page, that identifier: Commento takes it
/// from `data-page-id`.
pub(super) fn path(page: &ExportedPage, domain: Option<&str>) -> String {
    if page::has_own_key(page) {
        return page.url_id.clone();
    }
    let Some(address) = page::address(page) else { return page.url_id.clone() };
    let Ok(url) = Url::parse(&address) else { return address.into_owned() };
    let of_domain = domain.and_then(|domain| rethread_vendors::host(&format!("http://{domain}")));
    if of_domain.is_some() && of_domain == rethread_vendors::host(&address) {
        url[Position::BeforePath..Position::AfterQuery].to_owned()
    } else {
        url[..Position::AfterQuery].to_owned()
    }
}

/// An id that Commento could have assigned: hexadecimal digits, not all zeros.
pub(super) fn kept(vendor: Vendor, id: &str) -> Option<String> {
    let is_id = id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && id.bytes().any(|byte| !matches!(byte, b'0' | b'-'));
    (is_id && vendor == Vendor::Commento).then(|| id.to_owned())
}

/// One of our ids in Commento's form: 64 digits.
pub(super) fn hex(id: u128) -> String {
    format!("{id:064x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(url: Option<&str>, url_id: &str) -> ExportedPage {
        let id = "1f0eef07-65ba-82ba-a657-0d7a34f7c61a".parse().unwrap();
        ExportedPage { id, url_id: url_id.to_owned(), url: url.map(str::to_owned), title: None }
    }

    #[test]
    fn pages_of_the_domain_go_by_path() {
        let domain = Some("www.example.org");
        for (url, url_id, expected) in [
            (Some("https://www.example.org/a/?p=1#x"), "example.org/a?p=1", "/a/?p=1"),
            (Some("http://example.org"), "example.org", "/"),
            (Some("https://other.example/a#x"), "other.example/a", "https://other.example/a"),
            (Some("https://www.example.org/a/"), "post-17", "post-17"),
            (None, "example.org/a", "/a"),
            (None, "post-17", "post-17"),
        ] {
            assert_eq!(path(&page(url, url_id), domain), expected, "{url:?} {url_id}");
        }
        assert_eq!(host("https://www.Example.org:8080/a").as_deref(), Some("www.example.org:8080"));
    }
}
