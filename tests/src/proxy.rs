//! A link that can be broken: client -> proxy -> server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::background::runtime;

/// A TCP proxy. Initially it passes everything through.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    link: Arc<Link>,
    accepting: JoinHandle<()>,
}

/// The direction of traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// The traffic of a proxy so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Connections that were established.
    pub connections: u64,
    /// Connections that were refused or reset because the link was cut.
    pub torn: u64,
    /// Bytes from clients to the server.
    pub bytes_up: u64,
    /// Bytes from the server to clients.
    pub bytes_down: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    Cut,
    BlackHole,
}

#[derive(Debug)]
struct Link {
    server: SocketAddr,
    state: watch::Sender<State>,
    connections: AtomicU64,
    torn: AtomicU64,
    up: Way,
    down: Way,
}

/// One direction of all connections together.
#[derive(Debug)]
struct Way {
    bytes: AtomicU64,
    /// The link is cut when `bytes` reaches this number.
    cut_at: AtomicU64,
}

impl Default for Way {
    fn default() -> Self {
        Self { bytes: AtomicU64::new(0), cut_at: AtomicU64::new(u64::MAX) }
    }
}

impl Proxy {
    /// A proxy in front of a server.
    pub async fn to(server: SocketAddr) -> Self {
        let address = crate::free_address();
        let link = Arc::new(Link {
            server,
            state: watch::Sender::new(State::Whole),
            connections: AtomicU64::new(0),
            torn: AtomicU64::new(0),
            up: Way::default(),
            down: Way::default(),
        });
        let listening = runtime().spawn(TcpListener::bind(address)).await.expect("the runtime lives");
        let listener = listening.expect("the port is free");
        let accepting = runtime().spawn(accept(listener, Arc::clone(&link)));
        Self { address, link, accepting }
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Resets all connections, and every new one, until [`Proxy::heal`].
    pub fn cut(&self) {
        self.link.state.send_replace(State::Cut);
    }

    /// Drops all traffic until [`Proxy::heal`] without notice to either side: connections stay
    /// open, and new ones are accepted. Since TCP retransmits, data sent meanwhile arrives after
    /// healing, if sender and receiver still wait.
    pub fn black_hole(&self) {
        self.link.state.send_replace(State::BlackHole);
    }

    /// Cuts the link after this number of further bytes in a direction: in the middle of a message,
    /// if the number falls there.
    pub fn cut_after(&self, direction: Direction, bytes: u64) {
        let way = self.link.way(direction);
        way.cut_at.store(way.bytes.load(Ordering::SeqCst) + bytes, Ordering::SeqCst);
    }

    /// Waits until the link is cut (see [`Proxy::cut_after`]).
    pub async fn is_cut(&self) {
        let mut state = self.link.state.subscribe();
        crate::wait_for("the link to be cut", || {
            let is_cut = *state.borrow_and_update() == State::Cut;
            async move { is_cut.then_some(()) }
        })
        .await;
    }

    /// Restores the link.
    pub fn heal(&self) {
        for way in [&self.link.up, &self.link.down] {
            way.cut_at.store(u64::MAX, Ordering::SeqCst);
        }
        self.link.state.send_replace(State::Whole);
    }

    /// The traffic so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        Traffic {
            connections: self.link.connections.load(Ordering::SeqCst),
            torn: self.link.torn.load(Ordering::SeqCst),
            bytes_up: self.link.up.bytes.load(Ordering::SeqCst),
            bytes_down: self.link.down.bytes.load(Ordering::SeqCst),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Link {
    fn way(&self, direction: Direction) -> &Way {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }

    /// Waits until the link is not a black hole; returns false if it is cut.
    async fn lets_through(&self, state: &mut watch::Receiver<State>) -> bool {
        // The sender lives in `self`.
        let settled = state.wait_for(|state| *state != State::BlackHole).await;
        settled.is_ok_and(|state| *state == State::Whole)
    }

    /// Counts bytes and returns how many of them may pass before the link is cut; cuts it at that
    /// point.
    fn account(&self, direction: Direction, bytes: usize) -> usize {
        let way = self.way(direction);
        let before = way.bytes.fetch_add(bytes as u64, Ordering::SeqCst);
        let allowed = way.cut_at.load(Ordering::SeqCst).saturating_sub(before);
        if allowed > bytes as u64 {
            return bytes;
        }
        self.state.send_replace(State::Cut);
        usize::try_from(allowed).unwrap_or(bytes)
    }
}

async fn accept(listener: TcpListener, link: Arc<Link>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((client, _)) = listener.accept() => {
                link.connections.fetch_add(1, Ordering::SeqCst);
                connections.spawn(connect(client, Arc::clone(&link)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connect(client: TcpStream, link: Arc<Link>) {
    let mut state = link.state.subscribe();
    // Dropped without a FIN, as by a router that lost the connection.
    let _ = client.set_zero_linger();
    if !link.lets_through(&mut state).await {
        link.torn.fetch_add(1, Ordering::SeqCst);
        return;
    }
    let Ok(server) = TcpStream::connect(link.server).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let up = pump(from_client, to_server, &link, Direction::Up);
    let down = pump(from_server, to_client, &link, Direction::Down);
    let both = async { tokio::join!(up, down) };
    tokio::select! {
        _ = both => {}
        _ = state.wait_for(|state| *state == State::Cut) => {
            link.torn.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Forwards bytes until one side ends.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, link: &Link, direction: Direction) {
    let mut state = link.state.subscribe();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        if !link.lets_through(&mut state).await {
            return;
        }
        let allowed = link.account(direction, count);
        if to.write_all(&buffer[..allowed]).await.is_err() || allowed < count {
            return;
        }
    }
    if link.lets_through(&mut state).await {
        let _ = to.shutdown().await;
    }
}

#[cfg(test)]
mod tests;
