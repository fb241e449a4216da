//! A connection that is opened on demand, and replaced when it is broken.

use std::fmt;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use async_compat::Compat;
use lapin::options::QueueDeclareOptions;
use lapin::tcp::{AsyncTcpStream, OwnedTLSConfig};
use lapin::types::{FieldTable, LongString};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties};
use parking_lot::Mutex;
use rethread_stores::{ErrorKind, Result};

use super::address::Address;
use super::topology::Topology;
use super::{ANSWER_LIMIT, REACH_LIMIT, failure};

/// A connection for one purpose. Of several concurrent callers, one opens it.
pub(super) struct ConnectionSlot {
    address: Arc<Address>,
    topology: Topology,
    /// Its purpose, for the logs and the broker's list of connections.
    purpose: &'static str,
    open: tokio::sync::Mutex<Option<OpenConnection>>,
}

/// A connection that was opened.
#[derive(Clone)]
pub(super) struct OpenConnection {
    connection: Arc<Connection>,
    socket: Socket,
}

/// The socket of a connection, to close it where the client library would wait for an answer.
type Socket = Arc<Mutex<Option<std::net::TcpStream>>>;

impl ConnectionSlot {
    pub(super) fn new(address: Arc<Address>, purpose: &'static str) -> Self {
        let topology = Topology::new(&address.prefix);
        Self { address, topology, purpose, open: tokio::sync::Mutex::default() }
    }

    pub(super) const fn topology(&self) -> &Topology {
        &self.topology
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// The connection; opened now if there is no working one.
    pub(super) async fn connection(&self) -> Result<OpenConnection> {
        let reaching = async {
            let mut open = self.open.lock().await;
            if let Some(open) = open.as_ref().filter(|open| open.connection.status().connected()) {
                return Ok(open.clone());
            }
            *open = None;
            let made = self.connect().await?;
            *open = Some(made.clone());
            Ok(made)
        };
        within(REACH_LIMIT, &format!("RabbitMQ at {} did not take a connection", self.address), reaching).await
    }

    /// A new channel, after all queues have been declared.
    pub(super) async fn channel(&self) -> Result<(Channel, OpenConnection)> {
        let open = self.connection().await?;
        let preparing = async {
            let channel =
                open.connection.create_channel().await.map_err(|error| failure::failed("to open a channel", error))?;
            self.topology.declare(&channel).await?;
            Ok(channel)
        };
        match within(REACH_LIMIT, "RabbitMQ did not open a channel", preparing).await {
            Ok(channel) => Ok((channel, open)),
            Err(error) => {
                if error.kind() != ErrorKind::Configuration {
                    self.discard(&open).await;
                }
                Err(error)
            }
        }
    }

    /// A new channel, without declaring anything.
    pub(super) async fn bare_channel(&self) -> Result<Channel> {
        let open = self.connection().await?;
        let opening = async {
            open.connection.create_channel().await.map_err(|error| failure::failed("to open a channel", error))
        };
        within(REACH_LIMIT, "RabbitMQ did not open a channel", opening).await
    }

    /// The number of ready messages in each queue; those held by a consumer are not counted.
    pub(super) async fn counts(&self) -> Result<Vec<(String, u64)>> {
        let channel = self.bare_channel().await?;
        let counting = async {
            let mut counts = Vec::new();
            for queue in &self.topology.queues {
                let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() };
                let found = channel.queue_declare(queue.name.as_str().into(), options, FieldTable::default()).await;
                let found = found.map_err(|error| failure::failed(&format!("to count queue {}", queue.name), error))?;
                counts.push((queue.name.clone(), u64::from(found.message_count())));
            }
            Ok(counts)
        };
        within(ANSWER_LIMIT, "RabbitMQ did not count its queues", counting).await
    }

    /// Closes a broken connection; the next caller opens another. Does nothing if that connection
    /// was already replaced.
    pub(super) async fn discard(&self, broken: &OpenConnection) {
        let mut open = self.open.lock().await;
        if open.as_ref().is_some_and(|open| Arc::ptr_eq(&open.connection, &broken.connection)) {
            *open = None;
        }
        broken.cut();
    }

    async fn connect(&self) -> Result<OpenConnection> {
        let socket = Socket::default();
        // If the broker accepts the connection and then stays silent, the library's thread would
        // wait for ever.
        let cut_unless_done = Cut(Some(Arc::clone(&socket)));
        let uri = self.address.uri.clone();
        let connection = connect(uri, self.purpose, Arc::clone(&socket))
            .await
            .map_err(|error| failure::connecting(&self.address.to_string(), &self.address.uri.vhost, error))?;
        cut_unless_done.done();
        tracing::debug!(broker = %self.address, purpose = self.purpose, "connected to RabbitMQ");
        Ok(OpenConnection { connection: Arc::new(connection), socket })
    }
}

impl fmt::Debug for ConnectionSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionSlot({:?}, {})", self.address, self.purpose)
    }
}

impl OpenConnection {
    /// Closes the socket without a handshake; the broker requeues what was held on the connection.
    pub(super) fn cut(&self) {
        drop(Cut(Some(Arc::clone(&self.socket))));
    }
}

/// Closes a connection when dropped.
struct Cut(Option<Socket>);

impl Cut {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        if let Some(socket) = self.0.take().and_then(|socket| socket.lock().take()) {
            // A socket that is already closed is fine.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// Connects with the library's own recovery disabled, which is its default.
async fn connect(uri: AMQPUri, purpose: &'static str, socket: Socket) -> lapin::Result<Connection> {
    let name = LongString::from(format!("rethread {purpose}"));
    let properties = ConnectionProperties::default().with_connection_name(name);
    let runtime = lapin::runtime::default_runtime()?;
    Connection::connector(uri, runtime, async move |uri, _| Ok(reach(&uri, &socket).await?), properties).await
}

async fn reach(uri: &AMQPUri, socket: &Socket) -> std::io::Result<AsyncTcpStream<Compat<tokio::net::TcpStream>>> {
    let host = uri.authority.host.as_str();
    let stream = tokio::net::TcpStream::connect((host, uri.authority.port)).await?;
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    *socket.lock() = Some(stream.try_clone()?);
    let stream = AsyncTcpStream::Plain(Compat::new(tokio::net::TcpStream::from_std(stream)?));
    match uri.scheme {
        AMQPScheme::AMQP => Ok(stream),
        AMQPScheme::AMQPS => stream.into_tls(host, OwnedTLSConfig::default().as_ref()).await,
    }
}

/// Limits the time of an operation that may be retried.
pub(super) async fn within<T>(limit: Duration, late: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(failure::unavailable(format!("{late} within {} s", limit.as_secs()))),
    }
}
