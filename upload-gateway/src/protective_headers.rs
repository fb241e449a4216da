//! Headers by which browsers protect those who look at an answer, whatever it is.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use rethread_runtime::GatewayConfig;

/// No window, page or program of another site gets at an answer, and no page of this site at the devices of who looks at it.
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

/// Browsers that have been here by TLS come by nothing else for a year. Other names of the domain are not ours to speak for.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Which headers answers get.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProtectiveHeaders {
    is_seen_by_tls: bool,
}

impl ProtectiveHeaders {
    pub(crate) fn new(config: &GatewayConfig) -> Self {
        Self { is_seen_by_tls: config.tls_certificate.is_some() }
    }
}

/// Outside of the envelope.
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
