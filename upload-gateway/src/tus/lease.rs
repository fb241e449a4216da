//! Ensures that only one request at a time writes an upload.
//!
//! The job records which request holds the lease, and until when. The request renews it as long as
//! bytes arrive and are written. So a killed process or a dead connection keeps others waiting for
//! a few seconds only. A request that finds that another one has taken over stops writing.

use std::pin::pin;
use std::time::Duration;

use http::StatusCode;
use rethread_model::{Change, Job, JobId, Timestamp, UploadWriter};
use rethread_stores::change;
use tokio::time::Instant;

use super::upload::{self, check_open};
use crate::gateway::Gateway;
use crate::new_job::random;
use crate::problem::Problem;

/// How long a lease lasts without renewal.
const HELD_FOR: Duration = Duration::from_secs(5);
/// How often a request renews its lease.
const SAID_EVERY: Duration = Duration::from_secs(1);
/// How long to wait for another request to end: it may have just been interrupted.
const PATIENCE: Duration = Duration::from_secs(2);

/// A request's exclusive access to an upload.
pub(super) struct Lease {
    gateway: Gateway,
    job: Job,
    name: String,
    until: Timestamp,
    /// When to renew the lease.
    say_at: Instant,
    /// The size of the upload at its last growth.
    bytes: u64,
    expires_at: Timestamp,
}

impl Lease {
    /// Acquires the lease, given the last known state `job`, or rejects the request.
    pub(super) async fn take(gateway: &Gateway, mut job: Job) -> Result<Self, Problem> {
        let name = base16ct::lower::encode_string(&random()?);
        let give_up_at = Instant::now() + PATIENCE;
        loop {
            check_open(&job)?;
            let until = after(gateway, HELD_FOR);
            let taken = Change::UploadTaken(UploadWriter { name: name.clone(), until });
            let jobs = gateway.backends.jobs.as_ref();
            if let Ok(job) = change(jobs, gateway.clock.as_ref(), &job.account, job.id, taken).await? {
                let expires_at = job.resumable.as_ref().map_or(until, |upload| upload.expires_at);
                let (gateway, bytes) = (gateway.clone(), job.progress.bytes_stored);
                return Ok(Self { gateway, job, name, until, say_at: Instant::now() + SAID_EVERY, bytes, expires_at });
            }
            if Instant::now() >= give_up_at {
                return Err(locked());
            }
            job = free(gateway, job, give_up_at).await?;
        }
    }

    /// The job of the upload.
    pub(super) fn job(&self) -> &Job {
        &self.job
    }

    /// When the upload will be abandoned.
    pub(super) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Runs `work` while the upload has `bytes` bytes, and renews the lease meanwhile. If the lease
    /// is lost, `work` is not started, or is aborted.
    pub(super) async fn beside<T>(&mut self, bytes: u64, work: impl Future<Output = T>) -> Result<T, Problem> {
        if Instant::now() >= self.say_at {
            self.goes_on(bytes).await?;
        }
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = tokio::time::sleep_until(self.say_at) => self.goes_on(bytes).await?,
            }
        }
    }

    /// Reports that the upload has `bytes` bytes, if a report is due and the number is new.
    pub(super) async fn news(&mut self, bytes: u64) -> Result<(), Problem> {
        if bytes == self.bytes {
            return std::future::pending().await;
        }
        tokio::time::sleep_until(self.say_at).await;
        self.goes_on(bytes).await
    }

    async fn goes_on(&mut self, bytes: u64) -> Result<(), Problem> {
        self.grew_to(bytes);
        let until = after(&self.gateway, HELD_FOR);
        let writer = UploadWriter { name: self.name.clone(), until };
        match self.change(Change::UploadGoesOn { writer, bytes, expires_at: self.expires_at }).await {
            Ok(Some(_)) => self.until = until,
            Ok(None) => return Err(self.lost().await),
            // The lease is valid until then.
            Err(error) if self.gateway.clock.now() < self.until => {
                tracing::warn!(job.id = %self.job.id, error = &error as &dyn std::error::Error,
                    "the progress of an upload could not be noted");
            }
            Err(error) => return Err(error.into()),
        }
        self.say_at = Instant::now() + SAID_EVERY;
        Ok(())
    }

    /// Releases the upload, which now has `bytes` bytes, for the next request. Fails if the lease
    /// was lost. If the release cannot be recorded now, the lease expires on its own.
    pub(super) async fn pause(&mut self, bytes: u64) -> Result<(), Problem> {
        self.grew_to(bytes);
        let paused = Change::UploadPaused { writer: self.name.clone(), bytes, expires_at: self.expires_at };
        match self.change(paused).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(self.lost().await),
            Err(error) => {
                tracing::warn!(job.id = %self.job.id, error = &error as &dyn std::error::Error,
                    "the pause of an upload could not be noted");
                Ok(())
            }
        }
    }

    /// Records that the file is complete.
    pub(super) async fn finish(&mut self, bytes: u64) -> Result<Job, Problem> {
        match self.change(Change::UploadFinished { writer: self.name.clone(), bytes }).await? {
            Some(job) => Ok(job),
            None => Err(self.lost().await),
        }
    }

    fn grew_to(&mut self, bytes: u64) {
        if bytes > self.bytes {
            self.expires_at = after(&self.gateway, self.gateway.upload_expires_after);
        }
        self.bytes = bytes;
    }

    /// Returns `None` when the job no longer accepts the change.
    async fn change(&self, wanted: Change) -> rethread_stores::Result<Option<Job>> {
        let (jobs, clock) = (self.gateway.backends.jobs.as_ref(), self.gateway.clock.as_ref());
        Ok(change(jobs, clock, &self.job.account, self.job.id, wanted).await?.ok())
    }

    /// Why the lease was lost.
    async fn lost(&self) -> Problem {
        let Job { account, id, .. } = &self.job;
        match upload::find(&self.gateway, account, *id).await.and_then(|job| check_open(&job)) {
            Ok(()) => locked(),
            Err(problem) => problem,
        }
    }
}

/// Waits until no request writes the upload, or until `give_up_at`, and returns the current job.
pub(super) async fn free(gateway: &Gateway, mut job: Job, give_up_at: Instant) -> Result<Job, Problem> {
    loop {
        let now = gateway.clock.now();
        let left = give_up_at.saturating_duration_since(Instant::now());
        let Some(writer) = job.upload_writer(now).filter(|_| !left.is_zero()) else { return Ok(job) };
        let lapses_in = writer.until.duration_since(now).unsigned_abs();
        job = changed(gateway, job, left.min(lapses_in)).await?;
    }
}

/// Waits for a writer that is about to end, for requests that only read.
pub(super) async fn settled(gateway: &Gateway, job: Job) -> Result<Job, Problem> {
    free(gateway, job, Instant::now() + PATIENCE).await
}

async fn changed(gateway: &Gateway, job: Job, at_most: Duration) -> Result<Job, Problem> {
    let (reach, id): (_, JobId) = (rethread_model::Reach::Account(job.account.clone()), job.id);
    let changed = gateway.backends.jobs.wait(&reach, id, job.revision, at_most).await?;
    changed.ok_or_else(|| Problem::not_found("upload"))
}

fn after(gateway: &Gateway, wait: Duration) -> Timestamp {
    gateway.clock.now().checked_add(wait).unwrap_or(Timestamp::MAX)
}

fn locked() -> Problem {
    let detail = "another request is writing this upload; ask by HEAD how far it is, and go on from there";
    Problem::new(StatusCode::LOCKED, "upload-locked", detail).retry_after(2)
}
