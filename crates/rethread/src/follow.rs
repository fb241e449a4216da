//! Follows a job to its end.

use std::time::Duration;

use anyhow::Context as _;
use rethread_model::{Job, JobId, Reach};
use rethread_stores::JobLife;

use crate::failure::Failure;
use crate::progress::Progress;

/// How long to wait for a change before the elapsed time is updated.
const PATIENCE: Duration = Duration::from_millis(250);

/// Shows the progress of a job, and returns the job once it has ended.
pub(crate) async fn follow(
    jobs: &dyn JobLife,
    reach: &Reach,
    id: JobId,
    mut progress: Progress,
) -> anyhow::Result<Job> {
    let mut revision = 0;
    loop {
        let job = jobs
            .wait(reach, id, revision, PATIENCE)
            .await
            .with_context(|| format!("the state of job {id} cannot be read"))?
            .ok_or_else(|| Failure::usage("no_such_job", format!("there is no job {id}")))?;
        if job.state.is_final() {
            progress.end();
            return Ok(job);
        }
        revision = job.revision;
        progress.show(job.phase.as_str(), &job.progress, job.tally.read.comments);
    }
}
