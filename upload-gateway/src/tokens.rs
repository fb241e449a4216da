//! Tokens of the caller's account.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rethread_backends::{NewToken, TokenId, TokenKind, create_token};
use rethread_model::{Role, Timestamp};
use rethread_runtime::Deed;
use serde::Deserialize;

use crate::auth::Admin;
use crate::body::{JsonBody, Shape};
use crate::gateway::Gateway;
use crate::params::Params;
use crate::path::Id;
use crate::problem::Problem;
use crate::views::{NewTokenView, TokenView, TokensView};

/// Longest name of a token, in characters.
const NAME_LENGTH: usize = 100;

/// A token to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    name: String,
    expires_at: Option<Timestamp>,
}

impl Shape for Wanted {
    const LOOKS: &'static str =
        "{\"name\": \"…\", \"expires_at\": \"2030-01-02T03:04:05Z\"}, the second may be left out";
}

/// `GET /tokens`: valid or not, oldest first; never their secrets.
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    admin: Admin,
    params: Params,
) -> Result<Json<TokensView>, Problem> {
    params.finish()?;
    let tokens = gateway.backends.accounts.tokens(&admin.account).await?;
    let tokens = tokens.into_iter().filter(|token| token.kind == TokenKind::Token).map(TokenView::from).collect();
    Ok(Json(TokensView { tokens }))
}

/// `POST /tokens`: a token for another admin of the account. Its secret is in this answer and nowhere else.
pub(crate) async fn create(
    State(gateway): State<Gateway>,
    admin: Admin,
    params: Params,
    JsonBody(wanted): JsonBody<Wanted>,
) -> Result<Response, Problem> {
    params.finish()?;
    let (accounts, clock) = (gateway.backends.accounts.as_ref(), gateway.clock.as_ref());
    let name = wanted.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_LENGTH || name.chars().any(char::is_control) {
        let detail = format!("name is a text of 1 to {NAME_LENGTH} characters on one line");
        return Err(Problem::parameter("name", detail));
    }
    if wanted.expires_at.is_some_and(|end| end <= clock.now()) {
        return Err(Problem::parameter("expires_at", "expires_at is a time to come"));
    }
    let new = NewToken { account: admin.account.clone(), name, role: Role::Admin, expires_at: wanted.expires_at };
    let (token, text) = create_token(accounts, clock, new).await?;
    admin.audit(Deed::TokenCreated, &token.id);
    Ok((StatusCode::CREATED, Json(NewTokenView::of(token, &text))).into_response())
}

/// `DELETE /tokens/{id}`: the token and the sessions that were opened with it let nobody in from now on. May be repeated.
pub(crate) async fn revoke(
    State(gateway): State<Gateway>,
    admin: Admin,
    Id(id): Id<TokenId>,
    params: Params,
) -> Result<StatusCode, Problem> {
    params.finish()?;
    let accounts = gateway.backends.accounts.as_ref();
    let is_own = accounts
        .find(&id)
        .await?
        .is_some_and(|(token, _)| token.account == admin.account && token.kind == TokenKind::Token);
    if !is_own || !accounts.revoke(&admin.account, &id, gateway.clock.now()).await? {
        return Err(Problem::not_found("token"));
    }
    admin.audit(Deed::TokenRevoked, &id);
    Ok(StatusCode::NO_CONTENT)
}
