//! Settles received messages.

use async_trait::async_trait;
use futures::FutureExt;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::{Acker, Channel};
use rethread_stores::{Acknowledge, Result};

use super::connection::within;
use super::{ANSWER_LIMIT, failure};

/// An unsettled message, and the channel to settle it on, which lives as long.
pub(super) struct UnackedMessage {
    acker: Acker,
    channel: Channel,
}

impl UnackedMessage {
    pub(super) const fn new(acker: Acker, channel: Channel) -> Self {
        Self { acker, channel }
    }
}

#[async_trait]
impl Acknowledge for UnackedMessage {
    async fn ack(self: Box<Self>) -> Result<()> {
        let acknowledging = async {
            match self.acker.ack(BasicAckOptions::default()).await {
                Ok(true) => Ok(()),
                // The channel was gone: the broker redelivered the message.
                Ok(false) => Err(failure::unavailable("a message was settled too late, it comes again")),
                Err(error) => Err(failure::failed("to settle a message", error)),
            }
        };
        let done = within(ANSWER_LIMIT, "RabbitMQ did not take an acknowledgement", acknowledging).await;
        if done.is_err() {
            // The broker waits for the acknowledgement before it sends the next message on this
            // channel.
            settle_without_waiting(self.channel.close(200, "OK".into()));
        }
        done
    }

    fn give_back(self: Box<Self>) {
        settle_without_waiting(self.acker.nack(BasicNackOptions { multiple: false, requeue: true }));
    }
}

/// Sends without waiting for the result: the library writes the frame when the future is first
/// polled. On a broken connection this does nothing, and nothing is needed: the broker requeues
/// what was held on it.
pub(super) fn settle_without_waiting<T>(settling: impl Future<Output = T>) {
    let _ = settling.now_or_never();
}
