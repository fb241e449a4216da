//! Lists of jobs.

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{AccountId, Job, JobId, JobKind, JobState, Reach, Timestamp, Vendor};

use crate::Result;

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Only this account's jobs, within the reach.
    pub account: Option<AccountId>,
    /// Only those of this kind.
    pub kind: Option<JobKind>,
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only jobs older than this one (the last of the previous page).
    pub before: Option<JobId>,
    /// The page size, 1 to 200.
    pub limit: u32,
}

/// A page of jobs, newest first.
#[derive(Debug, Clone)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Whether there are older jobs.
    pub has_more: bool,
}

/// The number of jobs, for metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs by state and vendor (`None` until the vendor is known); pairs without jobs are omitted.
    /// Includes all jobs that are `queued`, `running` or `waiting`. Ended jobs are included only
    /// where the store counts them at no cost: the embedded store does, Redis does not.
    pub jobs: Vec<(JobState, Option<Vendor>, u64)>,
    /// Since when the oldest job that no worker has started yet has been waiting.
    pub oldest_queued: Option<Timestamp>,
}

/// Lists jobs, of one account or of all.
#[async_trait]
pub trait JobListing: Send + Sync + Debug {
    /// Lists jobs, newest first.
    async fn list(&self, reach: &Reach, filter: &JobFilter) -> Result<JobPage>;

    /// The jobs, of all accounts, that are waiting for a worker, in the order in which they started
    /// waiting. Jobs whose upload is still arriving and jobs that are stopping are left out.
    async fn queued(&self) -> Result<Vec<JobId>>;

    /// The jobs, of all accounts, that have waited for an admin's confirmation since `before` or
    /// longer and are not stopping.
    async fn unconfirmed(&self, before: Timestamp) -> Result<Vec<(AccountId, JobId)>>;

    /// The number of jobs of all accounts; contains no names.
    async fn job_counts(&self) -> Result<JobCounts>;
}
