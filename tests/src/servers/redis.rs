//! Redis.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::debian;
use super::server::Server;
use crate::free_address;

/// redis-server with an append-only file (`appendonly yes`, `appendfsync everysec`: written before
/// the answer, made durable every second, so that a SIGKILL loses nothing and a power failure up to
/// a second) and `noeviction`.
#[derive(Debug)]
pub struct Redis {
    address: SocketAddr,
    server: Server,
}

impl Redis {
    /// Starts one.
    pub async fn start() -> Self {
        let program = debian::program(["/usr/bin/redis-server", "/usr/local/bin/redis-server"], "redis-server");
        let address = free_address();
        let folder = debian::folder("redis", None);
        let data = folder.clone();
        let server = Server::new("redis-server", folder, "TERM", move || {
            let mut command = debian::command(&program, None);
            command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string(), "--dir"]).arg(&data);
            command.args(["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]);
            command.args(["--maxmemory-policy", "noeviction", "--databases", "4096"]);
            command
        });
        let redis = Self { address, server };
        redis.resume().await;
        redis
    }

    /// Restarts it, on the same port and with its data.
    pub async fn resume(&self) {
        self.server.start(|| async { is_up(self.address).await.unwrap_or(false) }).await;
    }

    /// Stops it in order.
    pub async fn stop(&self) {
        self.server.stop().await;
    }

    /// Sends SIGKILL.
    pub async fn kill(&self) {
        self.server.kill().await;
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL for `RETHREAD_JOBS` of a dedicated database, through a proxy if there is one.
    #[must_use]
    pub fn url(&self, database: u32, through: Option<SocketAddr>) -> String {
        format!("redis://{}/{database}", through.unwrap_or(self.address))
    }
}

/// While it loads its file it answers `-LOADING`.
async fn is_up(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"PING\r\n").await?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await?;
    Ok(&answer == b"+PONG")
}
