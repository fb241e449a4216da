//! RabbitMQ.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::debian;
use super::server::Server;
use crate::{Process, free_address, wait_for};

const USER: &str = "rabbitmq";
const PACKAGE: &str = "rabbitmq-server";

/// A client's protocol header (AMQP 0-9-1, section 4.2.2).
const PROTOCOL_HEADER: &[u8; 8] = b"AMQP\0\0\x09\x01";

/// rabbitmq-server, with its own Erlang port mapper, so that no process outlives it.
#[derive(Debug)]
pub struct RabbitMq {
    address: SocketAddr,
    server: Server,
    folder: PathBuf,
    port_mapper: SocketAddr,
    node: String,
    _port_mapper: Process,
}

impl RabbitMq {
    /// Starts one; it takes some seconds.
    pub async fn start() -> Self {
        // Not the one in /usr/sbin, which requires the folders of the system's own broker.
        let program = debian::program(["/usr/lib/rabbitmq/bin/rabbitmq-server"], PACKAGE);
        let (address, distribution, port_mapper) = (free_address(), free_address(), free_address());
        let folder = debian::folder("rabbitmq", Some(USER));
        let port_mapper_process = start_port_mapper(&folder, port_mapper).await;
        let node = format!("t{}@localhost", address.port());
        std::fs::write(folder.join("rabbitmq.conf"), "disk_free_limit.absolute = 64MB\n")
            .expect("a file can be written");
        std::fs::write(folder.join("env.conf"), "").expect("a file can be written");
        std::fs::write(folder.join("plugins"), "[].\n").expect("a file can be written");
        debian::give(&folder, USER);
        let server = Server::new("rabbitmq-server", folder.clone(), "TERM", {
            let (folder, node) = (folder.clone(), node.clone());
            move || {
                let mut command = command(&program, &folder, &node, port_mapper);
                command
                    // The script then becomes the server instead of waiting for it.
                    .env("RUNNING_UNDER_SYSTEMD", "true")
                    .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
                    .env("RABBITMQ_NODE_PORT", address.port().to_string())
                    .env("RABBITMQ_DIST_PORT", distribution.port().to_string())
                    // Busy-waiting schedulers would take processor time from the code under test.
                    .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none");
                command
            }
        });
        let rabbitmq = Self { address, server, folder, port_mapper, node, _port_mapper: port_mapper_process };
        rabbitmq.resume().await;
        rabbitmq
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

    /// The URL for `RETHREAD_QUEUE` of dedicated queues, through a proxy if there is one.
    #[must_use]
    pub fn url(&self, name: &str, through: Option<SocketAddr>) -> String {
        format!("amqp://guest:guest@{}/%2f?prefix={name}", through.unwrap_or(self.address))
    }

    /// The output of `rabbitmqctl`.
    pub async fn control(&self, arguments: &[&str]) -> String {
        let program = debian::program(["/usr/lib/rabbitmq/bin/rabbitmqctl"], PACKAGE);
        let mut command = command(&program, &self.folder, &self.node, self.port_mapper);
        command.args(["--quiet", "--node", &self.node]).args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("the command is awaited");
        let output = output.expect("rabbitmqctl runs");
        assert!(output.status.success(), "rabbitmqctl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The queues with this prefix and the number of messages in each, delivered or not.
    pub async fn queues(&self, prefix: &str) -> Vec<(String, u64)> {
        let listed = self.control(&["list_queues", "--no-table-headers", "name", "messages"]).await;
        let queues = listed.lines().filter_map(|line| line.split_once('\t'));
        let queues = queues.filter(|(name, _)| name.starts_with(prefix));
        queues.map(|(name, count)| (name.to_owned(), count.trim().parse().expect("a count"))).collect()
    }

    /// Purges the queues with this prefix.
    pub async fn purge(&self, prefix: &str) {
        for (name, _) in self.queues(prefix).await {
            self.control(&["purge_queue", &name]).await;
        }
    }
}

fn command(program: &Path, folder: &Path, node: &str, port_mapper: SocketAddr) -> Command {
    let mut command = debian::command(program, Some(USER));
    command
        .current_dir(folder)
        // The folder holds the cookie by which nodes and tools authenticate each other.
        .env("HOME", folder)
        .env("ERL_EPMD_PORT", port_mapper.port().to_string())
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODENAME", node)
        .env("RABBITMQ_MNESIA_BASE", folder.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", folder.join("logs"))
        .env("RABBITMQ_CONF_ENV_FILE", folder.join("env.conf"))
        .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq.conf"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("plugins"));
    command
}

async fn start_port_mapper(folder: &Path, address: SocketAddr) -> Process {
    let program = debian::program(["/usr/bin/epmd"], "erlang-base");
    let (stdout, stderr) = debian::log_file(folder);
    let mut command = debian::command(&program, Some(USER));
    command.args(["-address", "127.0.0.1", "-port", &address.port().to_string()]);
    let process = Process::spawn(command.stdout(stdout).stderr(stderr));
    wait_for("epmd to be up", || async { TcpStream::connect(address).await.ok() }).await;
    process
}

async fn is_up(address: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(PROTOCOL_HEADER).await?;
    // A method frame on channel 0: `Connection.Start`.
    let mut answer = [0; 3];
    stream.read_exact(&mut answer).await?;
    Ok(answer == [1, 0, 0])
}
