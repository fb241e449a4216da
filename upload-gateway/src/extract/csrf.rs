//! Protection against cross-site request forgery. A request that changes something and carries
//! a cookie must come from our own pages, because browsers send the cookie whichever page made
//! the request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::gateway::{Gateway, SessionCookie};
use crate::problem::Problem;

/// The header in which pages send the value of [`token_for`].
const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// The browser's statement about the origin of a request (Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Domain separation: the value derived from a session's token is useless for any other purpose.
const PURPOSE: &[u8] = b"rethread csrf 1";

/// The value that a page must send along with its session. It is derived from the session's token,
/// so it needs no storage, and only pages of this origin can read it, whereas browsers attach the
/// cookie to any request.
pub(crate) fn token_for(session: &str) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(session.as_bytes()).map_err(|_| Problem::internal())?;
    mac.update(PURPOSE);
    Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Rejects a request with the cookie of `session` that another site's page may have made.
pub(crate) fn check(parts: &Parts, gateway: &Gateway, session: &str) -> Result<(), Problem> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    check_origin(&parts.headers, &gateway.cookie)?;
    let given = parts.headers.get(HEADER).map(http::HeaderValue::as_bytes).unwrap_or_default();
    if bool::from(token_for(session)?.as_bytes().ct_eq(given)) {
        Ok(())
    } else {
        Err(problem("with a session, send the value \"csrf\" of GET /api/v1/session as the header x-csrf-token"))
    }
}

/// Rejects a request that, according to the browser, comes from another site's page.
pub(crate) fn check_origin(headers: &HeaderMap, cookie: &SessionCookie) -> Result<(), Problem> {
    if headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site") || has_foreign_origin(headers, cookie) {
        return Err(problem("this does not take requests from the pages of other sites"));
    }
    Ok(())
}

fn has_foreign_origin(headers: &HeaderMap, cookie: &SessionCookie) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let Ok(origin) = origin.to_str() else { return true };
    if cookie.is_public_origin(origin) {
        return false;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let of_origin = origin.split_once("://").map(|(_, host)| host);
    match (of_origin, host) {
        (Some(of_origin), Some(host)) => !of_origin.eq_ignore_ascii_case(host),
        _ => true,
    }
}

fn problem(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "csrf", detail)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn is_ours(pairs: &[(HeaderName, &'static str)]) -> bool {
        let cookie = SessionCookie::new(Some(&"https://comments.example.net".parse().unwrap()), false);
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8080"));
        headers.extend(pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))));
        check_origin(&headers, &cookie).is_ok()
    }

    #[test]
    fn our_own_pages_and_programs_are_let_through() {
        assert!(is_ours(&[]), "a program");
        assert!(is_ours(&[(header::ORIGIN, "http://127.0.0.1:8080"), (SEC_FETCH_SITE, "same-origin")]));
        assert!(is_ours(&[(header::ORIGIN, "https://comments.example.net")]), "through a proxy that changes the host");
    }

    #[test]
    fn pages_of_others_are_not() {
        assert!(!is_ours(&[(SEC_FETCH_SITE, "cross-site")]));
        for origin in
            ["null", "https://evil.example", "http://127.0.0.1:8081", "http://comments.example.net", "127.0.0.1:8080"]
        {
            assert!(!is_ours(&[(header::ORIGIN, origin)]), "{origin}");
        }
    }

    #[test]
    fn each_session_has_a_value_of_its_own_that_does_not_tell_the_session() {
        let (one, other) = (token_for("rt_one").unwrap(), token_for("rt_other").unwrap());
        assert_eq!(one, token_for("rt_one").unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
    }
}
