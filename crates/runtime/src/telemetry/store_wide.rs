//! Metrics of the stores and the queue, which are the same for every process.

use std::time::Duration;

use jiff::Timestamp;
use rethread_stores::{Backends, Depth, JobCounts};

/// A store that does not answer within this time is omitted: a scraper waits about ten seconds
/// for everything.
const WITHIN: Duration = Duration::from_secs(3);

/// The values read; `None` where the store did not answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoreWide {
    pub(crate) job_counts: Option<JobCounts>,
    pub(crate) depth: Option<Depth>,
    /// When they were read.
    pub(crate) at: Option<Timestamp>,
}

impl StoreWide {
    /// How long, in seconds, the oldest job has waited for a worker; 0 when none waits.
    pub(crate) fn oldest_queued_seconds(&self) -> Option<f64> {
        let (job_counts, now) = (self.job_counts.as_ref()?, self.at?);
        let age = job_counts.oldest_queued.map_or(0.0, |since| now.duration_since(since).as_secs_f64());
        Some(age.max(0.0))
    }
}

/// Queries the job store and the queue concurrently.
pub(crate) async fn look(backends: &Backends, now: Timestamp) -> StoreWide {
    let (job_counts, depth) = tokio::join!(
        tokio::time::timeout(WITHIN, backends.jobs.job_counts()),
        tokio::time::timeout(WITHIN, backends.queue.depth()),
    );
    StoreWide {
        job_counts: job_counts.ok().and_then(Result::ok),
        depth: depth.ok().and_then(Result::ok),
        at: Some(now),
    }
}
