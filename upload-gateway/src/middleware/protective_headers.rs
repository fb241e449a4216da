//! Headers by which browsers protect users, on every response.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use rethread_runtime::GatewayConfig;

/// Windows, pages and programs of other sites cannot access responses, and pages of this site
/// cannot access the user's devices.
const ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
             microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=()",
        ),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Browsers that have connected over TLS use nothing else for a year. Subdomains are excluded
/// because they are not ours.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Selects the headers of responses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProtectiveHeaders {
    is_seen_by_tls: bool,
}

impl ProtectiveHeaders {
    pub(crate) fn new(config: &GatewayConfig) -> Self {
        Self { is_seen_by_tls: config.tls_certificate.is_some() }
    }
}

/// Runs outside of [`envelope`](super::envelope).
pub(crate) async fn protect(State(protective): State<ProtectiveHeaders>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if protective.is_seen_by_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TLS_ONLY);
    }
    response
}
