//! The life of one connection.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use http::{HeaderValue, Request, Response, header};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tower::ServiceExt as _;

use super::connection_limit::{ActiveRequest, ConnectionPermit};
use super::write_timeout::Patient;
use super::{HttpLimits, Tls};

/// What a connection needs to be served.
#[derive(Debug, Clone)]
pub(super) struct Serving {
    pub(super) router: Router,
    pub(super) limits: Arc<HttpLimits>,
    pub(super) tls: Option<Tls>,
}

impl Serving {
    /// Serves until the client or `soft_stop` ends the connection.
    pub(super) async fn serve(
        self,
        stream: TcpStream,
        client: SocketAddr,
        place: Arc<ConnectionPermit>,
        soft_stop: impl Future<Output = ()>,
    ) {
        // Responses are small and often written in two parts. With Nagle's algorithm the second
        // part would wait for the client's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone before it was served");
            return;
        }
        let stream = Patient::new(stream, self.limits.answer_timeout);
        let Some(tls) = &self.tls else {
            return self.serve_http(stream, client, place, soft_stop).await;
        };
        match tokio::time::timeout(self.limits.header_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.serve_http(stream, client, place, soft_stop).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn serve_http<S>(
        &self,
        stream: S,
        client: SocketAddr,
        place: Arc<ConnectionPermit>,
        soft_stop: impl Future<Output = ()>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let requests = AtomicU32::new(0);
        let service = service_fn(|request: Request<Incoming>| {
            let is_last = requests.fetch_add(1, Ordering::Relaxed) + 1 >= self.limits.max_requests_per_connection;
            answer(self.router.clone(), request, client, place.busy(), is_last)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_timeout)
            .max_buf_size(self.limits.max_header_bytes.max(8 << 10))
            .max_headers(self.limits.max_headers)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let result = tokio::select! {
            result = &mut connection => result,
            () = soft_stop => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    client: SocketAddr,
    busy: ActiveRequest,
    is_last: bool,
) -> Result<Response<BusyBody>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(client));
    let mut response = router.oneshot(request).await?;
    if is_last {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(|body| BusyBody { body, _busy: busy }))
}

/// A body that keeps its connection busy until it is sent.
struct BusyBody {
    body: Body,
    _busy: ActiveRequest,
}

impl HttpBody for BusyBody {
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
