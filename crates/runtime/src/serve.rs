//! Serving HTTP with limits. axum's own `serve` sets no timer, so its header timeout never fires;
//! hence an accept loop of our own. HTTP/1.1 only: a proxy in front can speak other versions, and a
//! connection of unknown version could stay silent forever.

mod connection;
mod connection_limit;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "serve/no_tls.rs"]
mod tls;
mod tls_files;
mod write_timeout;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

use self::connection::Serving;
use self::connection_limit::{ConnectionLimits, Places, Refusal};
pub use self::tls::{Tls, TlsStream};
pub use self::tls_files::TlsFiles;
use crate::{Lifecycle, METRICS, Networks};

/// The pause after the system failed to accept a connection (usually for lack of file descriptors).
const AFTER_REFUSED_ACCEPT: Duration = Duration::from_millis(200);

/// Limits on clients.
#[derive(Debug, Clone)]
pub struct HttpLimits {
    /// A connection is closed when its next request head, or its TLS handshake, is not complete
    /// after this long.
    pub header_timeout: Duration,
    /// Maximum size of a request head; a longer one is rejected (431). At least 8 KiB.
    pub max_header_bytes: usize,
    /// Maximum number of headers; a request with more is rejected (431).
    pub max_headers: usize,
    /// Maximum number of concurrent connections. To admit one more, the connection that has
    /// waited longest for a request is closed. If all have a request, the new connection is
    /// rejected (503).
    pub max_connections: usize,
    /// Maximum number of connections of one client, see [`crate::network_of`]. One more replaces an
    /// idle connection of the same client, or is rejected (429).
    pub max_connections_per_address: usize,
    /// Proxies: they serve many clients and are exempt from the limit per client.
    pub proxies: Networks,
    /// A connection is closed after this number of requests, so that none stays open forever.
    pub max_requests_per_connection: u32,
    /// A client that reads nothing of its response for this long is disconnected.
    pub answer_timeout: Duration,
    /// How long requests in progress may take after a soft stop.
    pub drain: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            // A table of mapping rules travels in the URL, which may have 64 KiB.
            max_header_bytes: 80 << 10,
            max_headers: 100,
            max_connections: 1024,
            max_connections_per_address: 256,
            proxies: Networks::default(),
            max_requests_per_connection: 10_000,
            answer_timeout: Duration::from_secs(30),
            drain: Duration::from_secs(20),
        }
    }
}

/// Listens on `address`. The error explains what to do when the port is in use.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen at {address}; another program may use this port, so stop that or choose another address")
    })
}

/// Serves until a soft stop, over TLS if configured. Requests in progress may then finish,
/// for at most [`HttpLimits::drain`] or until a hard stop. Handlers get the client's address
/// as `ConnectInfo<SocketAddr>`.
pub async fn serve_http(
    listener: TcpListener,
    router: Router,
    limits: HttpLimits,
    tls: Option<Tls>,
    lifecycle: &Lifecycle,
) {
    let places = Places::new(ConnectionLimits {
        places: limits.max_connections,
        places_per_address: limits.max_connections_per_address,
        many_clients: limits.proxies.clone(),
    });
    let drain = limits.drain;
    let serving = Serving { router, limits: Arc::new(limits), tls };
    let connections = TaskTracker::new();
    let drained = lifecycle.hard().child_token();
    loop {
        let accepted = tokio::select! {
            () = lifecycle.soft().cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, client)) = accepted else { continue };
        let place = match places.take(client.ip()) {
            Ok(place) => Arc::new(place),
            Err(refusal) => {
                turn_away(&stream, refusal, serving.tls.is_some());
                continue;
            }
        };
        let serving = serving.clone();
        let (soft, cut) = (lifecycle.soft().clone(), drained.clone());
        connections.spawn(async move {
            tokio::select! {
                () = cut.cancelled() => {}
                () = place.was_cut() => METRICS.refused.add(&["idle_connection"], 1),
                () = serving.serve(stream, client, Arc::clone(&place), soft.cancelled()) => {}
            }
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(drain, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "cutting connections whose requests did not end in time");
        drained.cancel();
        connections.wait().await;
    }
}

/// Accepts the next connection. Returns `None` when the system refused; in that case an idle
/// connection was closed, followed by a short pause.
async fn accept(listener: &TcpListener, places: &Places) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            tracing::warn!(%error, "the system refused to accept a connection");
            places.make_room();
            tokio::time::sleep(AFTER_REFUSED_ACCEPT).await;
            None
        }
    }
}

/// Makes a single non-blocking attempt to respond, without reading, and closes.
fn turn_away(stream: &TcpStream, refusal: Refusal, is_tls: bool) {
    let (what, status) = match refusal {
        Refusal::OfAddress => ("connection_of_address", "429 Too Many Requests"),
        Refusal::Full => ("connection", "503 Service Unavailable"),
    };
    METRICS.refused.add(&[what], 1);
    if !is_tls {
        let answer = format!(
            "HTTP/1.1 {status}\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\ncache-control: no-store\r\n\
             x-content-type-options: nosniff\r\n\r\n"
        );
        // A client that does not accept even this notices the closed connection.
        let _ = stream.try_write(answer.as_bytes());
    }
}

#[cfg(test)]
mod tests;
