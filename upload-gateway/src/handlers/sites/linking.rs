//! Deciding on sites that ask to be linked.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use rethread_model::JobId;
use rethread_runtime::AuditAction;
use rethread_stores::{LinkDecision, Site, SiteState};
use serde::Deserialize;
use utoipa::ToSchema;

use super::linked_sites;
use crate::extract::{Admin, JsonBody, Params, Shape};
use crate::gateway::Gateway;
use crate::integrations;
use crate::new_job::random;
use crate::problem::Problem;
use crate::views::{AnsweredView, AskingView};

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
