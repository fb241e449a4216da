//! Receives messages, and reconnects automatically when the broker goes away.

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use lapin::Channel;
use lapin::message::Delivery as Received;
use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use rethread_stores::retry::{Backoff, Pauses};
use rethread_stores::{Consumer, Delivery, ErrorKind, Result};

use super::connection::{ConnectionSlot, within};
use super::delivery::{UnackedMessage, settle_without_waiting};
use super::message::{Message, decode, was_refused};
use super::{REACH_LIMIT, failure};

/// See [`Consumer`]. Survives restarts of the broker; fails only when an operator must fix
/// something first.
pub(super) struct RabbitConsumer<T> {
    link: Arc<ConnectionSlot>,
    queue: String,
    of_dead_messages: bool,
    subscription: Option<Subscription>,
    pauses: Pauses,
    received: PhantomData<fn() -> T>,
}

impl<T> RabbitConsumer<T> {
    pub(super) fn new(link: Arc<ConnectionSlot>, queue: String) -> Self {
        let (subscription, pauses, received) = (None, Pauses::new(Backoff::reconnect()), PhantomData);
        Self { link, queue, of_dead_messages: false, subscription, pauses, received }
    }

    /// Consumes messages that were given back too often. One that was merely refused, and that this
    /// version can read, came from a newer process to an older one; it is not dead, and is
    /// published again as overdue.
    pub(super) const fn of_dead_messages(mut self) -> Self {
        self.of_dead_messages = true;
        self
    }

    /// Waits on the subscription, which only this future holds: dropping it ends the subscription,
    /// and the broker redelivers what had arrived for it.
    async fn receive(&mut self) -> Result<(Subscription, Received)> {
        let mut subscription = match self.subscription.take() {
            Some(subscription) => subscription,
            None => Subscription::begin(&self.link, &self.queue).await?,
        };
        let received = subscription.next().await?;
        Ok((subscription, received))
    }
}

impl<T: Message> RabbitConsumer<T> {
    /// Decodes what was received, unless it must not be delivered. An unreadable message is
    /// refused, which moves it to the dead messages, and from there to the queue without consumers,
    /// where it stays for an operator.
    fn open(&self, received: Received, channel: &Channel) -> Option<Delivery<T>> {
        let Some(payload) = decode::<T>(&received.data, &received.properties) else {
            tracing::error!(
                queue = self.queue,
                bytes = received.data.len(),
                "a message cannot be read by this version, it is put aside"
            );
            settle_without_waiting(received.acker.reject(lapin::options::BasicRejectOptions { requeue: false }));
            return None;
        };
        if self.of_dead_messages && was_refused(&received.properties) {
            tracing::warn!(queue = self.queue, id = payload.message_id(), "an older process could not read a message");
            settle_without_waiting(received.acker.ack(lapin::options::BasicAckOptions::default()));
            return None;
        }
        Some(Delivery::new(payload, Box::new(UnackedMessage::new(received.acker, channel.clone()))))
    }
}

#[async_trait]
impl<T: Message> Consumer<T> for RabbitConsumer<T> {
    async fn next(&mut self) -> Result<Delivery<T>> {
        loop {
            match self.receive().await {
                Ok((subscription, received)) => {
                    let delivery = self.open(received, &subscription.channel);
                    self.subscription = Some(subscription);
                    self.pauses.reset();
                    if let Some(delivery) = delivery {
                        return Ok(delivery);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Unavailable => {
                    let pause = self.pauses.next_pause();
                    tracing::warn!(
                        queue = self.queue,
                        error = &error as &dyn std::error::Error,
                        pause_ms = pause.as_millis(),
                        "a consumer lost its queue and starts over"
                    );
                    tokio::time::sleep(pause).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// A consumer on the broker, alone on its channel.
struct Subscription {
    consumer: lapin::Consumer,
    channel: Channel,
}

impl Subscription {
    /// With a prefetch of one: what this process does not work on yet, another one may.
    async fn begin(link: &ConnectionSlot, queue: &str) -> Result<Self> {
        let (channel, open) = link.channel().await?;
        let mut unfinished = Unfinished(Some(channel.clone()));
        let subscribing = async {
            channel.basic_qos(1, BasicQosOptions::default()).await?;
            let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
            channel.basic_consume(queue.into(), "".into(), options, arguments).await
        };
        let doing = format!("to let a consumer have queue {queue}");
        let begun = async { subscribing.await.map_err(|error| failure::failed(&doing, error)) };
        match within(REACH_LIMIT, &format!("RabbitMQ did not let a consumer have queue {queue}"), begun).await {
            Ok(consumer) => {
                unfinished.0 = None;
                Ok(Self { consumer, channel })
            }
            Err(error) => {
                link.discard(&open).await;
                Err(error)
            }
        }
    }

    async fn next(&mut self) -> Result<Received> {
        match self.consumer.next().await {
            Some(Ok(received)) => Ok(received),
            Some(Err(error)) => Err(failure::failed("in the middle of a subscription", error)),
            None => Err(failure::unavailable("RabbitMQ ended a subscription")),
        }
    }
}

/// Closes the channel of a subscription that was cancelled before the broker answered. Otherwise
/// the client library would keep it open, with a consumer that is never read.
struct Unfinished(Option<Channel>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(channel) = self.0.take() {
            settle_without_waiting(channel.close(200, "OK".into()));
        }
    }
}
