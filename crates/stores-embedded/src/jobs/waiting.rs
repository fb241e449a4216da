//! Waiting for a job to change: woken by changes of this process, and polling for those of other
//! processes.

use std::time::Duration;

use rethread_model::{Job, JobId, Revision};
use rethread_stores::Result;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

/// How often to poll for changes of other processes.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The number of announcements that a slow waiter may fall behind; beyond that it just polls.
const CAPACITY: usize = 256;

/// Announces to waiters which jobs have changed.
#[derive(Debug)]
pub(super) struct Changes(broadcast::Sender<JobId>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }
}

impl Changes {
    /// A job may have changed.
    pub(super) fn announce(&self, job: JobId) {
        // Fails when there are no waiters.
        let _ = self.0.send(job);
    }

    /// Checks until the job is past `after` or the time is over.
    pub(super) async fn wait<L, F>(&self, id: JobId, after: Revision, at_most: Duration, look: L) -> Result<Option<Job>>
    where
        L: Fn() -> F,
        F: Future<Output = Result<Option<Job>>>,
    {
        let deadline = Instant::now() + at_most;
        // Subscribes before it checks, so that no change is missed in between.
        let mut changes = self.0.subscribe();
        loop {
            let Some(job) = look().await? else { return Ok(None) };
            let now = Instant::now();
            if job.revision > after || now >= deadline {
                return Ok(Some(job));
            }
            let look_again = deadline.min(now + LOOK_EVERY);
            // Checks again, whether there was an announcement or not.
            let _ = tokio::time::timeout_at(look_again, announced(&mut changes, id)).await;
        }
    }
}

async fn announced(changes: &mut broadcast::Receiver<JobId>, id: JobId) {
    loop {
        match changes.recv().await {
            Ok(other) if other != id => {}
            Ok(_) | Err(RecvError::Lagged(_) | RecvError::Closed) => return,
        }
    }
}
