//! Jobs: showing, listing, confirming and cancelling them, and their receipts.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rethread_model::{Change, JobId, JobKind, JobState, Receipt, Task, TaskKind};
use rethread_proto::v1;
use rethread_runtime::AuditAction;
use rethread_stores::change;

use crate::extract::{Admin, Id, Params, Watcher, cursor, site_url};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::views::{JobView, JobsView};

/// The account's jobs
///
/// Newest first. An operator sees the jobs of all accounts.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    operation_id = "listJobs",
    tag = "jobs",
    params(
        ("kind" = Option<JobKind>, Query, description = "Only jobs of this kind"),
        ("state" = Option<JobState>, Query, description = "Only jobs in this state"),
        ("cursor" = Option<String>, Query, description = "`next` of the list before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "At most so many; 50 if absent"),
    ),
    responses((status = 200, description = "Some jobs", body = JobsView)),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    watcher: Watcher,
    mut params: Params,
) -> Result<Json<JobsView>, Problem> {
    let page_token = params.text("cursor")?.unwrap_or_default();
    let request = v1::ListJobsRequest { page_token, ..wanted(params)? };
    let (jobs, next) = gateway.status.jobs(&watcher.token, request).await.map_err(cursor::page_failed)?;
    Ok(Json(JobsView { jobs: jobs.into_iter().map(JobView::from).collect(), next }))
}

/// A request for the first page of the list that a query describes.
pub(crate) fn wanted(mut params: Params) -> Result<v1::ListJobsRequest, Problem> {
    let states = JobState::ALL.map(|state| (state.as_str(), state));
    let state = params.choice("state", &states)?;
    let kinds = JobKind::ALL.map(|kind| (kind.as_str(), kind));
    let kind = params.choice("kind", &kinds)?.map_or("", JobKind::as_str).to_owned();
    let page_size = params.limit(50)?;
    params.finish()?;
    let state = state.map_or(v1::JobState::Unspecified, v1::JobState::from).into();
    Ok(v1::ListJobsRequest { account: String::new(), kind, state, page_size, page_token: String::new() })
}

/// A job
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}",
    operation_id = "getJob",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses((status = 200, description = "The job as it is", body = JobView)),
)]
pub(crate) async fn show(
    State(gateway): State<Gateway>,
    watcher: Watcher,
    Id(id): Id<JobId>,
    params: Params,
) -> Result<Json<JobView>, Problem> {
    params.finish()?;
    Ok(Json(JobView::from(gateway.status.job(&watcher.token, id).await?)))
}

/// Cancel a job
///
/// An import stops reading at the next batch, and its upload is deleted; comments imported before
/// that remain. An export leaves no file. What a move has already moved stays moved, and can be
/// undone. May be repeated.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/cancel",
    operation_id = "cancelJob",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses(
        (status = 202, description = "The job, which will end soon", body = JobView),
        (status = 409, description = "`job-state`: the job is finishing or has ended"),
    ),
)]
pub(crate) async fn cancel(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<JobId>,
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let ruling = Ruling {
        change: Change::CancelRequested,
        too_late: "the job has ended or is ending, and can no longer be cancelled",
        action: AuditAction::Cancel,
        next: TaskKind::Finish,
    };
    ruling.on(&gateway, &admin, id).await
}

/// Confirm a job
///
/// Imports the checked file, from the same upload. If the file does not name the site of its
/// comments (`site_needed`), the confirmation must.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/confirm",
    operation_id = "confirmJob",
    tag = "jobs",
    params(
        ("id" = JobId, Path, description = "The job"),
        ("site_url" = Option<String>, Query, format = "uri", description = "Address of the site, where the file does not name it"),
        ("pages_as_before" = Option<bool>, Query, description = "Know pages by what `earlier_pages` of the job says, as at the last import of the site"),
    ),
    responses(
        (status = 202, description = "The job, which now imports", body = JobView),
        (status = 400, description = "`invalid-parameter`: the file does not name its site, and `site_url` is missing or no address"),
        (status = 409, description = "`job-state`: the job does not wait for a confirmation"),
    ),
)]
pub(crate) async fn confirm(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<JobId>,
    mut params: Params,
) -> Result<Response, Problem> {
    let site_url = site_url(&mut params)?;
    let pages_as_before = params.flag("pages_as_before")?;
    params.finish()?;
    let job = gateway.backends.jobs.get(&admin.reach(), id).await?.ok_or_else(|| Problem::not_found("job"))?;
    let is_site_needed = job.state == JobState::Waiting && job.facts.as_ref().is_some_and(|facts| facts.site_needed);
    if is_site_needed && site_url.is_none() {
        return Err(Problem::parameter(
            "site_url",
            "the file does not say which site its comments are of; give its address",
        ));
    }
    let ruling = Ruling {
        change: Change::Confirmed { by: admin.name.clone(), site_url, pages_as_before },
        too_late: "the job is not waiting for a confirmation",
        action: AuditAction::Confirm,
        next: TaskKind::Plan,
    };
    ruling.on(&gateway, &admin, id).await
}

/// An admin's decision about a job.
struct Ruling {
    change: Change,
    /// Why the decision is no longer possible.
    too_late: &'static str,
    action: AuditAction,
    /// The task that carries out the decision.
    next: TaskKind,
}

impl Ruling {
    async fn on(self, gateway: &Gateway, admin: &Admin, id: JobId) -> Result<Response, Problem> {
        let (jobs, clock) = (gateway.backends.jobs.as_ref(), gateway.clock.as_ref());
        if jobs.get(&admin.reach(), id).await?.is_none() {
            return Err(Problem::not_found("job"));
        }
        let Ok(job) = change(jobs, clock, &admin.account, id, self.change).await? else {
            return Err(Problem::conflict(self.too_late));
        };
        admin.audit(self.action, id);
        gateway.publish(Task::of(&job, self.next)).await;
        Ok((StatusCode::ACCEPTED, Json(JobView::from(job))).into_response())
    }
}

/// The receipt of a job
///
/// Reflects the job's current state: the totals of a running job are those so far.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/receipt",
    operation_id = "getReceipt",
    tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses((status = 200, description = "The totals, which add up", body = Receipt)),
)]
pub(crate) async fn receipt(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<JobId>,
    params: Params,
) -> Result<Json<Receipt>, Problem> {
    params.finish()?;
    let job = gateway.backends.jobs.get(&admin.reach(), id).await?.ok_or_else(|| Problem::not_found("job"))?;
    Ok(Json(Receipt::of(&job)))
}
