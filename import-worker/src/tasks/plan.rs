//! Plans an upload: detects its format, cuts it into slices and opens the window. The first task of
//! an import.

use async_trait::async_trait;
use rethread_model::{Change, JobError, JobSpec, JobState, Phase, Task, TaskKind};
use rethread_runtime::SPANS;
use tracing::Span;

use super::handler::TaskHandler;
use crate::import::with_site;
use crate::reading::Reader;
use crate::retry::retry;
use crate::task_error::{TaskError, fault};
use crate::worker::Worker;

/// See [`TaskKind::Plan`].
pub(super) struct PlanUpload;

#[async_trait]
impl TaskHandler for PlanUpload {
    /// Does whatever is left before slices can be read. Repeating it yields the same slices.
    async fn run(&self, worker: &Worker, task: &Task, reader: &Reader) -> Result<(), TaskError> {
        let (account, id) = (&task.account, task.job);
        let jobs = &worker.context.backends.jobs;
        let Some(job) = worker.job(account, id).await? else {
            return Ok(());
        };
        match (job.state, job.phase) {
            (state, _) if state.is_final() => return Ok(()),
            (JobState::Waiting, _) if !job.stopping => return Ok(()),
            (_, Phase::Uploading) => return Ok(()),
            _ if job.stopping => return worker.publish(&job, TaskKind::Finish).await,
            (_, Phase::Finishing) => return worker.publish(&job, TaskKind::Finish).await,
            (JobState::Running, Phase::Importing) => {
                let slice_progress = retry(|| jobs.slice_progress(account, id)).await?;
                return worker.go_on(&job, slice_progress).await;
            }
            _ => {}
        }
        let JobSpec::Import(options) = &job.spec else { return Ok(()) };
        let Some(job) = worker.start_attempt(&job, plan_crashes).await? else {
            return Ok(());
        };
        let planned = worker.make_plan(&job, options.clone(), reader).await;
        if let Err(TaskError::Stopping | TaskError::Backend(_)) = planned {
            worker.apply(&job, Change::AttemptReleased).await?;
        }
        match planned?.and_then(|(plan, sha256)| Ok((with_site(&job, plan)?, sha256))) {
            Ok((mut plan, sha256)) => {
                worker.compare_pages(&job, &mut plan).await?;
                worker.begin_import(&job, plan, sha256).await
            }
            Err(error) => {
                worker.apply(&job, Change::Fault(error)).await?;
                worker.publish(&job, TaskKind::Finish).await
            }
        }
    }

    fn span(&self, Task { account, job, .. }: &Task) -> Span {
        tracing::info_span!(target: SPANS, "plan", otel.kind = "consumer", %account, %job)
    }

    fn activity(&self) -> &'static str {
        "store the import"
    }
}

fn plan_crashes(crashes: u32) -> JobError {
    let message = format!(
        "looking at the file crashed {crashes} times; this is a fault of Rethread: send the operators the job's id"
    );
    fault("plan_crashes", message)
}
