//! `MariaDB`, which stores WordPress's data.

use std::net::SocketAddr;
use std::path::Path;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

use super::debian;
use super::server::Server;
use crate::free_address;

/// The first byte of the server's handshake packet: version 10 of the protocol's handshake, after the four
/// bytes of a packet header.
const HANDSHAKE: u8 = 10;

/// The package of the server alone does not create a user.
const USER: &str = "www-data";
const PACKAGE: &str = "mariadb-server-core";

/// A crash of the process loses no written data; only a power failure would need more. The data are
/// small.
const SETTINGS: [&str; 3] =
    ["--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M"];

/// `MariaDB`, whose `root` has no password.
#[derive(Debug)]
pub(super) struct MariaDb {
    address: SocketAddr,
    _server: Server,
}

impl MariaDb {
    /// The instance in which each WordPress of this test process has a database: started by the
    /// first, ended with the process.
    pub(super) async fn shared() -> &'static Self {
        static SHARED: OnceCell<MariaDb> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        let program = debian::program(["/usr/sbin/mariadbd"], PACKAGE);
        let address = free_address();
        let folder = debian::folder("mariadb", Some(USER));
        let data = folder.join("data");
        make_data(&data).await;
        let server = Server::new("mariadbd", folder.clone(), "TERM", move || {
            let mut command = debian::command(&program, Some(USER));
            // This argument must come first, or the server would read the system's configuration.
            command.arg("--no-defaults");
            for (option, path) in [("datadir", &data), ("socket", &folder.join("socket")), ("tmpdir", &folder)] {
                command.arg(format!("--{option}={}", path.display()));
            }
            command.args(["--bind-address=127.0.0.1", &format!("--port={}", address.port()), "--skip-name-resolve"]);
            command.args(["--character-set-server=utf8mb4", "--innodb-buffer-pool-size=64M"]).args(SETTINGS);
            command
        });
        server.start(|| async { is_up(address).await.unwrap_or(false) }).await;
        Self { address, _server: server }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Creates the folder with the tables that the server itself needs.
async fn make_data(data: &Path) {
    let install = debian::program(["/usr/bin/mariadb-install-db"], PACKAGE);
    let mut command = debian::command(&install, Some(USER));
    command.args(["--no-defaults", "--basedir=/usr", "--skip-test-db", "--skip-name-resolve"]);
    command.arg("--auth-root-authentication-method=normal").args(SETTINGS);
    command.arg(format!("--datadir={}", data.display()));
    debian::run(command).await;
}

async fn is_up(address: SocketAddr) -> std::io::Result<bool> {
    let mut packet = [0; 5];
    TcpStream::connect(address).await?.read_exact(&mut packet).await?;
    Ok(packet[4] == HANDSHAKE)
}
