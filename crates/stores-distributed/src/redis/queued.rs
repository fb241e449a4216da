//! Jobs that wait: for a worker, or for an admin's confirmation.

use redis::Pipeline;
use rethread_model::{AccountId, JobId, JobState, Phase, Timestamp};
use rethread_stores::Result;

use super::RedisJobs;
use super::list::CHUNK;

/// The state of a job that has not ended.
struct QueuedJob {
    id: JobId,
    account: AccountId,
    state: JobState,
    phase: String,
    is_stopping: bool,
    /// When it last moved, in milliseconds since 1970.
    moved_at: i64,
}

/// Account, state, phase, whether it is stopping, and when it last moved; as far as it exists.
type Fields = (Option<String>, Option<String>, Option<String>, Option<String>, Option<i64>);

impl RedisJobs {
    pub(super) async fn waiting_since(&self, before: Timestamp) -> Result<Vec<(AccountId, JobId)>> {
        let jobs = self.job_states().await?.into_iter().filter(|job| {
            job.state == JobState::Waiting && !job.is_stopping && job.moved_at <= before.as_millisecond()
        });
        Ok(jobs.map(|job| (job.account, job.id)).collect())
    }

    pub(super) async fn in_queue(&self) -> Result<Vec<JobId>> {
        let is_queued = |job: &QueuedJob| {
            job.state == JobState::Queued && job.phase != Phase::Uploading.as_str() && !job.is_stopping
        };
        let mut jobs: Vec<QueuedJob> = self.job_states().await?.into_iter().filter(is_queued).collect();
        jobs.sort_unstable_by_key(|job| (job.moved_at, job.id));
        Ok(jobs.into_iter().map(|job| job.id).collect())
    }

    async fn job_states(&self) -> Result<Vec<QueuedJob>> {
        let ids = self.unfinished().await?;
        let mut jobs = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let mut pipeline = Pipeline::new();
            for id in chunk {
                let fields = ["account", "state", "phase", "stopping", "moved_at"];
                pipeline.cmd("HMGET").arg(self.keys.job(*id)).arg(&fields);
            }
            let found: Vec<Fields> = self.server.pipeline("cannot list jobs", &pipeline).await?;
            jobs.extend(chunk.iter().zip(found).filter_map(|(id, fields)| QueuedJob::of(*id, fields)));
        }
        Ok(jobs)
    }
}

impl QueuedJob {
    fn of(id: JobId, (account, state, phase, stopping, moved_at): Fields) -> Option<Self> {
        Some(Self {
            id,
            account: account?.parse().ok()?,
            state: JobState::from_word(&state?)?,
            phase: phase?,
            is_stopping: stopping.as_deref() == Some("1"),
            moved_at: moved_at?,
        })
    }
}
