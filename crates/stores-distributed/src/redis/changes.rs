//! Waiting for a job to change: one reader of the stream of changes wakes all waiters of this
//! process.

mod reader;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rethread_model::{Job, JobId, Revision};
use rethread_stores::Result;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The maximum delay of a change whose announcement was lost because its process was killed before
/// it could announce.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Waiters, by job.
#[derive(Debug, Default)]
struct Waiters(Mutex<HashMap<JobId, watch::Sender<()>>>);

impl Waiters {
    fn wake(&self, job: JobId) {
        if let Some(waiting) = self.0.lock().get(&job) {
            waiting.send_replace(());
        }
    }

    /// Changes may have been missed: lets all waiters check.
    fn wake_all(&self) {
        for waiting in self.0.lock().values() {
            waiting.send_replace(());
        }
    }
}

/// One waiter; removed on drop.
struct Waiter<'a> {
    waiters: &'a Waiters,
    job: JobId,
    woken: watch::Receiver<()>,
}

impl<'a> Waiter<'a> {
    fn new(waiters: &'a Waiters, job: JobId) -> Self {
        let woken = waiters.0.lock().entry(job).or_insert_with(|| watch::Sender::new(())).subscribe();
        Self { waiters, job, woken }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut waiting = self.waiters.0.lock();
        // The receiver of this waiter is still counted.
        if waiting.get(&self.job).is_some_and(|sender| sender.receiver_count() <= 1) {
            waiting.remove(&self.job);
        }
    }
}

/// Wakes waiters. The reader starts with the first of them: most processes never wait.
#[derive(Debug)]
pub(super) struct Changes {
    client: redis::Client,
    stream: String,
    waiters: Arc<Waiters>,
    reader: Mutex<Option<JoinHandle<()>>>,
}

impl Changes {
    pub(super) fn new(client: redis::Client, stream: String) -> Self {
        Self { client, stream, waiters: Arc::default(), reader: Mutex::default() }
    }

    /// Checks until the job is past `after` or the time is over.
    pub(super) async fn wait<L, F>(&self, id: JobId, after: Revision, at_most: Duration, look: L) -> Result<Option<Job>>
    where
        L: Fn() -> F,
        F: Future<Output = Result<Option<Job>>>,
    {
        let deadline = Instant::now() + at_most;
        self.start_reader();
        // Subscribes before it checks, so that no change is missed in between.
        let mut waiter = Waiter::new(&self.waiters, id);
        loop {
            waiter.woken.mark_unchanged();
            let Some(job) = look().await? else { return Ok(None) };
            let now = Instant::now();
            if job.revision > after || now >= deadline {
                return Ok(Some(job));
            }
            // Checks again, whether woken or not.
            let _ = tokio::time::timeout_at(deadline.min(now + LOOK_EVERY), waiter.woken.changed()).await;
        }
    }

    fn start_reader(&self) {
        let mut reader = self.reader.lock();
        if reader.is_none() {
            let reading = reader::run(self.client.clone(), self.stream.clone(), Arc::clone(&self.waiters));
            *reader = Some(tokio::spawn(reading));
        }
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.get_mut() {
            reader.abort();
        }
    }
}
