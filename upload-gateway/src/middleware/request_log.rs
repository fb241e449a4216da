//! What every response carries, and what every request leaves in the log.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body::{Frame, SizeHint};
use rethread_model::{AccountId, TraceParent};
use rethread_runtime::{SPANS, belongs_to};
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::extract::{RequestId, RequestNote};
use crate::integrations;
use crate::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// API responses must not be rendered, framed, sniffed or cached.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// Response headers that take precedence over those of [`envelope`]: the dashboard is rendered
/// and cached.
#[derive(Debug, Clone)]
pub(crate) struct OwnHeaders(pub(crate) HeaderMap);

/// The outermost layer.
pub(crate) async fn envelope(mut request: Request, next: Next) -> Response {
    let request_id = request_id(request.headers());
    let note = RequestNote::default();
    request.extensions_mut().insert(note.clone());
    request.extensions_mut().insert(RequestId(request_id.clone()));
    let is_site = integrations::is_protocol(request.uri().path());
    let mut line = LogLine::begin(&request, &request_id, note);
    let mut response = next.run(request).instrument(line.span.clone()).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let mut said = std::mem::take(response.headers_mut());
        response = if is_site { problem.into_failure() } else { problem.into_document(&request_id) };
        said.remove(header::CONTENT_LENGTH);
        said.extend(std::mem::take(response.headers_mut()));
        *response.headers_mut() = said;
    }
    line.status = Some(response.status());
    let own = response.extensions_mut().remove::<OwnHeaders>();
    let headers = response.headers_mut();
    headers.extend(SECURITY_HEADERS);
    headers.extend(own.map(|OwnHeaders(own)| own).unwrap_or_default());
    headers.extend(HeaderValue::from_str(&request_id).ok().map(|id| (REQUEST_ID, id)));
    response.map(|body| Body::new(LoggedBody { body, _line: line }))
}

/// The caller's own id if it is a plain word, so that a request can be traced through several
/// systems; otherwise a new one.
fn request_id(headers: &HeaderMap) -> String {
    let is_plain = |id: &&str| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(is_plain);
    given.map_or_else(new_request_id, str::to_owned)
}

fn new_request_id() -> String {
    let mut random = [0; 16];
    // Without randomness all ids are the same: poor, but no reason to reject a request.
    let _ = getrandom::fill(&mut random);
    uuid::Builder::from_random_bytes(random).into_uuid().to_string()
}

/// Writes one log line when dropped: when the response was sent completely, or the client is gone.
struct LogLine {
    request_id: String,
    method: Method,
    route: Option<MatchedPath>,
    note: RequestNote,
    begun: Instant,
    status: Option<StatusCode>,
    span: Span,
}

/// The span of a request. Joins the caller's trace if the request names one (W3C Trace Context).
fn span_of(request: &Request) -> Span {
    let method = request.method();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!(
        target: SPANS,
        "request",
        otel.name = format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %method,
        http.route = route,
        http.response.status_code = Empty,
        account = Empty,
    );
    let parent: Option<TraceParent> =
        request.headers().get("traceparent").and_then(|parent| parent.to_str().ok()?.parse().ok());
    belongs_to(&span, parent.as_ref());
    span
}

impl LogLine {
    fn begin(request: &Request, request_id: &str, note: RequestNote) -> Self {
        Self {
            request_id: request_id.to_owned(),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            note,
            begun: Instant::now(),
            status: None,
            span: span_of(request),
        }
    }
}

impl Drop for LogLine {
    fn drop(&mut self) {
        let route = self.route.as_ref().map_or("none", MatchedPath::as_str);
        let account = self.note.account().map_or("none", AccountId::as_str);
        let status = self.status.map(|status| status.as_u16());
        let duration_ms = self.begun.elapsed().as_millis();
        self.span.record("http.response.status_code", status);
        self.span.record("account", account);
        if self.status.is_some_and(|status| status.is_server_error()) {
            self.span.record("otel.status_code", "ERROR");
        }
        let _entered = self.span.enter();
        tracing::info!(request.id = %self.request_id, http.method = %self.method, http.route = route, http.status = status,
            duration_ms = %duration_ms, account, "{} {route}: {}", self.method,
            status.map_or_else(|| "the client went away".to_owned(), |status| status.to_string()));
    }
}

/// A body that completes its request's log line when it ends.
struct LoggedBody {
    body: Body,
    _line: LogLine,
}

impl HttpBody for LoggedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
