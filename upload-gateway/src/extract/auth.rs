//! Authentication and authorization. The account of everything that a handler touches comes from
//! here and from nowhere else.

use std::fmt::{self, Display};
use std::net::SocketAddr;
use std::ops::Deref;

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{HeaderMap, header};
use rethread_model::{AccountId, Reach, Role};
use rethread_runtime::{AuditAction, AuditContext, AuthError, Caller, Credential, audit, audit_refused, bearer_token};
use rethread_stores::TokenId;
use secrecy::{ExposeSecret as _, SecretString};

use super::csrf;
use super::request_note::{RequestId, RequestNote};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// The caller's credential, to be passed on to the status service. Readable as text, but hidden
/// in logs.
#[derive(Clone)]
pub(crate) struct ShownToken(SecretString);

impl Deref for ShownToken {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for ShownToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownToken")
    }
}

/// An authenticated request. Handlers take [`Admin`], [`Watcher`] or [`Session`] instead, which
/// state the required access.
#[derive(Debug, Clone)]
struct Shown {
    caller: Caller,
    token: ShownToken,
    trail: AuditContext,
}

/// An admin: uploads, cancels, and sees everything in an account.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    /// Displayed as the person who started a job.
    pub(crate) name: String,
    /// The only account that the request can access.
    pub(crate) account: AccountId,
    caller: Caller,
    trail: AuditContext,
}

impl Admin {
    /// The admin's account and nothing else.
    pub(crate) fn reach(&self) -> Reach {
        Reach::Account(self.account.clone())
    }

    /// Writes an audit line: the admin performed this action on `object`.
    pub(crate) fn audit(&self, deed: AuditAction, object: impl Display) {
        audit(deed, &self.caller, object, &self.trail);
    }
}

/// A caller who may see job states: an admin those of the account, an operator all. The status
/// service decides, by the token.
#[derive(Debug, Clone)]
pub(crate) struct Watcher {
    /// Passed on to the status service.
    pub(crate) token: ShownToken,
}

/// A browser session.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: TokenId,
    pub(crate) caller: Caller,
    pub(crate) token: ShownToken,
    pub(crate) trail: AuditContext,
}

impl Shown {
    /// A bearer token takes precedence over a cookie. A cookie is accepted only with a session's
    /// token and, if the request changes something, only with proof that our own pages sent it.
    async fn of(parts: &Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let trail = trail(parts);
        let has_bearer = parts.headers.contains_key(header::AUTHORIZATION);
        let text = if has_bearer { token_of(&parts.headers) } else { gateway.cookie.read(&parts.headers) };
        let Some(text) = text else {
            let detail = "send a token as \"Authorization: Bearer rt_…\"; \"rethread token create\" makes one";
            return Err(Problem::unauthenticated(detail, "Bearer realm=\"rethread\""));
        };
        let caller =
            gateway.auth.authenticate(text).await.map_err(|error| refused(error, AuditAction::Access, &trail))?;
        if !has_bearer {
            if !matches!(caller.credential, Credential::Session(_)) {
                audit_refused(AuditAction::Access, "not_a_session", &trail);
                return Err(Problem::invalid_token());
            }
            csrf::check(parts, gateway, text)?;
        }
        if let Some(note) = parts.extensions.get::<RequestNote>() {
            note.is_from(&caller.principal.account);
        }
        Ok(Self { caller, token: ShownToken(text.to_owned().into()), trail })
    }
}

impl FromRequestParts<Gateway> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let Shown { caller, trail, .. } = Shown::of(parts, gateway).await?;
        let principal = &caller.principal;
        match principal.role {
            Role::Admin => Ok(Self { name: principal.name.clone(), account: principal.account.clone(), caller, trail }),
            Role::Operator | Role::Service => Err(Problem::forbidden("this needs the token of an admin")),
        }
    }
}

impl FromRequestParts<Gateway> for Watcher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let shown = Shown::of(parts, gateway).await?;
        match shown.caller.principal.role {
            Role::Admin | Role::Operator => Ok(Self { token: shown.token }),
            Role::Service => Err(Problem::forbidden("this needs the token of an admin or an operator")),
        }
    }
}

impl FromRequestParts<Gateway> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let Shown { caller, token, trail } = Shown::of(parts, gateway).await?;
        match caller.credential.clone() {
            Credential::Session(id) => Ok(Self { id, caller, token, trail }),
            Credential::Token(_) | Credential::Link(_) | Credential::Jwt(_) => {
                let detail = "there is no session; POST /api/v1/session opens one";
                Err(Problem::unauthenticated(detail, "Bearer realm=\"rethread\""))
            }
        }
    }
}

/// The response to a caller that was not authenticated; the reason goes to the log.
pub(crate) fn refused(error: AuthError, deed: AuditAction, trail: &AuditContext) -> Problem {
    match error {
        AuthError::Refused { reason } => {
            audit_refused(deed, reason, trail);
            Problem::invalid_token()
        }
        AuthError::Store(error) => Problem::from(error),
        AuthError::Keys => Problem::unavailable("the identity provider does not answer; try again later"),
    }
}

/// The origin of a request, for audit lines.
pub(crate) fn trail(parts: &Parts) -> AuditContext {
    AuditContext {
        request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()),
        client: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(client)| client.ip()),
    }
}

/// The token of the only `Authorization` header, if it is a bearer token.
fn token_of(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (given.next()?, given.next());
    match second {
        Some(_) => None,
        None => bearer_token(first.to_str().ok()?),
    }
}
