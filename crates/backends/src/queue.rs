//! Tasks for workers, events for the notifier.

pub(crate) mod memory;
#[cfg(feature = "rabbitmq")]
pub(crate) mod rabbitmq;

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{Event, Task};

use crate::{Diagnosis, Result};

/// Carries messages, at least once each.
#[async_trait]
pub trait Queue: Send + Sync + Debug {
    /// Returns when the queue has taken responsibility for the task.
    async fn publish_task(&self, task: &Task) -> Result<()>;

    /// Returns when the queue has taken responsibility for the event.
    async fn publish_event(&self, event: &Event) -> Result<()>;

    /// Takes tasks. Several consumers share them; each holds at most one delivery at a time.
    async fn tasks(&self) -> Result<Box<dyn Consumer<Task>>>;

    /// Takes events.
    async fn events(&self) -> Result<Box<dyn Consumer<Event>>>;

    /// Takes tasks that nobody could settle: each was given back so often that the queue gave up on it. Their jobs stand
    /// still until somebody does something about it.
    async fn dead_tasks(&self) -> Result<Box<dyn Consumer<Task>>>;

    /// How many messages wait.
    async fn depth(&self) -> Result<Depth>;

    /// Whether messages outlive this process. Where they do not, whoever starts publishes again all that is not done.
    fn survives_restart(&self) -> bool;

    /// Whether the queue works, for readiness and `doctor`.
    async fn check(&self) -> Result<()>;

    /// What an operator should know about how the queue is set up, for `doctor`. With `apply`, mends what can be mended
    /// from here and says so. Fails when the queue does not answer.
    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        // The embedded side has nothing to set up.
        let _ = apply;
        Ok(Vec::new())
    }
}

/// Messages that wait to be taken; those that somebody holds are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// For workers.
    pub tasks: u64,
    /// For the notifier.
    pub events: u64,
    /// That nobody could settle, or nobody could read.
    pub dead: u64,
}

/// Receives messages of one kind.
#[async_trait]
pub trait Consumer<T>: Send {
    /// The next message; waits for one. Safe to cancel: a message is either returned or stays in the queue.
    async fn next(&mut self) -> Result<Delivery<T>>;
}

/// Settles a delivery.
#[async_trait]
pub trait Acknowledge: Send {
    /// The message is done and will not come again.
    async fn ack(self: Box<Self>) -> Result<()>;

    /// Somebody else shall have it, at once. Called from `drop`, so it must not block.
    fn give_back(self: Box<Self>);
}

/// A message that waits to be settled. Dropped unsettled, it is given back.
pub struct Delivery<T> {
    /// The message.
    pub payload: T,
    acknowledge: Option<Box<dyn Acknowledge>>,
}

impl<T> Delivery<T> {
    /// A delivery that settles itself through `acknowledge`.
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
