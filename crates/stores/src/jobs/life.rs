//! A job from its creation to its end.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use rethread_model::{AccountId, Job, JobId, Reach, Revision};

use super::slices::SliceProgress;
use crate::Result;

/// Stores jobs. Every change of a job increments its revision and wakes those waiting for it.
#[async_trait]
pub trait JobLife: Send + Sync + Debug {
    /// Stores a new job as it is.
    async fn create(&self, job: &Job) -> Result<()>;

    /// Returns one job with its progress and counts; `None` when there is none within reach.
    async fn get(&self, reach: &Reach, id: JobId) -> Result<Option<Job>>;

    /// Replaces a job if the stored revision is still `job.revision`, and returns it with its new
    /// revision. Fails with [`crate::ErrorKind::Conflict`] otherwise. In the same transaction, a
    /// job that becomes `failed` gets an event to deliver (see [`crate::Redelivery::overdue`]), and
    /// a job that begins its next pass ([`Job::pass`]) loses its slices and the reports of its
    /// steps. See [`crate::change`], which retries this until it succeeds.
    async fn replace(&self, job: &Job) -> Result<Job>;

    /// Records how many bytes of the upload have arrived. Does nothing once the job has left the
    /// phase `uploading`, or when a larger number is already stored.
    async fn receiving(&self, account: &AccountId, id: JobId, bytes: u64) -> Result<SliceProgress>;

    /// Waits until the job's revision is above `after`, for at most `at_most`, and returns the job
    /// as it is then; `None` when there is none within reach.
    async fn wait(&self, reach: &Reach, id: JobId, after: Revision, at_most: Duration) -> Result<Option<Job>>;
}
