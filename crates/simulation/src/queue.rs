//! A queue in memory that loses, duplicates and delays messages. Like the distributed one, it moves
//! messages that were returned too often to the dead-letter consumer.

mod fifo;

use std::sync::Arc;

use async_trait::async_trait;
use rethread_model::{Event, Task};
use rethread_stores::{Consumer, Depth, Health, Queue, Result};
use rethread_stores_embedded::in_memory::{Access, Disturbance};

use self::fifo::{Fifo, FifoConsumer};
use crate::weather::Weather;

/// A message that was returned this many times is dead, as in the distributed queue.
const DELIVERY_LIMIT: u32 = 20;

/// See [`rethread_stores::Queue`].
#[derive(Debug, Clone)]
pub(crate) struct QueueInMemory {
    tasks: Arc<Fifo<Task>>,
    dead_tasks: Arc<Fifo<Task>>,
    events: Arc<Fifo<Event>>,
    disturbance: Arc<dyn Disturbance>,
    weather: Option<Arc<Weather>>,
    survives_restart: bool,
}

impl QueueInMemory {
    /// `weather`, if given, decides what happens to messages. `survives_restart` only sets what the
    /// queue reports about itself.
    pub(crate) fn new(
        disturbance: Arc<dyn Disturbance>,
        weather: Option<Arc<Weather>>,
        survives_restart: bool,
    ) -> Self {
        let dead_tasks = Arc::new(Fifo::new(u32::MAX, None));
        Self {
            tasks: Arc::new(Fifo::new(DELIVERY_LIMIT, Some(Arc::clone(&dead_tasks)))),
            dead_tasks,
            events: Arc::new(Fifo::new(u32::MAX, None)),
            disturbance,
            weather,
            survives_restart,
        }
    }

    /// Drops all messages, as when the process that holds them ends.
    pub(crate) fn clear(&self) {
        self.tasks.clear();
        self.dead_tasks.clear();
        self.events.clear();
    }

    /// Whether no message waits and none is being processed.
    pub(crate) fn is_idle(&self) -> bool {
        self.tasks.is_idle() && self.dead_tasks.is_idle() && self.events.is_idle()
    }

    async fn publish<T: Clone>(&self, fifo: &Fifo<T>, doing: &'static str, message: &T) -> Result<()> {
        self.disturbance.before(doing, Access::Write).await?;
        match &self.weather {
            Some(weather) => {
                for delay in weather.copies() {
                    fifo.push(message.clone(), delay);
                }
            }
            None => fifo.push(message.clone(), std::time::Duration::ZERO),
        }
        self.disturbance.after(doing, Access::Write).await
    }
}

#[async_trait]
impl Queue for QueueInMemory {
    async fn publish_task(&self, task: &Task) -> Result<()> {
        self.publish(&self.tasks, "publish a task", task).await
    }

    async fn publish_event(&self, event: &Event) -> Result<()> {
        self.publish(&self.events, "publish an event", event).await
    }

    async fn tasks(&self) -> Result<Box<dyn Consumer<Task>>> {
        Ok(Box::new(FifoConsumer::new(&self.tasks, &self.disturbance)))
    }

    async fn events(&self) -> Result<Box<dyn Consumer<Event>>> {
        Ok(Box::new(FifoConsumer::new(&self.events, &self.disturbance)))
    }

    async fn dead_tasks(&self) -> Result<Box<dyn Consumer<Task>>> {
        Ok(Box::new(FifoConsumer::new(&self.dead_tasks, &self.disturbance)))
    }

    async fn depth(&self) -> Result<Depth> {
        Ok(Depth { tasks: self.tasks.len(), events: self.events.len(), dead: self.dead_tasks.len() })
    }

    fn survives_restart(&self) -> bool {
        self.survives_restart
    }
}

#[async_trait]
impl Health for QueueInMemory {
    async fn check(&self) -> Result<()> {
        Ok(())
    }
}
