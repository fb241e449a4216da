//! `PUT /token`: a site asks to be linked, and polls for the decision.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use rethread_model::{AccountId, SiteId};
use rethread_stores::{ErrorKind, LinkRequest, Site, SiteState};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use super::caller::{declined, revoked, token};
use crate::extract::Params;
use crate::gateway::Gateway;
use crate::new_job::random;
use crate::problem::Problem;

/// Maximum number of pending requests over all sites. Anyone may send one, so their number must
/// be bounded.
const MOST_ASKING: u32 = 10_000;

const LONGEST_DOMAIN: usize = 512;

/// The state of a site.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SiteToken)]
pub(crate) struct TokenView {
    /// Always `success`.
    status: &'static str,
    /// Whether an admin has accepted the site.
    #[serde(rename = "isTokenValidated")]
    is_token_validated: bool,
    /// The account that the site is linked to.
    #[serde(rename = "tenantId", skip_serializing_if = "Option::is_none")]
    tenant_id: Option<AccountId>,
}

/// Ask to be linked
///
/// The plugin of a WordPress site generates its token itself, and repeats this request until an
/// admin has followed its link and accepted the site.
#[utoipa::path(
    put,
    path = "/integrations/v1/token",
    operation_id = "askToBeLinked",
    tag = "sites",
    params(
        ("token" = String, Query, description = "The plugin's token", min_length = 13, max_length = 128, pattern = "^[A-Za-z0-9._-]+$"),
        ("integrationType" = String, Query, description = "`wordpress`"),
        ("domain" = String, Query, description = "Address of the site's home page", max_length = 512),
        ("skipInitialSync" = Option<bool>, Query, description = "Not to send all comments once it is linked"),
    ),
    responses((status = 200, description = "How the site stands", body = TokenView)),
    security(()),
)]
pub(crate) async fn put(State(gateway): State<Gateway>, mut params: Params) -> Result<Json<TokenView>, Problem> {
    let token = token(&mut params)?;
    let kind = params.text("integrationType")?;
    let domain = domain(params.text("domain")?)?;
    if kind.is_some_and(|kind| kind != "wordpress") {
        return Err(Problem::parameter("integrationType", "only WordPress's plugin is known here"));
    }
    let without_sync = params.text("skipInitialSync")?.is_some_and(|skip| matches!(skip.as_str(), "true" | "1"));
    let now = gateway.clock.now();
    let expires_at = now.checked_add(gateway.site_asks_for).unwrap_or(now);
    let id = SiteId::new(now, &random()?);
    let ask = LinkRequest { id, token, domain, without_sync, at: now, expires_at, most: MOST_ASKING };
    let site = gateway.backends.sites.ask(&ask).await.map_err(|error| match error.kind() {
        ErrorKind::Conflict => too_many(),
        _ => error.into(),
    })?;
    answer(site).map(Json)
}

fn answer(site: Site) -> Result<TokenView, Problem> {
    let is_token_validated = match site.state {
        SiteState::Asking => false,
        SiteState::Linked => true,
        SiteState::Refused => return Err(declined()),
        SiteState::Revoked | SiteState::Replaced => return Err(revoked()),
    };
    Ok(TokenView { status: "success", is_token_validated, tenant_id: site.account.filter(|_| is_token_validated) })
}

/// The address as displayed to an admin: a web address that cannot be mistaken for another one.
fn domain(given: Option<String>) -> Result<String, Problem> {
    let given = given.unwrap_or_default();
    let url = Url::parse(given.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.filter(|url| url.username().is_empty() && url.password().is_none() && url.has_host());
    match url {
        Some(mut url) if given.len() <= LONGEST_DOMAIN => {
            url.set_query(None);
            url.set_fragment(None);
            Ok(url.as_str().trim_end_matches('/').to_owned())
        }
        _ => Err(Problem::parameter("domain", "domain is the address of the site, such as https://blog.example")),
    }
}

fn too_many() -> Problem {
    let detail = "too many sites ask to be linked at the moment; it is tried again by itself";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).retry_after(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_site_calls_itself_is_an_address() {
        let seen = |given: &str| domain(Some(given.to_owned())).ok();
        assert_eq!(seen("http://127.0.0.1:8099").as_deref(), Some("http://127.0.0.1:8099"));
        assert_eq!(seen("https://Blog.example/sub/").as_deref(), Some("https://blog.example/sub"));
        assert_eq!(seen("https://blog.example/?a=b#c").as_deref(), Some("https://blog.example"));
        for other in
            ["", "blog.example", "javascript:alert(1)", "https://you@bank.example", "ftp://a.example", "http://"]
        {
            assert_eq!(seen(other), None, "{other}");
        }
        assert_eq!(seen(&format!("https://a.example/{}", "a".repeat(LONGEST_DOMAIN))), None);
    }
}
