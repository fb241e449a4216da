//! Hand-written HTTP, for clients that misbehave.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection on which an upload was started.
pub(super) struct Wire(pub(super) TcpStream);

impl Wire {
    /// Sends the head of an upload with `headers`, each ended by `\r\n`.
    pub(super) async fn begin(address: SocketAddr, token: &str, headers: &str) -> Self {
        Self::request(address, "POST /api/v1/imports", token, headers).await
    }

    /// Sends the head of a request.
    pub(super) async fn request(address: SocketAddr, line: &str, token: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: here\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             {headers}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Self(stream)
    }

    /// A chunked upload whose first chunk was sent.
    pub(super) async fn chunked(address: SocketAddr, token: &str) -> Self {
        let mut wire = Self::begin(address, token, "transfer-encoding: chunked\r\n").await;
        wire.chunk().await.unwrap();
        wire
    }

    /// Sends one more chunk.
    pub(super) async fn chunk(&mut self) -> std::io::Result<()> {
        self.0.write_all(b"5\r\nhello\r\n").await
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The server's response, up to the end of the connection.
    pub(super) async fn answer(mut self) -> String {
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// The server's first lines, up to an empty one.
    pub(super) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }
}
