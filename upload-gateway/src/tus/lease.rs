//! One request at a time writes an upload.
//!
//! The job names the one that does, and until when: it says that it goes on as long as bytes arrive and are written. So
//! a process that is killed, or a connection that is dead, keeps others waiting for some seconds only. A request that
//! finds that another one has taken over writes no more.

use std::pin::pin;
use std::time::Duration;

use http::StatusCode;
use rethread_backends::change;
use rethread_model::{Change, Job, JobId, Timestamp, UploadWriter};
use tokio::time::Instant;

use super::upload::{self, check_open};
use crate::gateway::Gateway;
use crate::new_job::random;
use crate::problem::Problem;

/// How long nobody takes over from a request that is not heard of.
const HELD_FOR: Duration = Duration::from_secs(5);
/// How often a request says that it goes on.
const SAID_EVERY: Duration = Duration::from_secs(1);
/// How long to wait for another request to end: it may have been broken off just now.
const PATIENCE: Duration = Duration::from_secs(2);

/// An upload that a request has for itself.
pub(super) struct Lease {
    gateway: Gateway,
    job: Job,
    name: String,
    until: Timestamp,
    /// When to say again that the request goes on.
    say_at: Instant,
    /// Bytes when the upload last grew.
    bytes: u64,
    expires_at: Timestamp,
}

impl Lease {
    /// Takes the upload, after `job` as it was seen last, or refuses.
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

    /// Whose upload it is.
    pub(super) fn job(&self) -> &Job {
        &self.job
    }

    /// When the upload will be given up.
    pub(super) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Does `work`, while the upload has so many bytes, and holds the upload meanwhile. Whoever lost it does not begin, or
    /// breaks off.
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

    /// Says that the upload has so many bytes, once that is due and news.
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
            // Until then nobody takes over.
            Err(error) if self.gateway.clock.now() < self.until => {
                tracing::warn!(job.id = %self.job.id, error = &error as &dyn std::error::Error,
                    "the progress of an upload could not be noted");
            }
            Err(error) => return Err(error.into()),
        }
        self.say_at = Instant::now() + SAID_EVERY;
        Ok(())
    }

    /// Gives the upload, which has so many bytes now, to whoever comes next; fails if it is not this request's any more. What
    /// cannot be noted now ends by itself when the time is over.
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

    /// Notes that the file is whole.
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

    /// `None` when the job does not take the change any more.
    async fn change(&self, wanted: Change) -> rethread_backends::Result<Option<Job>> {
        let (jobs, clock) = (self.gateway.backends.jobs.as_ref(), self.gateway.clock.as_ref());
        Ok(change(jobs, clock, &self.job.account, self.job.id, wanted).await?.ok())
    }

    /// Why the upload is not this request's any more.
    async fn lost(&self) -> Problem {
        let Job { account, id, .. } = &self.job;
        match upload::find(&self.gateway, account, *id).await.and_then(|job| check_open(&job)) {
            Ok(()) => locked(),
            Err(problem) => problem,
        }
    }
}

/// Waits until nobody writes an upload, or until `give_up_at`, and returns its job as it is then.
pub(super) async fn free(gateway: &Gateway, mut job: Job, give_up_at: Instant) -> Result<Job, Problem> {
    loop {
        let now = gateway.clock.now();
        let left = give_up_at.saturating_duration_since(Instant::now());
        let Some(writer) = job.upload_writer(now).filter(|_| !left.is_zero()) else { return Ok(job) };
        let lapses_in = writer.until.duration_since(now).unsigned_abs();
        job = changed(gateway, job, left.min(lapses_in)).await?;
    }
}

/// Whether somebody is about to end, for whoever only looks.
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
