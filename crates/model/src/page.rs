//! Computes keys of pages.

use std::fmt::Write;

use url::Url;

use crate::written_address::plain_ampersands;

/// Query parameters that identify a visit, not a page. In lower case, sorted.
const TRACKING: &[&str] = &[
    "__hsfp",
    "__hssc",
    "__hstc",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "dclid",
    "fb_action_ids",
    "fb_action_types",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_id",
    "wbraid",
    "yclid",
];

/// The key of the page at this address: what all addresses of the page have in common.
///
/// `host[:port]/path[?query]`, without scheme, credentials, leading `www.`, dot after the host,
/// default port, fragment, tracking parameters and trailing slash; the host in lower case and as
/// ASCII, percent-encoding in its shortest form, escaped ampersands (`&#038;`) as ampersands.
/// Anything but an `http` or `https` URL (a vendor's identifier, a path) is trimmed and otherwise
/// unchanged. The key of a key is that key.
#[must_use]
pub fn page_key(url: &str) -> String {
    let trimmed = url.trim();
    let Some(url) = web_url(trimmed) else { return trimmed.to_owned() };
    let host = host_key(&url);
    let path = url.path().trim_end_matches('/');
    let mut key = format!("{host}{}", shortest_encoding(path));
    let query = url.query().map(without_tracking).unwrap_or_default();
    if !query.is_empty() {
        // People write `example.com/?p=1`.
        key.push_str(if path.is_empty() { "/?" } else { "?" });
        key.push_str(&shortest_encoding(&query));
    }
    key
}

/// Search for the scheme first: `localhost:1313/a` is not a URL of the scheme `localhost`.
fn web_url(text: &str) -> Option<Url> {
    let (scheme, _) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    Url::parse(&plain_ampersands(text)).ok()
}

/// `host[:port]`
fn host_key(url: &Url) -> String {
    let written = url.host_str().unwrap_or_default();
    let host = Some(written.trim_end_matches('.')).filter(|host| !host.is_empty()).unwrap_or(written);
    let host = host.strip_prefix("www.").filter(|rest| !rest.is_empty()).unwrap_or(host);
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn without_tracking(query: &str) -> String {
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect();
    kept.join("&")
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.binary_search(&name.as_str()).is_ok()
}

/// Decodes characters that need no encoding (RFC 3986, unreserved) and writes the other encodings
/// in upper case.
fn shortest_encoding(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut out = String::with_capacity(text.len());
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let hex = piece.get(..2).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(char::from(byte)),
            Some(byte) => {
                // Writing into a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
            None => {
                out.push('%');
                out.push_str(piece);
                continue;
            }
        }
        out.push_str(&piece[2..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_one_page_have_one_key() {
        for url in [
            "https://example.com/2020/a-post",
            "http://example.com/2020/a-post/",
            "https://www.example.com/2020/a-post/",
            "  HTTPS://EXAMPLE.COM:443/2020/a-post/#comment-7 ",
            "http://example.com:80/2020/%61-post?utm_source=x&UTM_medium=y&fbclid=z",
            "https://me:secret@example.com/2020/./x/../a-post?",
            "https://www.example.com./2020/a-post",
            "https://example.com.:443/2020/a-post?utm_source=x&#038;utm_medium=y",
        ] {
            assert_eq!(page_key(url), "example.com/2020/a-post", "{url}");
        }
    }

    #[test]
    fn what_tells_pages_apart_is_kept() {
        for (url, key) in [
            ("https://example.com", "example.com"),
            ("https://example.com/", "example.com"),
            ("https://example.com/?p=123", "example.com/?p=123"),
            ("https://example.com/a/?b=2&gclid=9&a=1", "example.com/a?b=2&a=1"),
            ("https://example.com/a?ref=b", "example.com/a?ref=b"),
            ("http://localhost:1313/a/", "localhost:1313/a"),
            ("https://bücher.example/Ä", "xn--bcher-kva.example/%C3%84"),
            ("https://example.com/a%2fb%7e", "example.com/a%2Fb~"),
            ("https://example.com/Case", "example.com/Case"),
            ("https://www.co", "co"),
            ("https://www./a", "www/a"),
            ("https://example.com.:8080/a", "example.com:8080/a"),
            ("https://example.com/?p=1&#038;page=2", "example.com/?p=1&page=2"),
            ("https://example.com/?p=1&amp;page=2#x", "example.com/?p=1&page=2"),
        ] {
            assert_eq!(page_key(url), key, "{url}");
        }
    }

    #[test]
    fn what_is_no_web_address_is_kept() {
        for text in ["/blog/post/1/", "post-17", "localhost:1313/a/", "mailto:a@b.c", "http://[bad", "", "ftp://h/x/"] {
            assert_eq!(page_key(&format!(" {text}\n")), text);
        }
    }

    #[test]
    fn the_tracking_list_is_sorted() {
        assert!(TRACKING.is_sorted());
    }

    proptest! {
        #[test]
        fn a_key_of_a_key_is_that_key(
            url in "(http|https|HTTP)://(www\\.){0,3}[a-z.:0-9é]{1,12}[/a-z%0-9A-F?&=#;.~ é]{0,30}"
        ) {
            let key = page_key(&url);
            prop_assert_eq!(page_key(&key), key);
        }

        #[test]
        fn any_text_has_a_key(text in ".{0,60}") {
            let key = page_key(&text);
            prop_assert_eq!(page_key(&key), key);
        }
    }
}
