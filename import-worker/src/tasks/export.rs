//! Writes an export: the only work of such a job.

use async_trait::async_trait;
use rethread_model::{Change, Job, JobError, JobSpec, Task, TaskKind};
use rethread_runtime::SPANS;
use tracing::Span;

use super::handler::TaskHandler;
use super::job_ending::JobEnding;
use crate::reading::Reader;
use crate::task_error::{TaskError, fault};
use crate::worker::Worker;

/// See [`TaskKind::Export`].
pub(super) struct WriteExport;

#[async_trait]
impl TaskHandler for WriteExport {
    /// Writes the export's file and sends the job to its end. Repeated or concurrent calls leave
    /// one file: that of the worker that started last.
    async fn run(&self, worker: &Worker, task: &Task, _reader: &Reader) -> Result<(), TaskError> {
        let job = worker.job(&task.account, task.job).await?;
        let Some(job) = job.filter(|job| !job.state.is_final()) else {
            return Ok(());
        };
        let JobSpec::Export(options) = &job.spec else { return Ok(()) };
        if job.stopping || job.phase.task() != Some(TaskKind::Export) {
            return worker.publish(&job, TaskKind::Finish).await;
        }
        let Some(begun) = worker.start_attempt(&job, export_crashes).await? else {
            return Ok(());
        };
        let is_written = worker.write_export_file(&begun, options).await;
        if let Err(TaskError::Stopping | TaskError::Backend(_)) = is_written {
            worker.apply(&begun, Change::AttemptReleased).await?;
        }
        if is_written? {
            worker.publish(&begun, TaskKind::Finish).await?;
        }
        Ok(())
    }

    fn span(&self, Task { account, job, .. }: &Task) -> Span {
        tracing::info_span!(target: SPANS, "export", otel.kind = "consumer", %account, %job)
    }

    fn activity(&self) -> &'static str {
        "write the export"
    }
}

#[async_trait]
impl JobEnding for WriteExport {
    /// Deletes the file of an export that failed or has expired.
    async fn clean_up(&self, worker: &Worker, job: &Job) -> Result<(), TaskError> {
        worker.sweep_export(&job.account, job.id).await
    }
}

fn export_crashes(crashes: u32) -> JobError {
    let message = format!(
        "writing the export crashed {crashes} times; this is a fault of Rethread: send the operators the job's id"
    );
    fault("export_crashes", message)
}
