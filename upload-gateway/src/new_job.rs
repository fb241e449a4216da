//! Creation of jobs.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use rethread_model::{Job, JobId, JobSpec, NewJob, Task};
use rethread_runtime::{AuditAction, trace_parent};
use rethread_stores::create_job;

use crate::extract::{Admin, CreateImportRequest};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::views::JobView;

/// An import of a file of `announced_bytes`, if the client announced the size. Not stored yet.
pub(crate) fn new_import(
    gateway: &Gateway,
    admin: &Admin,
    wanted: CreateImportRequest,
    announced_bytes: Option<u64>,
) -> Result<Job, Problem> {
    let job = new_job(gateway, admin, wanted.options.into())?;
    Ok(Job { announced_bytes, file_name: wanted.file_name, ..job })
}

/// A job for an admin's request. Not stored yet.
pub(crate) fn new_job(gateway: &Gateway, admin: &Admin, spec: JobSpec) -> Result<Job, Problem> {
    let now = gateway.clock.now();
    let new = NewJob {
        id: JobId::new(now, &random()?),
        account: admin.account.clone(),
        started_by: admin.name.clone(),
        file_name: None,
        spec,
    };
    Ok(Job { trace: trace_parent(), ..Job::new(new, now) })
}

/// Creates a job whose first phase has a task, publishes the task, and answers 202 with the job.
pub(crate) async fn start_job(gateway: &Gateway, admin: &Admin, spec: JobSpec) -> Result<Response, Problem> {
    let job = new_job(gateway, admin, spec)?;
    create_job(gateway.backends.jobs.as_ref(), &job).await?;
    admin.audit(AuditAction::Begun(job.kind()), job.id);
    if let Some(kind) = job.phase.task() {
        gateway.publish(Task::of(&job, kind)).await;
    }
    let location = format!("/api/v1/jobs/{}", job.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(JobView::from(job))).into_response())
}

/// Unpredictable bytes.
pub(crate) fn random() -> Result<[u8; 10], Problem> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the system gives no random bytes");
        Problem::internal()
    })?;
    Ok(random)
}
