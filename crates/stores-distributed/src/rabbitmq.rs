//! Tasks and events in RabbitMQ, 3.10 or newer: quorum queues, publisher confirms, dead letters.
//!
//! One connection publishes and another consumes, so a broker that throttles publishers still
//! delivers work. Each is opened on demand and discarded at the first error. Nothing is recovered
//! in place, because the client library's own recovery redelivers messages that are still being
//! worked on. Publishers get an error and retry; consumers reconnect automatically.

mod address;
mod connection;
mod consumer;
mod delivery;
mod diagnose;
mod failure;
mod message;
mod publisher;
mod server_properties;
mod topology;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rethread_model::{Clock, Event, Task};
use rethread_stores::{Consumer, Depth, Diagnosis, Health, Queue, Result};

use self::address::Address;
use self::connection::ConnectionSlot;
use self::consumer::RabbitConsumer;
use self::publisher::Publisher;
use self::topology::{EVENTS, TASKS};

/// The limit for opening a connection and setting it up.
const REACH_LIMIT: Duration = Duration::from_secs(10);

/// How long the broker may take to confirm a message.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// See [`rethread_stores::Queue`].
#[derive(Debug)]
pub(crate) struct RabbitQueue {
    publisher: Publisher,
    /// Also serves queries about the queues.
    publishing: Arc<ConnectionSlot>,
    consuming: Arc<ConnectionSlot>,
}

impl RabbitQueue {
    /// Connects once, so that a bad URL, a wrong password and queues that exist with different
    /// arguments are reported at the start. Fails with [`rethread_stores::ErrorKind::Unavailable`] when the
    /// broker does not answer within [`REACH_LIMIT`].
    pub(crate) async fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let address = Arc::new(Address::parse(url)?);
        let publishing = Arc::new(ConnectionSlot::new(Arc::clone(&address), "publishes"));
        let consuming = Arc::new(ConnectionSlot::new(address, "consumes"));
        publishing.channel().await?;
        Ok(Self { publisher: Publisher::new(Arc::clone(&publishing), clock), publishing, consuming })
    }

    fn consumer<T>(&self, queue: String) -> RabbitConsumer<T> {
        RabbitConsumer::new(Arc::clone(&self.consuming), queue)
    }
}

#[async_trait]
impl Queue for RabbitQueue {
    async fn publish_task(&self, task: &Task) -> Result<()> {
        self.publisher.publish(task).await
    }

    async fn publish_event(&self, event: &Event) -> Result<()> {
        self.publisher.publish(event).await
    }

    async fn tasks(&self) -> Result<Box<dyn Consumer<Task>>> {
        Ok(Box::new(self.consumer(self.consuming.topology().queue(TASKS))))
    }

    async fn events(&self) -> Result<Box<dyn Consumer<Event>>> {
        Ok(Box::new(self.consumer(self.consuming.topology().queue(EVENTS))))
    }

    async fn dead_tasks(&self) -> Result<Box<dyn Consumer<Task>>> {
        Ok(Box::new(self.consumer(self.consuming.topology().dead_queue(TASKS)).of_dead_messages()))
    }

    async fn depth(&self) -> Result<Depth> {
        let topology = self.publishing.topology();
        let counts = self.publishing.counts().await?;
        let count = |queue: &str| counts.iter().filter(|(name, _)| name == queue).map(|(_, count)| count).sum();
        let (tasks, events) = (count(&topology.queue(TASKS)), count(&topology.queue(EVENTS)));
        let all: u64 = counts.iter().map(|(_, count)| count).sum();
        Ok(Depth { tasks, events, dead: all - tasks - events })
    }

    fn survives_restart(&self) -> bool {
        true
    }
}

#[async_trait]
impl Health for RabbitQueue {
    async fn check(&self) -> Result<()> {
        self.publishing.connection().await.map(|_| ())
    }

    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        diagnose::diagnose(&self.publishing, apply).await
    }
}
