//! Who calls, and what they may do. The account of everything that a handler touches comes from here and from nowhere
//! else.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};
use rethread_backends::TokenError;
use rethread_model::{AccountId, Principal, Reach, Role};
use rethread_runtime::bearer_token;

use crate::envelope::RequestNote;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// An authenticated caller. A handler takes [`Admin`] or [`Watcher`] instead, which say what it is for.
#[derive(Debug, Clone)]
struct Caller {
    principal: Principal,
    token: String,
}

/// An admin: uploads, cancels, and sees what an account holds.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    /// Shown as who started a job.
    pub(crate) name: String,
    /// The only account that the request is about.
    pub(crate) account: AccountId,
}

impl Admin {
    /// The admin's account and nothing else.
    pub(crate) fn reach(&self) -> Reach {
        Reach::Account(self.account.clone())
    }
}

/// Somebody who may see the states of jobs: an admin those of the account, an operator all. The status service decides,
/// by the token.
#[derive(Debug, Clone)]
pub(crate) struct Watcher {
    /// To be shown to the status service.
    pub(crate) token: String,
}

impl Caller {
    async fn of(parts: &Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let Some(token) = token_of(&parts.headers) else {
            let detail = "send a token as \"Authorization: Bearer rt_…\"; \"rethread token create\" makes one";
            return Err(Problem::unauthenticated(detail, "Bearer realm=\"rethread\""));
        };
        let found = rethread_backends::authenticate(gateway.backends.accounts.as_ref(), gateway.clock.as_ref(), token);
        let principal = found.await.map_err(|error| match error {
            TokenError::Backend(error) => Problem::from(error),
            refusal => {
                tracing::info!(reason = refusal.reason(), "a token was refused");
                Problem::invalid_token()
            }
        })?;
        if let Some(note) = parts.extensions.get::<RequestNote>() {
            note.is_from(&principal.account);
        }
        Ok(Self { principal, token: token.to_owned() })
    }
}

impl FromRequestParts<Gateway> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let caller = Caller::of(parts, gateway).await?;
        match caller.principal.role {
            Role::Admin => Ok(Self { name: caller.principal.name, account: caller.principal.account }),
            Role::Operator | Role::Service => Err(Problem::forbidden("this needs the token of an admin")),
        }
    }
}

impl FromRequestParts<Gateway> for Watcher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let caller = Caller::of(parts, gateway).await?;
        match caller.principal.role {
            Role::Admin | Role::Operator => Ok(Self { token: caller.token }),
            Role::Service => Err(Problem::forbidden("this needs the token of an admin or an operator")),
        }
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
