//! WordPress sites: deciding on requests, listing, requesting a sync, revoking.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use rethread_backends::{LinkDecision, Site, SiteState};
use rethread_model::{Job, JobId, SiteId};
use rethread_runtime::AuditAction;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Admin, Id, JsonBody, Params, Shape};
use crate::gateway::Gateway;
use crate::integrations;
use crate::new_job::random;
use crate::problem::Problem;
use crate::views::{AnsweredView, AskingView, JobView, SiteView, SitesView};

/// Maximum number of linked sites per account.
const MOST_LINKED: usize = 1000;

/// A decision on a site's request to be linked.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WantedSite)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRequestBody {
    /// The plugin's token.
    #[schema(min_length = 13, max_length = 128, pattern = "^[A-Za-z0-9._-]+$")]
    token: String,
    /// The address of the site, as it was displayed to the admin who decides.
    #[schema(max_length = 512)]
    domain: String,
    /// Whether to link the site.
    accept: bool,
}

impl Shape for LinkRequestBody {
    const LOOKS: &'static str = "{\"token\": \"…\", \"domain\": \"https://blog.example\", \"accept\": true}";
}

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

/// A site that asks to be linked
///
/// Anyone with the plugin's token can see the address that the site states.
#[utoipa::path(
    get,
    path = "/api/v1/sites/asking",
    operation_id = "getAskingSite",
    tag = "sites",
    params(("token" = String, Query, description = "The plugin's token", min_length = 13, max_length = 128, pattern = "^[A-Za-z0-9._-]+$")),
    responses(
        (status = 200, description = "The site", body = AskingView),
        (status = 404, description = "`not-found`: no site asks with this token"),
    ),
)]
pub(crate) async fn asking(
    State(gateway): State<Gateway>,
    admin: Admin,
    mut params: Params,
) -> Result<Json<AskingView>, Problem> {
    let token = params.text("token")?.unwrap_or_default();
    params.finish()?;
    // A text that is not a plugin token cannot belong to a site.
    let token = integrations::token_of(&token).map_err(|_| Problem::not_found("site"))?;
    let site = gateway.backends.sites.find(&token).await?.filter(|site| site.is_asking(gateway.clock.now()));
    let site = site.ok_or_else(|| Problem::not_found("site"))?;
    let linked = linked_sites(&gateway, &admin).await?;
    let is_linked = linked.iter().any(|one| one.origin() == site.origin());
    Ok(Json(AskingView::new(site, is_linked)))
}

/// Decide on a site
///
/// An accepted site belongs to the account, and a job begins in which it sends its comments, unless
/// it asked not to. A site that is already linked and asks with another token stays the same site;
/// the old token becomes invalid. A rejected site has no access.
#[utoipa::path(
    post,
    path = "/api/v1/sites",
    operation_id = "answerSite",
    tag = "sites",
    request_body = LinkRequestBody,
    responses(
        (status = 200, description = "The answer was given", body = AnsweredView),
        (status = 400, description = "`invalid-parameter`, or `invalid-body`: the body is not the object that this takes"),
        (status = 404, description = "`not-found`: no site asks with this token"),
        (status = 408, description = "`body-idle`: the body did not arrive in time"),
        (status = 409, description = "`other-site`: it names another address by now"),
        (status = 413, description = "`body-too-large`"),
        (status = 415, description = "`not-json`"),
        (status = 429, description = "`too-many-sites` or `too-many-requests`; see `retry-after`"),
    ),
)]
pub(crate) async fn answer(
    State(gateway): State<Gateway>,
    admin: Admin,
    params: Params,
    JsonBody(wanted): JsonBody<LinkRequestBody>,
) -> Result<Json<AnsweredView>, Problem> {
    params.finish()?;
    let token = integrations::token_of(&wanted.token)?;
    let now = gateway.clock.now();
    let sites = gateway.backends.sites.as_ref();
    let asking = sites.find(&token).await?.filter(|site| site.is_asking(now));
    let asking = asking.ok_or_else(|| Problem::not_found("site"))?;
    if asking.domain != wanted.domain {
        return Err(other_site());
    }
    let linked = linked_sites(&gateway, &admin).await?;
    let replaced = linked.iter().find(|site| site.origin() == asking.origin());
    if wanted.accept && replaced.is_none() {
        room(&linked)?;
    }
    let job = if wanted.accept && !asking.without_sync { Some(JobId::new(now, &random()?)) } else { None };
    let answer = LinkDecision {
        account: admin.account.clone(),
        by: admin.name.clone(),
        domain: wanted.domain,
        accepts: wanted.accept,
        job,
        at: now,
    };
    let site = sites.answer(&token, &answer).await?.ok_or_else(|| Problem::not_found("site"))?;
    if site.state != SiteState::Linked {
        admin.audit(AuditAction::SiteRefused, site.id);
        return Ok(Json(AnsweredView { state: "refused", site: None }));
    }
    admin.audit(AuditAction::SiteLinked, site.id);
    if let Some(replaced) = replaced {
        // What the site has sent remains, and it sends everything again.
        integrations::end(&gateway, &admin.account, replaced).await?;
    }
    integrations::begin(&gateway, &admin.account, &site).await?;
    Ok(Json(AnsweredView { state: "linked", site: Some(site.into()) }))
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

fn room(linked: &[Site]) -> Result<(), Problem> {
    if linked.len() < MOST_LINKED {
        return Ok(());
    }
    let detail = format!("the account has {MOST_LINKED} sites linked, as many as it may; revoke one first");
    Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-sites", detail).retry_after(60))
}

fn other_site() -> Problem {
    let detail = "the site names another address by now; look at it again before you answer";
    Problem::new(StatusCode::CONFLICT, "other-site", detail)
}

fn accepted(job: Job) -> Response {
    let location = format!("/api/v1/jobs/{}", job.id);
    (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(JobView::from(job))).into_response()
}
