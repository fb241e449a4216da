//! Raw HTTP, for clients that misbehave.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// A raw connection that can send any bytes.
#[derive(Debug)]
pub struct Wire(TcpStream);

impl Wire {
    /// A connection to `server` from `source`, which can be any address of this machine (all of
    /// `127.0.0.0/8` are).
    pub async fn connect(server: SocketAddr, source: impl Into<IpAddr>) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((source.into(), 0).into())?;
        socket.connect(server).await.map(Self)
    }

    /// Sends all bytes.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.0.write_all(bytes.as_ref()).await
    }

    /// The server's first output, up to an empty line or the end.
    pub async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = self.0.read_u8().await else { break };
            head.push(byte);
        }
        String::from_utf8_lossy(&head).into_owned()
    }

    /// The server's output until it closes the connection, in whatever way.
    pub async fn rest(&mut self) -> String {
        let mut said = Vec::new();
        // A reset connection has ended too; the bytes before the reset count.
        let _ = self.0.read_to_end(&mut said).await;
        String::from_utf8_lossy(&said).into_owned()
    }

    /// [`Wire::rest`], or the part of it that arrives within some time.
    pub async fn rest_within(&mut self, patience: std::time::Duration) -> String {
        let mut said = Vec::new();
        let until = tokio::time::Instant::now() + patience;
        while let Ok(Ok(1..)) = tokio::time::timeout_at(until, self.0.read_buf(&mut said)).await {}
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Sends pieces until the server closes the connection; `None` for the next piece stops
    /// sending. Returns the number of bytes sent, and the server's output.
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

/// Status of the first answer in the server's output; 0 if it closed the connection without an
/// answer.
#[must_use]
pub fn status_of(said: &str) -> u16 {
    let status = said.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    status.unwrap_or_default()
}
