//! `DELETE /uploads/{id}`: abandons an upload.

use axum::extract::State;
use http::StatusCode;
use rethread_model::{Change, JobId, Task, TaskKind};
use rethread_runtime::AuditAction;
use rethread_stores::{BlobPrefix, change};

use super::client::Client;
use super::upload::{check_open, find};
use crate::extract::Id;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// Abandon an upload
///
/// A complete file belongs to its job; cancel the job instead.
#[utoipa::path(
    delete,
    path = "/api/v1/uploads/{id}",
    operation_id = "endUpload",
    tag = "uploads",
    params(
        ("id" = JobId, Path, description = "The upload"),
        ("tus-resumable" = String, Header, pattern = r"^1\.0\.0$", description = "The version of tus"),
    ),
    responses(
        (status = 204, description = "What has arrived is deleted, and the job ends as cancelled"),
        (status = 409, description = "`job-state`: the file is whole already, or the upload has just ended"),
        (status = 410, description = "`upload-gone`: the upload has ended"),
        (status = 412, description = "`tus-version`: the client speaks another version of tus"),
    ),
)]
pub(super) async fn delete(
    State(gateway): State<Gateway>,
    Client(admin): Client,
    Id(id): Id<JobId>,
) -> Result<StatusCode, Problem> {
    check_open(&find(&gateway, &admin.account, id).await?)?;
    let (jobs, clock) = (gateway.backends.jobs.as_ref(), gateway.clock.as_ref());
    let job = change(jobs, clock, &admin.account, id, Change::CancelRequested).await?;
    let job = job.map_err(|_| Problem::conflict("the upload has just ended"))?;
    admin.audit(AuditAction::Cancel, id);
    if job.is_received() {
        // The last piece arrived in the meantime; a worker ends the job as cancelled.
        gateway.publish(Task::of(&job, TaskKind::Finish)).await;
        return Ok(StatusCode::NO_CONTENT);
    }
    if let Err(error) = gateway.backends.blobs.delete_job(BlobPrefix::Uploads, &job.account, id).await {
        tracing::warn!(job.id = %id, error = &error as &dyn std::error::Error,
            "an upload could not be deleted at once; a worker will do it");
    }
    gateway.publish(Task::of(&job, TaskKind::Finish)).await;
    Ok(StatusCode::NO_CONTENT)
}
