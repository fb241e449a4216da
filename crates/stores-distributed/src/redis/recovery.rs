//! Finds what is overdue, job by job, and repairs what a killed process left half done in the
//! indices.

use std::time::Duration;

use futures::StreamExt;
use redis::Cmd;
use rethread_model::{AccountId, Job, JobId, SliceNumber, Task, TaskKind, Timestamp, TraceParent};

use super::document::unreadable;
use super::{RedisJobs, scripts};
use rethread_stores::Result;

/// The number of jobs checked at a time.
const AT_ONCE: usize = 32;

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

    pub(super) async fn overdue_tasks(&self, before: Timestamp) -> Result<Vec<Task>> {
        let ids = self.unfinished().await?;
        let mut answers =
            futures::stream::iter(ids).map(|id| async move { self.overdue_of(id, before).await }).buffered(AT_ONCE);
        let mut tasks = Vec::new();
        while let Some(answer) = answers.next().await {
            tasks.extend(answer?);
        }
        Ok(tasks)
    }

    async fn overdue_of(&self, id: JobId, before: Timestamp) -> Result<Vec<Task>> {
        let now = self.clock.now().as_millisecond();
        let mut invocation = scripts::OVERDUE.prepare_invoke();
        invocation.key(&self.keys.all(id)[..]).arg(before.as_millisecond()).arg(now);
        let answer = self.server.script("cannot look for overdue tasks", &invocation).await?;
        match answer.words()[..] {
            ["ok", account, trace, ref kinds @ ..] => {
                let account: AccountId = account.parse().map_err(|_| unreadable("account"))?;
                let trace: Option<TraceParent> = trace.parse().ok();
                let task = |kind| Task { account: account.clone(), job: id, kind, trace: trace.clone() };
                kinds.iter().map(|word| Ok(task(kind_of(word)?))).collect()
            }
            ["ended"] => self.forget_unfinished(id).await.map(|()| Vec::new()),
            // Only its entries in the indices were created.
            _ => {
                let made_before = now.saturating_sub(i64::try_from(MAKING.as_millis()).unwrap_or(i64::MAX));
                let mut score = redis::cmd("ZSCORE");
                score.arg(self.keys.unfinished()).arg(id.to_string());
                let made: Option<f64> = self.server.command("cannot look for unfinished jobs", &score).await?;
                #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact for ever")]
                if made.is_some_and(|made| made < made_before as f64) {
                    self.forget_unfinished(id).await?;
                }
                Ok(Vec::new())
            }
        }
    }

    /// Removes an ended job from the index.
    pub(super) async fn forget_unfinished(&self, id: JobId) -> Result<()> {
        let mut command = redis::cmd("ZREM");
        command.arg(self.keys.unfinished()).arg(id.to_string());
        self.server.command("cannot take an ended job from the index", &command).await
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
        let mut pipeline = redis::Pipeline::new();
        pipeline.add_command(add(self.keys.unfinished(), self.clock.now().as_millisecond()));
        pipeline.add_command(add(self.keys.of_account(&job.account), 0));
        pipeline.add_command(add(self.keys.of_all(), 0));
        self.server.pipeline::<()>("cannot store a job", &pipeline).await
    }
}

fn kind_of(word: &str) -> Result<TaskKind> {
    match word {
        "plan" => Ok(TaskKind::Plan),
        "export" => Ok(TaskKind::Export),
        "move" => Ok(TaskKind::Move),
        "finish" => Ok(TaskKind::Finish),
        number => {
            let number = number.parse().map_err(|_| unreadable("slice number"))?;
            Ok(TaskKind::Slice { number: SliceNumber(number) })
        }
    }
}
