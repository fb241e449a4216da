//! Serving HTTP with limits. axum's own `serve` sets no timer, so that its header timeout never fires; hence an accept
//! loop of our own. HTTP/1.1 only: a proxy in front speaks whatever else is wanted, and a connection of unknown version
//! could stay silent for ever.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::Lifecycle;

/// A pause after the system refused to accept a connection (no free file descriptors, mostly).
const AFTER_REFUSED_ACCEPT: Duration = Duration::from_millis(200);

/// What a client may take.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    /// A connection whose next request head is not complete after this long is cut.
    pub header_timeout: Duration,
    /// A longer request head is refused (431). At least 8 KiB.
    pub max_header_bytes: usize,
    /// Connections at the same time; more wait to be accepted.
    pub max_connections: usize,
    /// What requests that are under way have left after a soft stop.
    pub drain: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            // A table of mapping rules travels in the address, which may have 64 KiB.
            max_header_bytes: 80 << 10,
            max_connections: 1024,
            drain: Duration::from_secs(20),
        }
    }
}

/// Listens at `address`. The error says what to do when the port is taken.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen at {address}; another program may use this port, so stop that or choose another address")
    })
}

/// Serves until a soft stop; then requests that are under way may end, for [`HttpLimits::drain`] at most or until a hard
/// stop. Handlers find the client's address as `ConnectInfo<SocketAddr>`.
pub async fn serve_http(listener: TcpListener, router: Router, limits: HttpLimits, lifecycle: &Lifecycle) {
    let free_connections = Arc::new(Semaphore::new(limits.max_connections));
    let connections = TaskTracker::new();
    let drained = lifecycle.hard().child_token();
    loop {
        let accepted = tokio::select! {
            () = lifecycle.soft().cancelled() => break,
            accepted = accept(&listener, &free_connections) => accepted,
        };
        let Some((permit, stream, client)) = accepted else { continue };
        let router = router.clone();
        let (soft, cut) = (lifecycle.soft().clone(), drained.clone());
        connections.spawn(async move {
            tokio::select! {
                () = cut.cancelled() => {}
                () = serve_connection(stream, client, router, limits, soft.cancelled()) => {}
            }
            drop(permit);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(limits.drain, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "cutting connections whose requests did not end in time");
        drained.cancel();
        connections.wait().await;
    }
}

/// The next connection, as soon as there may be one more. `None` when the system refused; it was waited a moment then.
async fn accept(
    listener: &TcpListener,
    free_connections: &Arc<Semaphore>,
) -> Option<(tokio::sync::OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let permit = Arc::clone(free_connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, client)) => Some((permit, stream, client)),
        Err(error) => {
            tracing::warn!(%error, "the system refused to accept a connection");
            tokio::time::sleep(AFTER_REFUSED_ACCEPT).await;
            None
        }
    }
}

async fn serve_connection(
    stream: TcpStream,
    client: SocketAddr,
    router: Router,
    limits: HttpLimits,
    soft_stop: impl Future<Output = ()>,
) {
    // Answers are small and often written in two parts; without this the second waits for the client's acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone before it was served");
        return;
    }
    let service = router.map_request(move |mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(client));
        request.map(axum::body::Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(limits.max_header_bytes.max(8 << 10))
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
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

#[cfg(test)]
mod tests;
