//! The one recovery mechanism: derives what should be in the queue from the state of the jobs. The
//! rules decide. What is published is recorded only if the state that they decided on still stands,
//! so that no other caller publishes it too.

mod candidate;

use futures::StreamExt;
use redis::{Pipeline, ScriptInvocation};
use rethread_model::{JobId, SliceNumber, Task, TaskKind};
use rethread_stores::Result;
use rethread_stores::rules::needed_tasks::NeededTasks;
use rethread_stores::rules::redelivery::Cutoff;

use self::candidate::Candidate;
use super::list::CHUNK;
use super::redelivery_state::StoredState;
use super::{RedisJobs, scripts};

/// The number of publications recorded at a time.
pub(super) const AT_ONCE: usize = 32;

/// Tasks of one job that are due, and the script that records their publication: all or none.
struct Publication {
    job: Candidate,
    kinds: Vec<TaskKind>,
    invocation: ScriptInvocation<'static>,
}

impl RedisJobs {
    pub(super) async fn overdue_tasks(&self, cutoff: Cutoff) -> Result<Vec<Task>> {
        let mut tasks = Vec::new();
        for chunk in self.unfinished().await?.chunks(CHUNK) {
            let mut left = chunk.to_vec();
            // A job that changed in between is read and decided again.
            while !left.is_empty() {
                left = self.publish_due(&left, cutoff, &mut tasks).await?;
            }
        }
        Ok(tasks)
    }

    /// Adds the tasks of these jobs that are due, and returns the jobs that changed in between.
    async fn publish_due(&self, ids: &[JobId], cutoff: Cutoff, tasks: &mut Vec<Task>) -> Result<Vec<JobId>> {
        let mut recorded = futures::stream::iter(self.due(ids, cutoff).await?)
            .map(|Publication { job, kinds, invocation }| async move {
                (job, kinds, self.server.script("cannot record a publication", &invocation).await)
            })
            .buffered(AT_ONCE);
        let mut left = Vec::new();
        while let Some((job, kinds, answer)) = recorded.next().await {
            if answer?.is_conflict() {
                left.push(job.id);
            } else {
                tasks.extend(kinds.into_iter().map(|kind| job.task(kind)));
            }
        }
        Ok(left)
    }

    async fn due(&self, ids: &[JobId], cutoff: Cutoff) -> Result<Vec<Publication>> {
        let (mut due, mut reading) = (Vec::new(), Vec::new());
        for (job, redelivery) in self.candidates(ids).await? {
            match job.needed_tasks() {
                NeededTasks::Nothing => {}
                NeededTasks::OpenSlices => reading.push(job),
                NeededTasks::One(kind) => due.extend(self.due_task(job, kind, &redelivery, cutoff)?),
            }
        }
        let states = self.slice_states(&reading).await?;
        let mut states = states.into_iter();
        for job in reading {
            due.extend(self.due_slices(job, states.by_ref(), cutoff)?);
        }
        Ok(due)
    }

    fn due_task(
        &self,
        job: Candidate,
        kind: TaskKind,
        redelivery: &StoredState,
        cutoff: Cutoff,
    ) -> Result<Option<Publication>> {
        let Some(published) = cutoff.publish(redelivery.read()?) else { return Ok(None) };
        let mut invocation = scripts::PUBLISH_TASK.prepare_invoke();
        invocation.key(&self.keys.all(job.id)[..]).arg(job.account.as_str());
        invocation.arg(&job.revision).arg(job.open.len()).arg(job.pending);
        invocation.arg(&redelivery.to_args(published)[..]);
        Ok(Some(Publication { job, kinds: vec![kind], invocation }))
    }

    fn due_slices(
        &self,
        job: Candidate,
        states: impl Iterator<Item = StoredState>,
        cutoff: Cutoff,
    ) -> Result<Option<Publication>> {
        let mut invocation = scripts::PUBLISH_SLICES.prepare_invoke();
        invocation.key(&self.keys.all(job.id)[..]).arg(job.account.as_str());
        let mut kinds = Vec::new();
        for (number, redelivery) in job.open.iter().zip(states) {
            if let Some(published) = cutoff.publish(redelivery.read()?) {
                invocation.arg(number).arg(&redelivery.to_args(published)[..]);
                kinds.push(TaskKind::Slice { number: SliceNumber(*number) });
            }
        }
        Ok(if kinds.is_empty() { None } else { Some(Publication { job, kinds, invocation }) })
    }

    /// The redelivery states of the jobs' open slices, in order.
    async fn slice_states(&self, jobs: &[Candidate]) -> Result<Vec<StoredState>> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = Pipeline::new();
        for job in jobs {
            let [_, slices, ..] = self.keys.all(job.id);
            for number in &job.open {
                pipeline.cmd("HMGET").arg(&slices).arg(&StoredState::of_slice(*number));
            }
        }
        self.server.pipeline("cannot look for overdue slices", &pipeline).await
    }
}
