//! Identifies the calling site. The account of everything that a handler of the protocol touches
//! comes from here and from nowhere else.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{StatusCode, Uri};
use rethread_model::{AccountId, Digest, Scope, Vendor};
use rethread_runtime::{AuditAction, audit_refused};
use rethread_stores::{Site, SiteState};

use crate::extract::auth::trail;
use crate::extract::{Params, RequestNote};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// Minimum length of a plugin token: they have 13 hexadecimal digits and a decimal part.
const SHORTEST_TOKEN: usize = 13;
const LONGEST_TOKEN: usize = 128;

/// A site that an admin has linked.
#[derive(Debug, Clone)]
pub(crate) struct LinkedSite {
    /// The only account that the request can access.
    pub(crate) account: AccountId,
    pub(crate) site: Site,
}

impl LinkedSite {
    /// The scope of the site's own comments.
    pub(super) fn scope(&self) -> Scope {
        Scope { account: self.account.clone(), vendor: Vendor::WordPress, origin: self.site.origin() }
    }
}

/// The token in a query, as text, for counting attempts.
pub(crate) fn token_in(uri: &Uri) -> Option<String> {
    let mut params = url::form_urlencoded::parse(uri.query()?.as_bytes());
    params.find(|(name, _)| name == "token").map(|(_, token)| token.into_owned())
}

/// The digest of the token in a query.
pub(super) fn token(params: &mut Params) -> Result<Digest, Problem> {
    token_of(&params.text("token")?.unwrap_or_default())
}

/// The digest of a token.
pub(crate) fn token_of(given: &str) -> Result<Digest, Problem> {
    let is_plain = given.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if !is_plain || !(SHORTEST_TOKEN..=LONGEST_TOKEN).contains(&given.len()) {
        let detail = "token is the plugin's token: letters, digits, points and hyphens, 13 to 128 of them";
        return Err(Problem::parameter("token", detail));
    }
    Ok(Digest::of(given.as_bytes()))
}

impl FromRequestParts<Gateway> for LinkedSite {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let token = token(&mut Params::of(&parts.uri))?;
        let site = gateway.backends.sites.find(&token).await?;
        let now = gateway.clock.now();
        let refuse = |reason, problem| {
            audit_refused(AuditAction::SiteAccess, reason, &trail(parts));
            Err(problem)
        };
        match site {
            Some(site) if matches!(site.state, SiteState::Revoked | SiteState::Replaced) => {
                refuse("revoked", revoked())
            }
            Some(site) if site.state == SiteState::Refused && now < site.expires_at => refuse("refused", declined()),
            Some(site) if site.is_asking(now) => refuse("unconfirmed", unconfirmed()),
            Some(site) => match site.linked_account().cloned() {
                Some(account) => {
                    if let Some(note) = parts.extensions.get::<RequestNote>() {
                        note.is_from(&account);
                    }
                    // The time of last contact is only informational.
                    if let Err(error) = gateway.backends.sites.touch(site.id, now).await {
                        tracing::warn!(site = %site.id, error = %error, "that a site was touch of could not be noted");
                    }
                    Ok(Self { account, site })
                }
                None => refuse("expired", unknown()),
            },
            None => refuse("unknown", unknown()),
        }
    }
}

fn unknown() -> Problem {
    let detail = "no site has asked to be linked with this token lately; open the plugin's page in WordPress";
    Problem::new(StatusCode::UNAUTHORIZED, "token-unknown", detail)
}

fn unconfirmed() -> Problem {
    let detail = "nobody has accepted this site yet; follow the plugin's link and accept it there";
    Problem::new(StatusCode::UNAUTHORIZED, "token-unconfirmed", detail)
}

/// The response to a token that an admin rejected.
pub(super) fn declined() -> Problem {
    let detail = "an admin refused to link this site; it may ask again in a while";
    Problem::new(StatusCode::FORBIDDEN, "token-refused", detail)
}

/// The response to a token that is no longer valid.
pub(super) fn revoked() -> Problem {
    let detail = "the link with this token has ended, by an admin or because the site was linked again with another token; let the \
                  plugin set itself up again to link the site";
    Problem::new(StatusCode::FORBIDDEN, "token-revoked", detail)
}
