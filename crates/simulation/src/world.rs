//! What outlives processes: the stores, the queue, the time, and the operators' notifications.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use notifier::{Channel, Notice, SendError};
use parking_lot::Mutex;
use rethread_model::{Clock, EventId};
use rethread_runtime::{Context, Lifecycle, WorkerConfig};
use rethread_stores::{Backends, Result};
use rethread_stores_embedded::in_memory::StoresInMemory;

use crate::blobs::BlobsInMemory;
use crate::clock::VirtualClock;
use crate::journal::Journal;
use crate::queue::QueueInMemory;
use crate::weather::{Climate, Seam, Undisturbed, Weather};

/// The shared world of a run.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) weather: Arc<Weather>,
    pub(crate) stores: StoresInMemory,
    pub(crate) blobs: BlobsInMemory,
    pub(crate) queue: QueueInMemory,
    pub(crate) told: Arc<Mutex<Vec<EventId>>>,
}

impl World {
    /// An empty world. `queue_survives`: whether messages outlive the processes.
    pub(crate) fn new(seed: u64, climate: Climate, queue_survives: bool, keeps_lines: bool) -> Result<Self> {
        let clock = Arc::new(VirtualClock::start());
        let journal = Arc::new(Journal::new(Arc::clone(&clock), keeps_lines));
        let weather = Arc::new(Weather::new(seed, climate, Arc::clone(&journal)));
        let queue = QueueInMemory::new(weather.over(Seam::Queue), Some(Arc::clone(&weather)), queue_survives);
        Ok(Self {
            seed,
            stores: StoresInMemory::open(weather.over(Seam::Comments), weather.over(Seam::Jobs))?,
            blobs: BlobsInMemory::new(weather.over(Seam::Blobs)),
            queue,
            clock,
            journal,
            weather,
            told: Arc::default(),
        })
    }

    /// The backends as one process sees them.
    pub(crate) fn backends(&self) -> Backends {
        let clock: Arc<dyn Clock> = self.clock.clone();
        self.stores.backends(clock, Arc::new(self.blobs.clone()), Arc::new(self.queue.clone()))
    }

    /// The context of a role.
    pub(crate) fn context(&self, lifecycle: Lifecycle) -> Context {
        Context::new(self.backends(), self.clock.clone(), lifecycle)
    }

    /// The single channel of the notifier.
    pub(crate) fn channel(&self) -> Box<dyn Channel> {
        Box::new(Operators {
            weather: Arc::clone(&self.weather),
            journal: Arc::clone(&self.journal),
            told: Arc::clone(&self.told),
        })
    }
}

/// Empty stores in memory without faults.
pub fn undisturbed(clock: Arc<dyn Clock>) -> Result<Backends> {
    let nothing = || Arc::new(Undisturbed);
    let stores = StoresInMemory::open(nothing(), nothing())?;
    let queue = QueueInMemory::new(nothing(), None, true);
    Ok(stores.backends(clock, Arc::new(BlobsInMemory::new(nothing())), Arc::new(queue)))
}

/// The configuration of workers: that of a service, except for sizes that fit small files, and
/// shorter waits.
pub(crate) fn worker_config(slots: usize) -> WorkerConfig {
    WorkerConfig {
        slots,
        window: 2,
        slice_bytes: 6 << 10,
        batch_comments: 4,
        upload_stalled_after: Duration::from_mins(4),
        confirm_within: Duration::from_mins(6),
        ..WorkerConfig::default()
    }
}

/// The recipients of notifications.
#[derive(Debug)]
struct Operators {
    weather: Arc<Weather>,
    journal: Arc<Journal>,
    told: Arc<Mutex<Vec<EventId>>>,
}

#[async_trait]
impl Channel for Operators {
    fn name(&self) -> &'static str {
        "operators"
    }

    async fn send(&self, notice: &Notice) -> Result<(), SendError> {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if !self.weather.channel_takes() {
            return Err(SendError { problem: "not now".to_owned(), is_passing: true });
        }
        self.journal.note(&[&"operators are told:", &notice.subject]);
        self.told.lock().push(notice.event.id());
        Ok(())
    }
}
