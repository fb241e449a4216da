//! Republishes what should be in the queue.

use async_trait::async_trait;
use rethread_model::Timestamp;
use rethread_runtime::METRICS;

use super::duty::{Duty, Failures};
use crate::retry::retry;
use crate::task_error::TaskError;
use crate::worker::Worker;

/// Republishes the tasks and events of jobs that should have moved but have not. Safe at any time.
pub(super) struct Republish {
    /// Everything that has not moved since is lost; for the first round only.
    lost_before: Option<Timestamp>,
}

impl Republish {
    /// An in-process queue died with the previous process, together with all its messages.
    pub(super) fn new(worker: &Worker) -> Self {
        let is_queue_new = !worker.context.backends.queue.survives_restart();
        Self { lost_before: is_queue_new.then_some(worker.context.started_at) }
    }
}

#[async_trait]
impl Duty for Republish {
    fn name(&self) -> &'static str {
        "republish"
    }

    async fn round(&mut self, worker: &Worker, failures: Failures) {
        let before = self.lost_before.take().unwrap_or_else(|| overdue_since(worker));
        failures.note(republish(worker, before).await);
    }
}

/// Whatever has not moved since this time is overdue.
fn overdue_since(worker: &Worker) -> Timestamp {
    worker.context.clock.now().checked_sub(worker.config.overdue_after).unwrap_or(Timestamp::MIN)
}

async fn republish(worker: &Worker, before: Timestamp) -> Result<(), TaskError> {
    let backends = &worker.context.backends;
    let overdue = retry(|| backends.jobs.overdue(before)).await?;
    for task in &overdue.tasks {
        retry(|| backends.queue.publish_task(task)).await?;
        METRICS.republished.add(&["task"], 1);
    }
    for event in &overdue.events {
        retry(|| backends.queue.publish_event(event)).await?;
        METRICS.republished.add(&["event"], 1);
    }
    let count = overdue.tasks.len() + overdue.events.len();
    if count > 0 {
        tracing::info!(count, "published again what had not moved");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rethread_model::{ExportFilter, ExportFormat, ExportOptions, Job, JobId, NewJob, Task, TaskKind};

    use super::*;

    /// A job that waits for a task, which is not in the queue.
    async fn waiting_job(worker: &Worker, number: u8) -> Job {
        let now = worker.context.clock.now();
        let new = NewJob {
            id: JobId::new(now, &[number; 10]),
            account: "a".parse().unwrap(),
            started_by: "ann".to_owned(),
            file_name: None,
            spec: ExportOptions { format: ExportFormat::Jsonl, gzip: false, filter: ExportFilter::default() }.into(),
        };
        let job = Job::new(new, now);
        worker.context.backends.jobs.create(&job).await.unwrap();
        job
    }

    #[tokio::test]
    async fn only_the_first_round_takes_all_earlier_messages_for_lost() {
        let folder = tempfile::tempdir().unwrap();
        let (mut worker, _ended) = Worker::for_tests(folder.path()).await;
        let lost = waiting_job(&worker, 1).await;
        let start = worker.context.clock.now().checked_add(Duration::from_secs(1)).unwrap();
        worker.context.started_at = start;
        let (mut duty, failures) = (Republish::new(&worker), Failures::of("republish"));
        duty.round(&worker, failures).await;
        let recent = waiting_job(&worker, 2).await;
        duty.round(&worker, failures).await;
        let marker = waiting_job(&worker, 3).await;
        worker.publish(&marker, TaskKind::Finish).await.unwrap();

        let mut queue = worker.context.backends.queue.tasks().await.unwrap();
        let mut found = Vec::new();
        for _ in 0..2 {
            let delivery = queue.next().await.unwrap();
            found.push(delivery.payload.clone());
            delivery.ack().await.unwrap();
        }
        let expected = [Task::of(&lost, TaskKind::Export), Task::of(&marker, TaskKind::Finish)];
        assert_eq!(found, expected, "{} is not overdue yet", recent.id);
    }
}
