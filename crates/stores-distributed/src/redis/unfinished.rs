//! The index of jobs that have not ended, and the repair of what a killed process left half done in
//! it.

use std::time::Duration;

use redis::{Cmd, Pipeline};
use rethread_model::{Job, JobId};
use rethread_stores::Result;

use super::RedisJobs;

/// A job that is in the index but does not exist may still be being created, but not for longer
/// than this.
const MAKING: Duration = Duration::from_hours(1);

impl RedisJobs {
    /// Jobs that have not ended, and perhaps some that have, oldest first.
    pub(super) async fn unfinished(&self) -> Result<Vec<JobId>> {
        let mut command = redis::cmd("ZRANGE");
        command.arg(self.keys.unfinished()).arg(0).arg(-1);
        let ids: Vec<String> = self.server.command("cannot look for unfinished jobs", &command).await?;
        let mut ids: Vec<JobId> = ids.iter().filter_map(|text| text.parse().ok()).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Removes ended jobs from the index.
    pub(super) async fn forget_unfinished(&self, ids: &[JobId]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut command = redis::cmd("ZREM");
        command.arg(self.keys.unfinished()).arg(ids);
        self.server.command("cannot take an ended job from the index", &command).await
    }

    /// Removes jobs of which only the entries in the indices were created.
    pub(super) async fn forget_uncreated(&self, ids: &[JobId]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut pipeline = Pipeline::new();
        for id in ids {
            pipeline.cmd("ZSCORE").arg(self.keys.unfinished()).arg(id.to_string());
        }
        let announced_at: Vec<Option<f64>> = self.server.pipeline("cannot look for unfinished jobs", &pipeline).await?;
        let border = self.now().saturating_sub(i64::try_from(MAKING.as_millis()).unwrap_or(i64::MAX));
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact for ever")]
        let is_old = |at: Option<f64>| at.is_some_and(|at| at < border as f64);
        let uncreated = ids.iter().zip(announced_at).filter(|(_, at)| is_old(*at));
        self.forget_unfinished(&uncreated.map(|(id, _)| *id).collect::<Vec<_>>()).await
    }

    /// Adds a job to the indices before it is created: readers ignore a dangling entry, but a job
    /// missing from the indices would never be worked on.
    pub(super) async fn announce_job(&self, job: &Job) -> Result<()> {
        let id = job.id.to_string();
        let add = |index: String, score: i64| -> Cmd {
            let mut command = redis::cmd("ZADD");
            command.arg(index).arg(score).arg(&id);
            command
        };
        let mut pipeline = Pipeline::new();
        pipeline.add_command(add(self.keys.unfinished(), self.now()));
        pipeline.add_command(add(self.keys.of_account(&job.account), 0));
        pipeline.add_command(add(self.keys.of_all(), 0));
        self.server.pipeline::<()>("cannot store a job", &pipeline).await
    }
}
