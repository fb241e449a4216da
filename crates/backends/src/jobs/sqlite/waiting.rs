//! Waiting for a job to change: woken by changes of this process, looking now and then for those of others.

use std::time::Duration;

use rethread_model::{Job, JobId, Revision};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

use crate::Result;

/// How often to look for what other processes wrote.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Announcements that a slow waiter may fall behind; beyond that it just looks.
const CAPACITY: usize = 256;

/// Tells waiters which jobs have changed.
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
        // Fails when nobody waits.
        let _ = self.0.send(job);
    }

    /// Looks until the job is past `after` or the time is over.
    pub(super) async fn wait<L, F>(&self, id: JobId, after: Revision, at_most: Duration, look: L) -> Result<Option<Job>>
    where
        L: Fn() -> F,
        F: Future<Output = Result<Option<Job>>>,
    {
        let deadline = Instant::now() + at_most;
        // Listens before it looks, so that no change falls between.
        let mut changes = self.0.subscribe();
        loop {
            let Some(job) = look().await? else { return Ok(None) };
            let now = Instant::now();
            if job.revision > after || now >= deadline {
                return Ok(Some(job));
            }
            let look_again = deadline.min(now + LOOK_EVERY);
            // Whether announced or not: it is time to look.
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
