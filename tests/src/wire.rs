//! HTTP by hand, for clients that misbehave.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// A connection on which anything may be said.
#[derive(Debug)]
pub struct Wire(TcpStream);

impl Wire {
    /// A connection to `server` from `source`, which is any address of this machine (all of `127.0.0.0/8` are).
    pub async fn connect(server: SocketAddr, source: impl Into<IpAddr>) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((source.into(), 0).into())?;
        socket.connect(server).await.map(Self)
    }

    /// Sends something, whole.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.0.write_all(bytes.as_ref()).await
    }

    /// What the server says first, up to an empty line or the end.
    pub async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = self.0.read_u8().await else { break };
            head.push(byte);
        }
        String::from_utf8_lossy(&head).into_owned()
    }

    /// What the server says until it ends the connection, in whatever way.
    pub async fn rest(&mut self) -> String {
        let mut said = Vec::new();
        // A connection that is reset has ended too; what came before counts.
        let _ = self.0.read_to_end(&mut said).await;
        String::from_utf8_lossy(&said).into_owned()
    }

    /// [`Wire::rest`], or what of it comes within some time.
    pub async fn rest_within(&mut self, patience: std::time::Duration) -> String {
        let mut said = Vec::new();
        let until = tokio::time::Instant::now() + patience;
        while let Ok(Ok(1..)) = tokio::time::timeout_at(until, self.0.read_buf(&mut said)).await {}
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Sends pieces until the server ends the connection; `None` for the next piece stops sending. Returns how many bytes
    /// were sent, and what the server said.
    pub async fn flood(self, mut piece: impl AsyncFnMut() -> Option<Vec<u8>>) -> (u64, String) {
        let (mut from_server, mut to_server) = self.0.into_split();
        let saying = tokio::spawn(async move {
            let mut said = Vec::new();
            let _ = from_server.read_to_end(&mut said).await;
            String::from_utf8_lossy(&said).into_owned()
        });
        let mut sent = 0;
        while !saying.is_finished() {
            let Some(bytes) = piece().await else { break };
            if to_server.write_all(&bytes).await.is_err() {
                break;
            }
            sent += bytes.len() as u64;
        }
        (sent, saying.await.expect("reading does not panic"))
    }
}

/// Status of the first answer in what a server said; 0 when it ended the connection without a word.
#[must_use]
pub fn status_of(said: &str) -> u16 {
    let status = said.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    status.unwrap_or_default()
}
