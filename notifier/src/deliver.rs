//! Delivers one event through all channels.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use futures::future::join_all;
use rethread_model::Clock;
use rethread_runtime::{METRICS, SPANS};
use rethread_stores::Redelivery;
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::channel::{Channel, SendError};
use crate::notice::Notice;

/// How long delivery to a failing channel is attempted. After that the event is dropped for this
/// channel: there were days to fix it, and stale alerts do not help.
const GIVE_UP_AFTER: Duration = Duration::from_hours(72);

/// The result of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Every channel has accepted it.
    Delivered,
    /// At least one channel has not accepted it yet; the event stays overdue.
    Overdue,
    /// A soft stop interrupted the delivery; another process should continue at once.
    Interrupted,
}

/// Delivers through each channel once.
#[derive(Debug)]
pub(crate) struct Delivering<'a> {
    pub(crate) jobs: &'a dyn Redelivery,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) channels: &'a [Box<dyn Channel>],
    /// The pauses between the attempts of one round. The janitor starts the rounds by republishing
    /// undelivered events.
    pub(crate) pauses: ExponentialBuilder,
    pub(crate) soft_stop: &'a CancellationToken,
}

impl Delivering<'_> {
    /// Delivers the notice concurrently to each channel that does not have it yet.
    pub(crate) async fn deliver(&self, notice: &Notice) -> rethread_stores::Result<Outcome> {
        let results = join_all(self.channels.iter().map(|channel| self.through(channel.as_ref(), notice))).await;
        let have_it = results.into_iter().collect::<rethread_stores::Result<Vec<bool>>>()?;
        if have_it.into_iter().all(|has_it| has_it) {
            self.jobs.event_done(notice.id()).await?;
            Ok(Outcome::Delivered)
        } else if self.soft_stop.is_cancelled() {
            Ok(Outcome::Interrupted)
        } else {
            Ok(Outcome::Overdue)
        }
    }

    /// Whether the channel has the notice now, or no longer needs it.
    async fn through(&self, channel: &dyn Channel, notice: &Notice) -> rethread_stores::Result<bool> {
        let (id, name) = (notice.id(), channel.name());
        if self.jobs.is_delivered(id, name).await? {
            return Ok(true);
        }
        // A crash between sending and recording causes a second copy; both carry the event's id.
        match self.send_in_span(channel, notice).await {
            Ok(()) => {
                METRICS.alerts.add(&[name, "delivered"], 1);
                self.jobs.mark_delivered(id, name).await?;
                Ok(true)
            }
            Err(error) if self.is_old(notice) => {
                METRICS.alerts.add(&[name, "given_up"], 1);
                tracing::error!(event.id = %id, channel = name, %error, "an alert is given up after days of trying");
                Ok(true)
            }
            Err(error) => {
                METRICS.alerts.add(&[name, "failed"], 1);
                tracing::warn!(event.id = %id, channel = name, %error, "an alert was not taken; it stays overdue");
                Ok(false)
            }
        }
    }

    async fn send_in_span(&self, channel: &dyn Channel, notice: &Notice) -> Result<(), SendError> {
        let span = tracing::info_span!(target: SPANS, "deliver", otel.name = format_args!("deliver {}", channel.name()),
            otel.kind = "client", channel = channel.name(), otel.status_code = Empty);
        async {
            let sent = self.send(channel, notice).await;
            if sent.is_err() {
                Span::current().record("otel.status_code", "ERROR");
            }
            sent
        }
        .instrument(span)
        .await
    }

    async fn send(&self, channel: &dyn Channel, notice: &Notice) -> Result<(), SendError> {
        let soft_stop = self.soft_stop.clone();
        let pause_or_stop = move |pause| {
            let stopped = soft_stop.clone().cancelled_owned();
            async move {
                tokio::select! {
                    biased;
                    () = stopped => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        };
        (|| channel.send(notice))
            .retry(self.pauses)
            .sleep(pause_or_stop)
            .when(|error| error.is_passing && !self.soft_stop.is_cancelled())
            .notify(|error, pause| {
                tracing::debug!(channel = channel.name(), %error, pause = ?pause, "an alert was not taken; trying again");
            })
            .await
    }

    fn is_old(&self, notice: &Notice) -> bool {
        let age = self.clock.now().duration_since(notice.at());
        age.as_secs() > i64::try_from(GIVE_UP_AFTER.as_secs()).unwrap_or(i64::MAX)
    }
}
