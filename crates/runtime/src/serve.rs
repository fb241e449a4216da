//! Serving HTTP with limits. axum's own `serve` sets no timer, so that its header timeout never fires; hence an accept
//! loop of our own. HTTP/1.1 only: a proxy in front speaks whatever else is wanted, and a connection of unknown version
//! could stay silent for ever.

mod connection;
mod connection_limit;
mod tls;
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
pub use self::tls::{Tls, TlsFiles};
use crate::{Lifecycle, METRICS, Networks};

/// A pause after the system refused to accept a connection (no free file descriptors, mostly).
const AFTER_REFUSED_ACCEPT: Duration = Duration::from_millis(200);

/// What a client may take.
#[derive(Debug, Clone)]
pub struct HttpLimits {
    /// A connection whose next request head is not complete after this long is cut; so is one whose TLS handshake is not.
    pub header_timeout: Duration,
    /// A longer request head is refused (431). At least 8 KiB.
    pub max_header_bytes: usize,
    /// A request head with more headers is refused (431).
    pub max_headers: usize,
    /// Connections at the same time. For one more, the one that has waited longest for a request is cut; where all have
    /// one, the new connection is turned away (503).
    pub max_connections: usize,
    /// Connections of one client, see [`crate::network_of`]; beyond that it replaces its own, or is turned away (429).
    pub max_connections_per_address: usize,
    /// Who brings many clients and is not held to the number for one.
    pub proxies: Networks,
    /// After so many requests a connection is closed, so that none stays for ever.
    pub max_requests_per_connection: u32,
    /// A client that takes nothing of its answer for this long is cut.
    pub answer_timeout: Duration,
    /// What requests that are under way have left after a soft stop.
    pub drain: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            // A table of mapping rules travels in the address, which may have 64 KiB.
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

/// Listens at `address`. The error says what to do when the port is taken.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen at {address}; another program may use this port, so stop that or choose another address")
    })
}

/// Serves until a soft stop, with TLS if it is given; then requests that are under way may end, for [`HttpLimits::drain`]
/// at most or until a hard stop. Handlers find the client's address as `ConnectInfo<SocketAddr>`.
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

/// The next connection. `None` when the system refused; a connection that did nothing was cut and a moment waited then.
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

/// Answers in the one attempt that costs nothing, without reading, and closes.
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
        // A client that does not take even this is told by the end of the connection.
        let _ = stream.try_write(answer.as_bytes());
    }
}

#[cfg(test)]
mod tests;
