//! What is known of a job only at the moment of a request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rethread_model::{Clock, Job, JobId, JobState, Phase};
use rethread_proto::v1;
use rethread_stores::{JobStore, Result};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long an answer of the store about the queue stays valid: many clients may ask for the
/// positions of many jobs at once.
const QUEUE_AGE: Duration = Duration::from_millis(500);

/// Inspects jobs. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct JobInspector {
    jobs: Arc<dyn JobStore>,
    clock: Arc<dyn Clock>,
    stalled_after: Duration,
    queue: Arc<Mutex<Option<Places>>>,
}

/// Queue positions by job, and when they were read.
type Places = (Instant, HashMap<JobId, u64>);

/// Status that changes without a change of the job itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DerivedStatus {
    is_stalled: bool,
    queue_place: Option<u64>,
}

impl DerivedStatus {
    /// Builds the message about an inspected job.
    pub(crate) fn told_of(self, job: Job) -> v1::Job {
        v1::Job { stalled: self.is_stalled, queue_place: self.queue_place, ..job.into() }
    }
}

impl JobInspector {
    pub(crate) fn new(jobs: Arc<dyn JobStore>, clock: Arc<dyn Clock>, stalled_after: Duration) -> Self {
        Self { jobs, clock, stalled_after, queue: Arc::default() }
    }

    /// The current derived status of a job.
    pub(crate) async fn glance(&self, job: &Job) -> Result<DerivedStatus> {
        let waits_for_a_worker = job.state == JobState::Queued && job.phase != Phase::Uploading && !job.stopping;
        let queue_place = if waits_for_a_worker { self.place_of(job.id).await? } else { None };
        let idle = self.clock.now().duration_since(job.updated_at).unsigned_abs();
        // A job behind others is not stalled; one that is next and not started is.
        let awaits_someone = job.state == JobState::Waiting || job.takes_batches();
        let should_move = !job.state.is_final() && !awaits_someone && queue_place.unwrap_or(0) == 0;
        Ok(DerivedStatus { is_stalled: should_move && idle > self.stalled_after, queue_place })
    }

    /// How many jobs wait ahead of this one; `None` once it no longer waits.
    async fn place_of(&self, id: JobId) -> Result<Option<u64>> {
        // Callers that arrive while the store is being queried wait for that result.
        let mut queue = self.queue.lock().await;
        if let Some((asked_at, places)) = &*queue
            && asked_at.elapsed() < QUEUE_AGE
            && let Some(place) = places.get(&id)
        {
            return Ok(Some(*place));
        }
        let asked_at = Instant::now();
        let places: HashMap<JobId, u64> = self.jobs.queued().await?.into_iter().zip(0..).collect();
        let place = places.get(&id).copied();
        *queue = Some((asked_at, places));
        Ok(place)
    }
}
