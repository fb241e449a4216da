//! Faults in calls to the stores and in messages of the queue.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use rethread_stores::{Error, ErrorKind, Result};
use rethread_stores_embedded::in_memory::{Access, Disturbance};
use tokio::time::Instant;

use crate::journal::Journal;
use crate::random::{Purpose, Random};

/// One of the four backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seam {
    Blobs,
    Jobs,
    Queue,
    Comments,
}

impl Seam {
    pub(crate) const ALL: [Self; 4] = [Self::Blobs, Self::Jobs, Self::Queue, Self::Comments];
}

impl fmt::Display for Seam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blobs => "blobs",
            Self::Jobs => "jobs",
            Self::Queue => "queue",
            Self::Comments => "comments",
        })
    }
}

/// The rate of each fault, per mille of calls or messages.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Climate {
    /// A call fails and has no effect.
    pub(crate) refused: u64,
    /// A call fails but takes effect.
    pub(crate) unanswered: u64,
    /// A call takes seconds.
    pub(crate) late: u64,
    /// A call takes minutes.
    pub(crate) very_late: u64,
    /// A message never arrives.
    pub(crate) lost: u64,
    /// A message arrives twice.
    pub(crate) doubled: u64,
    /// A message is overtaken by later ones.
    pub(crate) delayed: u64,
    /// A channel of the notifier rejects a message.
    pub(crate) channel_refuses: u64,
}

impl Climate {
    /// Draws a climate. Many runs have only a single kind of fault, so that each kind occurs both
    /// alone and combined with others.
    pub(crate) fn draw(random: &mut Random) -> Self {
        let mut often = |most: u64| if random.chance(450) { random.below(most + 1) } else { 0 };
        Self {
            refused: often(60),
            unanswered: often(60),
            late: often(40),
            very_late: often(6),
            lost: often(300),
            doubled: often(300),
            delayed: often(300),
            channel_refuses: often(300),
        }
    }
}

/// The delay after which each copy of a message becomes available.
pub(crate) type Copies = Vec<Duration>;

/// See [`Climate`]; shared by all backends.
#[derive(Debug)]
pub(crate) struct Weather {
    journal: Arc<Journal>,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    random: Random,
    climate: Climate,
    down_until: [Option<Instant>; 4],
}

impl Weather {
    pub(crate) fn new(seed: u64, climate: Climate, journal: Arc<Journal>) -> Self {
        let now = Now { random: Random::new(seed, Purpose::Weather), climate, down_until: [None; 4] };
        Self { journal, now: Mutex::new(now) }
    }

    /// Disables all faults from now on.
    pub(crate) fn clear_up(&self) {
        let mut now = self.now.lock();
        now.climate = Climate::default();
        now.down_until = [None; 4];
    }

    /// Makes a backend unavailable for this time.
    pub(crate) fn take_down(&self, seam: Seam, time: Duration) {
        self.now.lock().down_until[seam as usize] = Some(Instant::now() + time);
    }

    /// The faults of a backend.
    pub(crate) fn over(self: &Arc<Self>, seam: Seam) -> Arc<dyn Disturbance> {
        Arc::new(Over { seam, weather: Arc::clone(self) })
    }

    /// Whether the notifier's channel accepts a message.
    pub(crate) fn channel_takes(&self) -> bool {
        let mut now = self.now.lock();
        let refuses = now.climate.channel_refuses;
        !now.random.chance(refuses)
    }

    /// The copies of a message and their delays.
    pub(crate) fn copies(&self) -> Copies {
        let mut now = self.now.lock();
        let Climate { lost, doubled, delayed, .. } = now.climate;
        if now.random.chance(lost) {
            return Vec::new();
        }
        let count = if now.random.chance(doubled) { 2 } else { 1 };
        (0..count)
            .map(
                |_| {
                    if now.random.chance(delayed) { now.random.up_to(Duration::from_secs(90)) } else { Duration::ZERO }
                },
            )
            .collect()
    }

    /// The duration of a part of a call, and whether it fails.
    fn part(&self, seam: Seam, failing: impl Fn(&Climate) -> u64) -> (Duration, bool) {
        let mut now = self.now.lock();
        let Now { random, climate, down_until } = &mut *now;
        if down_until[seam as usize].is_some_and(|until| Instant::now() < until) {
            return (random.up_to(Duration::from_secs(2)), true);
        }
        let takes = if random.chance(climate.very_late) {
            random.within(Duration::from_secs(150))
        } else if random.chance(climate.late) {
            random.within(Duration::from_secs(5))
        } else if random.chance(500) {
            random.up_to(Duration::from_millis(20))
        } else {
            Duration::ZERO
        };
        (takes, random.chance(failing(climate)))
    }
}

#[derive(Debug)]
struct Over {
    seam: Seam,
    weather: Arc<Weather>,
}

impl Over {
    async fn part(&self, doing: &'static str, when: &str, failing: impl Fn(&Climate) -> u64) -> Result<()> {
        let (takes, fails) = self.weather.part(self.seam, failing);
        if takes.is_zero() {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(takes).await;
        }
        let mark = if fails { "FAILS" } else { "" };
        self.weather.journal.note(&[&self.seam, &when, &doing, &mark]);
        if fails { Err(Error::new(ErrorKind::Unavailable, format!("{doing}: no answer"))) } else { Ok(()) }
    }
}

#[async_trait]
impl Disturbance for Over {
    async fn before(&self, doing: &'static str, _: Access) -> Result<()> {
        self.part(doing, ">", |climate| climate.refused).await
    }

    async fn after(&self, doing: &'static str, _: Access) -> Result<()> {
        self.part(doing, "<", |climate| climate.unanswered).await
    }
}

/// No faults.
#[derive(Debug)]
pub(crate) struct Undisturbed;

#[async_trait]
impl Disturbance for Undisturbed {
    async fn before(&self, _: &'static str, _: Access) -> Result<()> {
        Ok(())
    }

    async fn after(&self, _: &'static str, _: Access) -> Result<()> {
        Ok(())
    }
}
