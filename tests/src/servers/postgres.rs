//! `PostgreSQL`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tempfile::TempPath;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

use super::debian;
use super::server::Server;
use crate::{background, free_address};

const USER: &str = "postgres";
const PACKAGE: &str = "postgresql";
const ROLE: &str = "rethread";
const PASSWORD: &str = "tests";

/// `PostgreSQL` with a role that has a password.
#[derive(Debug)]
pub struct Postgres {
    address: SocketAddr,
    server: Server,
}

/// The folder of binaries of the newest version.
fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.max_by_key(|version| {
        let name = version.file_name();
        name.to_str().and_then(|name| name.parse::<u32>().ok()).unwrap_or(0)
    });
    let folder = newest.map_or_else(|| PathBuf::from("/usr/lib/postgresql/15"), |version| version.path()).join("bin");
    let postgres = folder.join("postgres");
    debian::program([postgres.to_str().expect("this path is UTF-8")], PACKAGE);
    folder
}

/// A cluster that was never started: creating one takes a second or two, copying it does not.
async fn template() -> &'static Path {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let folder = debian::folder("postgres", Some(USER));
            let password = folder.join("password");
            std::fs::write(&password, PASSWORD).expect("a file can be written");
            debian::give(&folder, USER);
            let cluster = folder.join("cluster");
            let mut command = debian::command(&binaries().join("initdb"), Some(USER));
            command.args(["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256"]);
            command.arg(format!("--username={ROLE}"));
            command.arg("--pwfile").arg(&password).arg("--pgdata").arg(&cluster).current_dir(&folder);
            debian::run(command).await;
            cluster
        })
        .await
}

impl Postgres {
    /// Starts one.
    pub async fn start() -> Self {
        let program = binaries().join("postgres");
        let address = free_address();
        let folder = debian::folder("postgres", Some(USER));
        let data = folder.join("cluster");
        let mut copy = debian::command(Path::new("/bin/cp"), Some(USER));
        copy.arg("-a").arg(template().await).arg(&data);
        debian::run(copy).await;
        // SIGINT is its "fast shutdown": clients are disconnected, committed data is written.
        let server = Server::new("postgres", folder, "INT", move || {
            let mut command = debian::command(&program, Some(USER));
            command
                .arg("-D")
                .arg(&data)
                .args(["-h", "127.0.0.1", "-p", &address.port().to_string()])
                .current_dir(&data);
            // A crash of the process loses no data that the system has accepted; only a power
            // failure would need fsync.
            for setting in ["unix_socket_directories=", "fsync=off", "full_page_writes=off", "max_connections=200"] {
                command.args(["-c", setting]);
            }
            command
        });
        let postgres = Self { address, server };
        postgres.resume().await;
        postgres
    }

    /// Restarts it, on the same port and with its data.
    pub async fn resume(&self) {
        self.server.start(|| async { self.connect("postgres").await.is_ok() }).await;
    }

    /// Stops it in order, and disconnects its clients.
    pub async fn stop(&self) {
        self.server.stop().await;
    }

    /// Sends SIGKILL to all of its processes.
    pub async fn kill(&self) {
        self.server.kill().await;
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Creates an empty database.
    pub async fn create_database(&self, name: &str) {
        let client = self.connect("postgres").await.expect("the server is up");
        client.batch_execute(&format!("CREATE DATABASE \"{name}\"")).await.expect("a database");
    }

    /// A dump of the current state of a database, while others write.
    pub async fn dump(&self, database: &str) -> TempPath {
        let file = tempfile::NamedTempFile::new().expect("a temporary file").into_temp_path();
        let mut command = debian::command(&binaries().join("pg_dump"), None);
        command.arg("--file").arg(&file).args(["--dbname", &self.url(database, None)]);
        debian::run(command).await;
        file
    }

    /// Restores a database from a dump. Its clients are disconnected.
    pub async fn restore(&self, database: &str, dump: &Path) {
        let client = self.connect("postgres").await.expect("the server is up");
        client.batch_execute(&format!("DROP DATABASE \"{database}\" WITH (FORCE)")).await.expect("it can be dropped");
        self.create_database(database).await;
        let mut command = debian::command(&binaries().join("psql"), None);
        command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", &self.url(database, None)]);
        command.arg("--file").arg(dump);
        debian::run(command).await;
    }

    /// The URL for `RETHREAD_COMMENTS`, through a proxy if there is one.
    #[must_use]
    pub fn url(&self, database: &str, through: Option<SocketAddr>) -> String {
        format!("postgres://{ROLE}:{PASSWORD}@{}/{database}?sslmode=disable", through.unwrap_or(self.address))
    }

    /// A client of a database.
    pub async fn connect(&self, database: &str) -> Result<Client, tokio_postgres::Error> {
        let url = self.url(database, None);
        let connecting = background::runtime().spawn(async move { tokio_postgres::connect(&url, NoTls).await });
        let (client, connection) = connecting.await.expect("the runtime lives")?;
        background::runtime().spawn(connection);
        Ok(client)
    }
}
