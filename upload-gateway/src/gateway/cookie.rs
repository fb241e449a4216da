//! The cookie that holds a session's token.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use rethread_model::Timestamp;
use url::Url;

/// The names of the cookie: without TLS, and with TLS.
pub(crate) const NAMES: [&str; 2] = ["rethread_session", "__Host-rethread_session"];

/// The cookie's name and attributes, and the origin of the pages that send it.
#[derive(Debug, Clone)]
pub(crate) struct SessionCookie {
    is_secure: bool,
    /// In the format of a browser's `Origin` header.
    public_origin: Option<String>,
}

impl SessionCookie {
    /// With TLS in front, the cookie is sent over TLS only, and the prefix `__Host-` keeps sibling
    /// hosts from setting it.
    pub(crate) fn new(public_url: Option<&Url>, is_tls: bool) -> Self {
        let is_secure = is_tls || public_url.is_some_and(|url| url.scheme() == "https");
        Self { is_secure, public_origin: public_url.map(|url| url.origin().ascii_serialization()) }
    }

    /// Whether pages of this origin are ours, according to the configuration.
    pub(crate) fn is_public_origin(&self, origin: &str) -> bool {
        self.public_origin.as_deref() == Some(origin)
    }

    const fn name(&self) -> &'static str {
        NAMES[self.is_secure as usize]
    }

    /// The session's token in a request; `None` when there are several cookies, since one of them
    /// was planted.
    pub(crate) fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == self.name()).map(|(_, value)| value);
        let (first, second) = (values.next()?, values.next());
        second.is_none().then_some(first).filter(|value| !value.is_empty())
    }

    /// The header that stores the token in the browser until the session expires.
    pub(crate) fn set(&self, token: &str, now: Timestamp, end: Option<Timestamp>) -> Option<HeaderValue> {
        // Round up: some time has passed since the session was created.
        let left = end.and_then(|end| Duration::try_from(end.duration_since(now)).ok()).unwrap_or_default();
        self.value(token, left.as_millis().div_ceil(1000))
    }

    /// The header that removes the cookie.
    pub(crate) fn clear(&self) -> Option<HeaderValue> {
        self.value("", 0)
    }

    fn value(&self, token: &str, seconds: u128) -> Option<HeaderValue> {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let text = format!("{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.name());
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cookie: &SessionCookie, lines: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_static(line));
        }
        cookie.read(&headers).map(str::to_owned)
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let cookie = SessionCookie::new(None, false);
        assert_eq!(read(&cookie, &["a=1; rethread_session=rt_x; b=2"]).as_deref(), Some("rt_x"));
        assert_eq!(read(&cookie, &["a=1", "rethread_session=rt_x"]).as_deref(), Some("rt_x"));
        for lines in [&["a=1"][..], &["rethread_session="], &["xrethread_session=rt_x"], &["Rethread_Session=rt_x"]] {
            assert_eq!(read(&cookie, lines), None, "{lines:?}");
        }
        assert_eq!(read(&cookie, &["rethread_session=rt_x; rethread_session=rt_y"]), None, "one of them was planted");
    }

    #[test]
    fn behind_tls_the_cookie_is_for_tls_and_this_host_alone() {
        let public: Url = "https://comments.example.net/".parse().unwrap();
        for cookie in [SessionCookie::new(Some(&public), false), SessionCookie::new(None, true)] {
            let (now, end) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(60).unwrap());
            let set = cookie.set("rt_x", now, Some(end)).unwrap();
            let expected = "__Host-rethread_session=rt_x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure";
            assert_eq!((set.to_str().unwrap(), set.is_sensitive()), (expected, true));
            assert_eq!(read(&cookie, &["rethread_session=rt_x"]), None, "one that a neighbour can set");
        }
        assert!(SessionCookie::new(Some(&public), false).is_public_origin("https://comments.example.net"));
        assert!(!SessionCookie::new(None, true).is_public_origin("null"));
    }

    #[test]
    fn without_tls_the_cookie_is_plain() {
        let cookie = SessionCookie::new(Some(&"http://127.0.0.1:8080/".parse().unwrap()), false);
        let cleared = cookie.clear().unwrap();
        assert_eq!(cleared.to_str().unwrap(), "rethread_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }
}
