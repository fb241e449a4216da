//! Publishes messages and waits for the broker's confirmation of each.

use std::sync::Arc;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation};
use parking_lot::Mutex;
use rethread_model::Clock;
use rethread_stores::{Error, ErrorKind, Result};
use tokio::sync::Semaphore;

use super::connection::{ConnectionSlot, OpenConnection, within};
use super::message::{Message, encode};
use super::{ANSWER_LIMIT, REACH_LIMIT, failure};

/// The maximum number of messages waiting for their confirmation.
const LANES: usize = 16;

/// Publishes for concurrent callers.
#[derive(Debug)]
pub(super) struct Publisher {
    link: Arc<ConnectionSlot>,
    clock: Arc<dyn Clock>,
    lanes: Semaphore,
    idle: Mutex<Vec<ConfirmChannel>>,
}

/// A channel on which one message at a time waits for its confirmation. With several, the client
/// library assigns a returned message to whichever confirmation it processes first when the broker
/// confirms many at once; and with several publishing threads, it numbers messages in another order
/// than it sends them.
struct ConfirmChannel {
    channel: Channel,
    open: OpenConnection,
}

impl Publisher {
    pub(super) fn new(link: Arc<ConnectionSlot>, clock: Arc<dyn Clock>) -> Self {
        Self { link, clock, lanes: Semaphore::new(LANES), idle: Mutex::default() }
    }

    /// Returns once the broker has stored the message. Fails with [`ErrorKind::Unavailable`]
    /// without a confirmation in time: the message may be stored nevertheless.
    pub(super) async fn publish<T: Message>(&self, message: &T) -> Result<()> {
        let (body, properties) = encode(message, self.clock.now())?;
        let waiting = async { self.lanes.acquire().await.map_err(|error| failure::unavailable(error.to_string())) };
        let _permit = within(ANSWER_LIMIT, "RabbitMQ did not confirm earlier messages", waiting).await?;
        // Taken out while in use: if this future is dropped, so is the channel, and with it a
        // confirmation that has no receiver any more.
        let lane = self.lane().await.map_err(retryable)?;
        let publishing = async {
            // Mandatory: a message without a queue is returned instead of dropped silently.
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
            // A queue was deleted while in use. The next channel declares it again.
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
                // The state of the connection is unknown after an error or a timeout.
                self.link.discard(&lane.open).await;
                Err(error)
            }
        }
    }

    /// A working channel.
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

/// What an operator changes in the broker at run time can be changed back: it must not fail a job.
fn retryable(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Configuration => failure::unavailable(error.to_string()),
        _ => error,
    }
}
