//! A queue of messages of one kind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use rethread_stores::{Acknowledge, Consumer, Delivery, Result};
use rethread_stores_embedded::in_memory::{Access, Disturbance};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Messages in the order of delivery.
#[derive(Debug)]
pub(super) struct Fifo<T> {
    messages: Mutex<Messages<T>>,
    arrived: Notify,
    delivery_limit: u32,
    dead: Option<Arc<Fifo<T>>>,
}

/// Messages ordered by the time at which they become available, then by arrival.
#[derive(Debug)]
struct Messages<T> {
    waiting: BTreeMap<(Instant, u64), Message<T>>,
    arrivals: u64,
    held: u64,
}

#[derive(Debug, Clone)]
struct Message<T> {
    payload: T,
    given_back: u32,
}

impl<T> Fifo<T> {
    pub(super) fn new(delivery_limit: u32, dead: Option<Arc<Self>>) -> Self {
        let messages = Messages { waiting: BTreeMap::new(), arrivals: 0, held: 0 };
        Self { messages: Mutex::new(messages), arrived: Notify::new(), delivery_limit, dead }
    }

    pub(super) fn push(&self, payload: T, delay: Duration) {
        self.put(Message { payload, given_back: 0 }, Instant::now() + delay);
    }

    fn put(&self, message: Message<T>, at: Instant) {
        let mut messages = self.messages.lock();
        messages.arrivals += 1;
        let place = (at, messages.arrivals);
        messages.waiting.insert(place, message);
        self.arrived.notify_waiters();
    }

    pub(super) fn clear(&self) {
        self.messages.lock().waiting.clear();
    }

    pub(super) fn len(&self) -> u64 {
        self.messages.lock().waiting.len() as u64
    }

    pub(super) fn is_idle(&self) -> bool {
        let messages = self.messages.lock();
        messages.waiting.is_empty() && messages.held == 0
    }

    /// Takes the first available message, or returns the time at which the next one
    /// becomes available.
    fn take(&self) -> Result<Message<T>, Option<Instant>> {
        let mut messages = self.messages.lock();
        let Some(first) = messages.waiting.first_entry() else { return Err(None) };
        let (at, _) = *first.key();
        if at > Instant::now() {
            return Err(Some(at));
        }
        let message = first.remove();
        messages.held += 1;
        Ok(message)
    }

    async fn pop(&self) -> Message<T> {
        loop {
            let arrived = self.arrived.notified();
            match self.take() {
                Ok(message) => return message,
                Err(None) => arrived.await,
                // Whichever comes first, try again.
                Err(Some(at)) => drop(tokio::time::timeout_at(at, arrived).await),
            }
        }
    }

    fn settle(&self) {
        self.messages.lock().held -= 1;
    }
}

/// See [`Consumer`].
pub(super) struct FifoConsumer<T> {
    fifo: Arc<Fifo<T>>,
    disturbance: Arc<dyn Disturbance>,
}

impl<T> FifoConsumer<T> {
    pub(super) fn new(fifo: &Arc<Fifo<T>>, disturbance: &Arc<dyn Disturbance>) -> Self {
        Self { fifo: Arc::clone(fifo), disturbance: Arc::clone(disturbance) }
    }
}

#[async_trait]
impl<T: Clone + Send + Sync + 'static> Consumer<T> for FifoConsumer<T> {
    async fn next(&mut self) -> Result<Delivery<T>> {
        self.disturbance.before("take a message", Access::Read).await?;
        let message = self.fifo.pop().await;
        let payload = message.payload.clone();
        let held =
            Held { message: Some(message), fifo: Arc::clone(&self.fifo), disturbance: Arc::clone(&self.disturbance) };
        Ok(Delivery::new(payload, Box::new(held)))
    }
}

/// A message that was delivered. If its acknowledgement is interrupted, it is neither settled nor
/// returned, and is redelivered.
struct Held<T> {
    message: Option<Message<T>>,
    fifo: Arc<Fifo<T>>,
    disturbance: Arc<dyn Disturbance>,
}

#[async_trait]
impl<T: Send + Sync + 'static> Acknowledge for Held<T> {
    async fn ack(mut self: Box<Self>) -> Result<()> {
        self.disturbance.before("acknowledge", Access::Write).await?;
        self.message = None;
        self.fifo.settle();
        self.disturbance.after("acknowledge", Access::Write).await
    }

    fn give_back(self: Box<Self>) {
        drop(self);
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        let Some(message) = self.message.take() else { return };
        self.fifo.settle();
        let given_back = message.given_back + 1;
        match &self.fifo.dead {
            Some(dead) if given_back > self.fifo.delivery_limit => dead.push(message.payload, Duration::ZERO),
            // To the front, where it was before the delivery.
            _ => self.fifo.put(Message { given_back, ..message }, Instant::now() - Duration::from_millis(1)),
        }
    }
}
