//! Settles what was received.

use async_trait::async_trait;
use futures::FutureExt;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::{Acker, Channel};

use super::connection::within;
use super::{ANSWER_LIMIT, failure};
use crate::Result;
use crate::queue::Acknowledge;

/// A message that somebody holds, and the channel that it can be settled on, which lives as long.
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
                // The channel was gone: the broker gave the message to somebody else.
                Ok(false) => Err(failure::unavailable("a message was settled too late, it comes again")),
                Err(error) => Err(failure::failed("to settle a message", error)),
            }
        };
        let done = within(ANSWER_LIMIT, "RabbitMQ did not take an acknowledgement", acknowledging).await;
        if done.is_err() {
            // The broker waits for the acknowledgement before it sends this channel the next message.
            settle_without_waiting(self.channel.close(200, "OK".into()));
        }
        done
    }

    fn give_back(self: Box<Self>) {
        settle_without_waiting(self.acker.nack(BasicNackOptions { multiple: false, requeue: true }));
    }
}

/// Sends, and leaves it to the library: it hands over the frame when the future is first polled. Where the connection is
/// broken this does nothing, and nothing is needed: the broker gives back what was held on it.
pub(super) fn settle_without_waiting<T>(settling: impl Future<Output = T>) {
    let _ = settling.now_or_never();
}
