//! Checks that every request must pass before it is handled.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, header};
use rethread_runtime::{GatewayConfig, METRICS, Networks};
use tokio_util::task::TaskTracker;

use super::rates::{RateLimited, Rates, RequestKey, TooMuch};
use crate::extract::request_body::linger;
use crate::extract::{MinRate, MinRateBody, RequestNote, client_address, is_by_unknown_proxy};
use crate::gateway::COOKIE_NAMES;
use crate::integrations;
use crate::problem::Problem;

/// The path on which a session begins.
const SIGN_IN: &str = "/api/v1/session";

/// The prefix of paths that take credentials.
const API: &str = "/api/";

/// The rate limiter. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    rates: Arc<Rates>,
    trusted_proxies: Networks,
    pace: MinRate,
    has_told_of_proxy: Arc<AtomicBool>,
}

impl Guard {
    pub(crate) fn new(config: &GatewayConfig) -> Self {
        let pace = MinRate { patience: config.body_idle_timeout, bytes_per_second: config.body_bytes_per_second };
        Self {
            rates: Arc::new(Rates::new(config)),
            trusted_proxies: config.trusted_proxies.clone(),
            pace,
            has_told_of_proxy: Arc::default(),
        }
    }

    fn asked(&self, request: &Request) -> RequestKey {
        let (path, headers) = (request.uri().path(), request.headers());
        let credentials = if integrations::is_protocol(path) {
            integrations::token_in(request.uri()).map(|token| self.rates.fingerprint(token.as_bytes()))
        } else {
            credentials(headers).filter(|_| path.starts_with(API)).map(|shown| self.rates.fingerprint(shown))
        };
        RequestKey {
            address: self.client(request),
            credentials,
            is_sign_in: path == SIGN_IN && request.method() == Method::POST,
        }
    }

    fn client(&self, request: &Request) -> IpAddr {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        if is_by_unknown_proxy(peer, request.headers(), &self.trusted_proxies)
            && !self.has_told_of_proxy.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "a request came with X-Forwarded-For from a proxy that \"gateway.trusted_proxies\" does not name: all of \
                 its clients are counted as one"
            );
        }
        client_address(peer, request.headers(), &self.trusted_proxies)
    }
}

/// Runs inside of [`envelope`](super::envelope), and outside of all handlers.
pub(crate) async fn guard(
    State((guard, background_tasks)): State<(Guard, TaskTracker)>,
    request: Request,
    next: Next,
) -> Response {
    let asked = guard.asked(&request);
    if let Err(too_many) = guard.rates.admit(asked) {
        let (parts, body) = request.into_parts();
        // Drain the body so that the client, still sending, gets to see the response.
        if !body.is_end_stream() && !parts.headers.contains_key(header::EXPECT) {
            let body = Body::new(MinRateBody::new(body, guard.pace));
            background_tasks.spawn(linger(body.into_data_stream()));
        }
        return refusal(too_many).into_response();
    }
    let note = request.extensions().get::<RequestNote>().cloned();
    let has_body = !request.body().is_end_stream();
    let request = request.map(|body| if has_body { Body::new(MinRateBody::new(body, guard.pace)) } else { body });
    let response = next.run(request).await;
    if let Some(credentials) = asked.credentials {
        // Only the response shows whether the credentials were valid.
        if response.status() == StatusCode::UNAUTHORIZED {
            guard.rates.learn(credentials, false);
        } else if note.is_some_and(|note| note.is_authenticated()) {
            guard.rates.learn(credentials, true);
        }
    }
    response
}

fn refusal(RateLimited { what, wait }: RateLimited) -> Problem {
    let (word, detail) = match what {
        TooMuch::OfAddress => ("rate_of_address", "too many requests come from this address; wait a moment"),
        TooMuch::OfToken => ("rate_of_token", "too many requests come with this token; wait a moment"),
        TooMuch::SignIns => {
            ("sign_ins", "too many attempts to sign in, or to use a token, come from this address; wait a moment")
        }
    };
    METRICS.refused.add(&[word], 1);
    let seconds = u16::try_from(wait.as_secs() + 1).unwrap_or(u16::MAX);
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).retry_after(seconds)
}

/// The client's credentials, in the order of precedence: the header, then the session's cookie.
fn credentials(headers: &HeaderMap) -> Option<&[u8]> {
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        return Some(authorization.as_bytes());
    }
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| COOKIE_NAMES.contains(name)).map(|(_, session)| session.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(headers: &[(http::HeaderName, &str)]) -> Option<String> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        credentials(&headers).map(|credentials| String::from_utf8_lossy(credentials).into_owned())
    }

    #[test]
    fn credentials_are_a_header_or_a_session() {
        let (bearer, cookie) = (header::AUTHORIZATION, header::COOKIE);
        assert_eq!(shown(&[]), None);
        assert_eq!(shown(&[(cookie.clone(), "lang=fr")]), None);
        assert_eq!(shown(&[(cookie.clone(), "lang=fr; rethread_session=abc; x=y")]).unwrap(), "abc");
        assert_eq!(shown(&[(cookie.clone(), "a=b"), (cookie.clone(), "__Host-rethread_session=abc")]).unwrap(), "abc");
        assert_eq!(shown(&[(cookie, "rethread_session=abc"), (bearer, "Bearer x")]).unwrap(), "Bearer x");
    }
}
