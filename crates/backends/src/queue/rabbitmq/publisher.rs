//! Publishes, and waits until the broker answers for each message.

use std::sync::Arc;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation};
use parking_lot::Mutex;
use rethread_model::Clock;
use tokio::sync::Semaphore;

use super::connection::{ConnectionSlot, OpenConnection, within};
use super::message::{Message, encode};
use super::{ANSWER_LIMIT, REACH_LIMIT, failure};
use crate::{Error, ErrorKind, Result};

/// Messages that may wait for their confirmation at the same time.
const LANES: usize = 16;

/// Publishes from many places at once.
#[derive(Debug)]
pub(super) struct Publisher {
    link: Arc<ConnectionSlot>,
    clock: Arc<dyn Clock>,
    lanes: Semaphore,
    idle: Mutex<Vec<ConfirmChannel>>,
}

/// A channel on which one message at a time waits for its confirmation. With several, the client library gives a returned
/// message to whichever confirmation it looks at first, when the broker confirms many at once; and numbers them in
/// another order than it sends them, when several threads publish.
struct ConfirmChannel {
    channel: Channel,
    open: OpenConnection,
}

impl Publisher {
    pub(super) fn new(link: Arc<ConnectionSlot>, clock: Arc<dyn Clock>) -> Self {
        Self { link, clock, lanes: Semaphore::new(LANES), idle: Mutex::default() }
    }

    /// Returns when the broker has stored the message. Fails with [`ErrorKind::Unavailable`] when it did not say so in
    /// time: it may be stored all the same.
    pub(super) async fn publish<T: Message>(&self, message: &T) -> Result<()> {
        let (body, properties) = encode(message, self.clock.now())?;
        let waiting = async { self.lanes.acquire().await.map_err(|error| failure::unavailable(error.to_string())) };
        let _permit = within(ANSWER_LIMIT, "RabbitMQ did not confirm earlier messages", waiting).await?;
        // UnackedMessage out while it is used: where this future is dropped, the channel goes with it, and with the channel a
        // confirmation that nobody waits for.
        let lane = self.lane().await.map_err(retryable)?;
        let publishing = async {
            let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
            let exchange = self.link.topology().exchange().into();
            let sent = lane.channel.basic_publish(exchange, T::ROUTE.into(), options, &body, properties).await;
            let confirmed = match sent {
                Ok(confirmed) => confirmed.await,
                Err(error) => Err(error),
            };
            confirmed.map_err(|error| failure::failed("to take a message", error))
        };
        match within(ANSWER_LIMIT, "RabbitMQ did not confirm a message", publishing).await {
            Ok(Confirmation::Ack(None)) => {
                self.idle.lock().push(lane);
                Ok(())
            }
            // A queue was deleted under us. The next lane makes it again.
            Ok(Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_))) => {
                self.idle.lock().clear();
                let queue = self.link.topology().queue(T::ROUTE);
                Err(failure::unavailable(format!("RabbitMQ has no queue {queue} to put a message in")))
            }
            Ok(Confirmation::Nack(None)) => {
                self.idle.lock().push(lane);
                Err(failure::unavailable(
                    "RabbitMQ refused a message: look whether its disk or the queue's limit is full",
                ))
            }
            Ok(Confirmation::NotRequested) => {
                Err(Error::new(ErrorKind::Internal, "messages are published without asking for confirmations"))
            }
            Err(error) => {
                self.link.discard(&lane.open).await;
                Err(error)
            }
        }
    }

    /// A lane that works.
    async fn lane(&self) -> Result<ConfirmChannel> {
        {
            let mut idle = self.idle.lock();
            while let Some(lane) = idle.pop() {
                if lane.channel.status().connected() {
                    return Ok(lane);
                }
            }
        }
        let (channel, open) = self.link.channel().await?;
        let selecting = async {
            let selected = channel.confirm_select(ConfirmSelectOptions::default()).await;
            selected.map_err(|error| failure::failed("to confirm messages", error))
        };
        within(REACH_LIMIT, "RabbitMQ did not open a channel", selecting).await?;
        Ok(ConfirmChannel { channel, open })
    }
}

impl std::fmt::Debug for ConfirmChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConfirmChannel({})", self.channel.id())
    }
}

/// What an operator changed in the broker while we run, an operator can change back: no job shall fail of it.
fn retryable(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Configuration => failure::unavailable(error.to_string()),
        _ => error,
    }
}
