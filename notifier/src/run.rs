//! Consumes events from the queue.

use std::collections::HashSet;
use std::time::Duration;

use backon::ExponentialBuilder;
use futures::future::join_all;
use parking_lot::Mutex;
use rethread_model::{Event, EventId};
use rethread_runtime::{Context, NotifierConfig, SPANS, belongs_to};
use rethread_stores::Delivery;
use rethread_stores::retry::Backoff;
use tracing::{Instrument as _, Span};

use crate::channel::{Channel, channels};
use crate::deliver::{Delivering, Outcome};
use crate::notice::Notice;

/// Events delivered concurrently, so that one waiting for a channel to recover does not hold
/// up others.
const AT_ONCE: usize = 4;

/// The pause after the queue or the job store failed.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// Delivers events until the soft stop. Fails with a [`rethread_runtime::ConfigError`] when a
/// channel cannot be built.
pub async fn run(context: Context, config: &NotifierConfig) -> anyhow::Result<()> {
    let channels = channels(config, context.clock.clone())?;
    let names: Vec<&str> = channels.iter().map(|channel| channel.name()).collect();
    tracing::info!(channels = names.join(","), "alerts are on");
    let pauses = Backoff::alert().builder();
    Notifier { context, config: config.clone(), channels, pauses, in_hand: Mutex::default() }.run().await;
    Ok(())
}

/// Like [`run`], through the given channels. All randomness follows from `seed`.
pub async fn run_through(channels: Vec<Box<dyn Channel>>, seed: u64, context: Context, config: &NotifierConfig) {
    let pauses = Backoff::alert().builder().with_jitter_seed(seed);
    Notifier { context, config: config.clone(), channels, pauses, in_hand: Mutex::default() }.run().await;
}

pub(crate) struct Notifier {
    pub(crate) context: Context,
    pub(crate) config: NotifierConfig,
    pub(crate) channels: Vec<Box<dyn Channel>>,
    pub(crate) pauses: ExponentialBuilder,
    /// Events being delivered; duplicates of them are skipped.
    pub(crate) in_hand: Mutex<HashSet<EventId>>,
}

impl Notifier {
    pub(crate) async fn run(&self) {
        let stopped_at_once = self.context.lifecycle.hard().cancelled();
        tokio::select! {
            biased;
            () = stopped_at_once => {}
            _ = join_all((0..AT_ONCE).map(|_| self.consume())) => {}
        }
    }

    /// Consumes events until the soft stop, and reconnects whenever the queue fails.
    async fn consume(&self) {
        let soft_stop = self.context.lifecycle.soft();
        while !soft_stop.is_cancelled() {
            let Err(error) = self.consume_until_trouble().await else { return };
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the queue of events broke off; taking it up again"
            );
            self.context.lifecycle.pause(AFTER_TROUBLE).await;
        }
    }

    async fn consume_until_trouble(&self) -> rethread_stores::Result<()> {
        let mut events = self.context.backends.queue.events().await?;
        loop {
            let delivery = tokio::select! {
                biased;
                () = self.context.lifecycle.soft().cancelled() => return Ok(()),
                delivery = events.next() => delivery?,
            };
            let span = span_of(&delivery.payload);
            self.handle(delivery).instrument(span).await?;
        }
    }

    async fn handle(&self, delivery: Delivery<Event>) -> rethread_stores::Result<()> {
        let id = delivery.payload.id();
        let Some(_in_hand) = InHand::take(&self.in_hand, id) else {
            return delivery.ack().await;
        };
        let notice = Notice::of(delivery.payload.clone(), self.config.dashboard_url.as_ref());
        let delivering = Delivering {
            jobs: self.context.backends.jobs.as_ref(),
            clock: self.context.clock.as_ref(),
            channels: &self.channels,
            pauses: self.pauses,
            soft_stop: self.context.lifecycle.soft(),
        };
        match delivering.deliver(&notice).await {
            // Overdue events come back through the janitor. The queue would redeliver them at once.
            Ok(Outcome::Delivered | Outcome::Overdue) => delivery.ack().await,
            Ok(Outcome::Interrupted) => Ok(()),
            Err(error) => {
                tracing::warn!(event.id = %id, error = &error as &dyn std::error::Error,
                    "the job store does not say who was told; the event stays overdue");
                delivery.ack().await
            }
        }
    }
}

/// Notifying operators is part of the upload's trace.
fn span_of(event: &Event) -> Span {
    let Event::JobFailed(ended) = event;
    let span = tracing::info_span!(target: SPANS, "notify", otel.kind = "consumer", account = %ended.account,
        job = %ended.job);
    belongs_to(&span, ended.trace.as_ref());
    span
}

/// Marks an event as being delivered for as long as this value lives.
struct InHand<'a> {
    events: &'a Mutex<HashSet<EventId>>,
    id: EventId,
}

impl<'a> InHand<'a> {
    /// Returns `None` when the event is already being delivered.
    fn take(events: &'a Mutex<HashSet<EventId>>, id: EventId) -> Option<Self> {
        let is_new = events.lock().insert(id);
        // Built lazily: dropping a second guard would remove the first one's mark.
        is_new.then(|| Self { events, id })
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.events.lock().remove(&self.id);
    }
}
