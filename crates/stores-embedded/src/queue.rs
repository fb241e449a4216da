//! A queue inside this process. Its content is lost with the process, which publishes it again on
//! the next start.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use rethread_model::{Event, Task};
use rethread_stores::{Acknowledge, Consumer, Delivery, Depth, Health, Queue, Result};
use tokio::sync::Notify;

/// See [`rethread_stores::Queue`].
#[derive(Debug, Default)]
pub(crate) struct MemoryQueue {
    tasks: Arc<Fifo<Task>>,
    events: Arc<Fifo<Event>>,
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn publish_task(&self, task: &Task) -> Result<()> {
        self.tasks.push_back(task.clone());
        Ok(())
    }

    async fn publish_event(&self, event: &Event) -> Result<()> {
        self.events.push_back(event.clone());
        Ok(())
    }

    async fn tasks(&self) -> Result<Box<dyn Consumer<Task>>> {
        Ok(Box::new(MemoryConsumer(Arc::clone(&self.tasks))))
    }

    async fn events(&self) -> Result<Box<dyn Consumer<Event>>> {
        Ok(Box::new(MemoryConsumer(Arc::clone(&self.events))))
    }

    /// Never returns a message: a consumer that gives a task back here is still alive and can
    /// report why.
    async fn dead_tasks(&self) -> Result<Box<dyn Consumer<Task>>> {
        Ok(Box::new(MemoryConsumer(Arc::default())))
    }

    async fn depth(&self) -> Result<Depth> {
        Ok(Depth { tasks: self.tasks.len(), events: self.events.len(), dead: 0 })
    }

    fn survives_restart(&self) -> bool {
        false
    }
}

#[async_trait]
impl Health for MemoryQueue {
    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// Messages of one kind, in order.
#[derive(Debug)]
struct Fifo<T> {
    messages: Mutex<VecDeque<T>>,
    arrived: Notify,
}

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Self { messages: Mutex::default(), arrived: Notify::new() }
    }
}

impl<T> Fifo<T> {
    fn push_back(&self, message: T) {
        self.messages.lock().push_back(message);
        self.arrived.notify_one();
    }

    fn push_front(&self, message: T) {
        self.messages.lock().push_front(message);
        self.arrived.notify_one();
    }

    fn len(&self) -> u64 {
        self.messages.lock().len() as u64
    }

    /// A consumer checks the queue before it waits, and a notification without a waiter is kept, so
    /// none is missed. A notification for a cancelled consumer passes on to the next one.
    async fn pop(&self) -> T {
        loop {
            let arrived = self.arrived.notified();
            let message = self.messages.lock().pop_front();
            match message {
                Some(message) => return message,
                None => arrived.await,
            }
        }
    }
}

struct MemoryConsumer<T>(Arc<Fifo<T>>);

#[async_trait]
impl<T: Clone + Send + Sync + 'static> Consumer<T> for MemoryConsumer<T> {
    async fn next(&mut self) -> Result<Delivery<T>> {
        let message = self.0.pop().await;
        let taken = UnackedMessage { message: message.clone(), line: Arc::clone(&self.0) };
        Ok(Delivery::new(message, Box::new(taken)))
    }
}

/// A message that a consumer holds.
struct UnackedMessage<T> {
    message: T,
    line: Arc<Fifo<T>>,
}

#[async_trait]
impl<T: Send + Sync + 'static> Acknowledge for UnackedMessage<T> {
    async fn ack(self: Box<Self>) -> Result<()> {
        Ok(())
    }

    fn give_back(self: Box<Self>) {
        self.line.push_front(self.message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn conforms() {
        rethread_stores_testsuite::queue(Arc::new(MemoryQueue::default())).await;
    }
}
