//! A connection that is made when it is needed, and made anew when it is broken.

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

use super::address::Address;
use super::topology::Topology;
use super::{ANSWER_LIMIT, REACH_LIMIT, failure};
use crate::{ErrorKind, Result};

/// A connection for one purpose. Many may ask for it at once; one of them makes it.
pub(super) struct ConnectionSlot {
    address: Arc<Address>,
    topology: Topology,
    /// What it does, for the logs and the broker's list of connections.
    purpose: &'static str,
    open: tokio::sync::Mutex<Option<OpenConnection>>,
}

/// A connection that was made.
#[derive(Clone)]
pub(super) struct OpenConnection {
    connection: Arc<Connection>,
    socket: Socket,
}

/// The socket below a connection, to end it where the client library would wait for an answer.
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

    /// The connection; made now if there is none that works.
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

    /// A new channel, on which all queues are known to be there.
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

    /// A new channel and nothing else.
    pub(super) async fn bare_channel(&self) -> Result<Channel> {
        let open = self.connection().await?;
        let opening = async {
            open.connection.create_channel().await.map_err(|error| failure::failed("to open a channel", error))
        };
        within(REACH_LIMIT, "RabbitMQ did not open a channel", opening).await
    }

    /// How many messages wait in each queue; those that a consumer holds are not among them.
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

    /// Ends a connection that does not work; the next who asks makes another. Whoever comes late with one that was
    /// replaced already does no harm.
    pub(super) async fn discard(&self, broken: &OpenConnection) {
        let mut open = self.open.lock().await;
        if open.as_ref().is_some_and(|open| Arc::ptr_eq(&open.connection, &broken.connection)) {
            *open = None;
        }
        broken.cut();
    }

    async fn connect(&self) -> Result<OpenConnection> {
        let socket = Socket::default();
        // Where the broker takes the connection and then says nothing, the library's thread would wait for ever.
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
    /// Ends it without a word to the broker, which gives back what was held on it.
    pub(super) fn cut(&self) {
        drop(Cut(Some(Arc::clone(&self.socket))));
    }
}

/// Cuts a connection when it is dropped.
struct Cut(Option<Socket>);

impl Cut {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        if let Some(socket) = self.0.take().and_then(|socket| socket.lock().take()) {
            // A socket that is closed already is what was wanted.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// Connects with the library's own recovery off, which is its default.
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

/// Waits no longer than that for something that may be tried again.
pub(super) async fn within<T>(limit: Duration, late: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(failure::unavailable(format!("{late} within {} s", limit.as_secs()))),
    }
}
