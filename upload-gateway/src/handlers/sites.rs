//! WordPress sites: listing, requesting a sync, revoking.

pub(super) mod linking;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use rethread_model::{Job, JobId, SiteId};
use rethread_runtime::AuditAction;
use rethread_stores::{Site, SiteState};

use crate::extract::{Admin, Id, Params};
use crate::gateway::Gateway;
use crate::integrations;
use crate::new_job::random;
use crate::problem::Problem;
use crate::views::{JobView, SiteView, SitesView};

/// The account's WordPress sites
///
/// Sites that are or were linked, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/sites",
    operation_id = "listSites",
    tag = "sites",
    responses((status = 200, description = "Sites without their tokens", body = SitesView)),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    admin: Admin,
    params: Params,
) -> Result<Json<SitesView>, Problem> {
    params.finish()?;
    let sites = gateway.backends.sites.sites(&admin.account).await?;
    Ok(Json(SitesView { sites: sites.into_iter().map(SiteView::from).collect() }))
}

/// Request a site's comments
///
/// Starts a job in which the site sends the comments that it has not sent before, once its plugin
/// polls for commands.
#[utoipa::path(
    post,
    path = "/api/v1/sites/{id}/sync",
    operation_id = "syncSite",
    tag = "sites",
    params(("id" = SiteId, Path, description = "The site")),
    responses(
        (status = 202, description = "The job", body = JobView, headers(("location" = String, description = "Path of the job"))),
        (status = 409, description = "`job-state`: a sync of the site is under way"),
    ),
)]
pub(crate) async fn sync(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<SiteId>,
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let site = linked(&gateway, &admin, id).await?;
    let last = integrations::begin(&gateway, &admin.account, &site).await?;
    if last.is_some_and(|job| !job.state.is_final()) {
        return Err(Problem::conflict("the site is being synced already"));
    }
    let job = JobId::new(gateway.clock.now(), &random()?);
    if !gateway.backends.sites.begin_sync(&admin.account, id, site.job, job).await? {
        return Err(Problem::conflict("the site is already being synced, or is no longer linked"));
    }
    let site = Site { job: Some(job), answered_by: Some(admin.name.clone()), ..site };
    let begun = integrations::begin(&gateway, &admin.account, &site).await?.ok_or_else(Problem::internal)?;
    admin.audit(AuditAction::SyncBegun, job);
    Ok(accepted(begun))
}

/// End the link of a site
///
/// Its token becomes invalid; its comments remain. A running sync is cancelled. May be repeated.
#[utoipa::path(
    delete,
    path = "/api/v1/sites/{id}",
    operation_id = "revokeSite",
    tag = "sites",
    params(("id" = SiteId, Path, description = "The site")),
    responses((status = 204, description = "It has no access any longer")),
)]
pub(crate) async fn revoke(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<SiteId>,
    params: Params,
) -> Result<StatusCode, Problem> {
    params.finish()?;
    let revoked = gateway.backends.sites.revoke(&admin.account, id, gateway.clock.now()).await?;
    let site = revoked.ok_or_else(|| Problem::not_found("site"))?;
    integrations::end(&gateway, &admin.account, &site).await?;
    admin.audit(AuditAction::SiteRevoked, id);
    Ok(StatusCode::NO_CONTENT)
}

async fn linked_sites(gateway: &Gateway, admin: &Admin) -> Result<Vec<Site>, Problem> {
    let mut sites = gateway.backends.sites.sites(&admin.account).await?;
    sites.retain(|site| site.state == SiteState::Linked);
    Ok(sites)
}

async fn linked(gateway: &Gateway, admin: &Admin, id: SiteId) -> Result<Site, Problem> {
    let sites = linked_sites(gateway, admin).await?;
    sites.into_iter().find(|site| site.id == id).ok_or_else(|| Problem::not_found("site"))
}

fn accepted(job: Job) -> Response {
    let location = format!("/api/v1/jobs/{}", job.id);
    (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(JobView::from(job))).into_response()
}
