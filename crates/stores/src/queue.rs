//! Tasks for workers, events for the notifier.

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{Event, Task};

use crate::{Health, Result};

/// Delivers messages at least once.
#[async_trait]
pub trait Queue: Health {
    /// Returns once the queue has taken responsibility for the task.
    async fn publish_task(&self, task: &Task) -> Result<()>;

    /// Returns once the queue has taken responsibility for the event.
    async fn publish_event(&self, event: &Event) -> Result<()>;

    /// Consumes tasks. Several consumers share them; each holds at most one delivery at a time.
    async fn tasks(&self) -> Result<Box<dyn Consumer<Task>>>;

    /// Consumes events.
    async fn events(&self) -> Result<Box<dyn Consumer<Event>>>;

    /// Consumes dead tasks: tasks that were given back until the queue reached its delivery limit.
    /// Their jobs make no progress until an operator or the worker acts on them.
    async fn dead_tasks(&self) -> Result<Box<dyn Consumer<Task>>>;

    /// The number of waiting messages.
    async fn depth(&self) -> Result<Depth>;

    /// Whether messages outlive this process. If not, the process publishes all unfinished work
    /// again when it starts.
    fn survives_restart(&self) -> bool;
}

/// Messages that are ready for delivery; those held by a consumer are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// For workers.
    pub tasks: u64,
    /// For the notifier.
    pub events: u64,
    /// Dead or unreadable messages.
    pub dead: u64,
}

/// Receives messages of one kind.
#[async_trait]
pub trait Consumer<T>: Send {
    /// Waits for the next message. Cancel-safe: a message is either returned or stays in the queue.
    async fn next(&mut self) -> Result<Delivery<T>>;
}

/// Settles a delivery.
#[async_trait]
pub trait Acknowledge: Send {
    /// The message is done and is not delivered again.
    async fn ack(self: Box<Self>) -> Result<()>;

    /// Returns the message to the queue at once, for another consumer. Called from `drop`, so it
    /// must not block.
    fn give_back(self: Box<Self>);
}

/// A message that is not yet settled. If it is dropped unsettled, it is given back.
pub struct Delivery<T> {
    /// The message.
    pub payload: T,
    acknowledge: Option<Box<dyn Acknowledge>>,
}

impl<T> Delivery<T> {
    /// A delivery that is settled through `acknowledge`.
    pub fn new(payload: T, acknowledge: Box<dyn Acknowledge>) -> Self {
        Self { payload, acknowledge: Some(acknowledge) }
    }

    /// The message is done.
    pub async fn ack(mut self) -> Result<()> {
        match self.acknowledge.take() {
            Some(acknowledge) => acknowledge.ack().await,
            None => Ok(()),
        }
    }
}

impl<T> Drop for Delivery<T> {
    fn drop(&mut self) {
        if let Some(acknowledge) = self.acknowledge.take() {
            acknowledge.give_back();
        }
    }
}
