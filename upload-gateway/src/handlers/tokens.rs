//! Tokens of the caller's account.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rethread_model::{Role, Timestamp};
use rethread_runtime::AuditAction;
use rethread_stores::{NewToken, TokenId, TokenKind, create_token};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Admin, Id, JsonBody, Params, Shape};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::views::{NewTokenView, TokenView, TokensView};

/// Longest name of a token, in characters.
const NAME_LENGTH: usize = 100;

/// A token to be created.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WantedToken)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTokenRequest {
    /// Displayed as the person who started a job.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// When the token expires; never if absent.
    expires_at: Option<Timestamp>,
}

impl Shape for CreateTokenRequest {
    const LOOKS: &'static str =
        "{\"name\": \"…\", \"expires_at\": \"2030-01-02T03:04:05Z\"}, the second may be left out";
}

/// The account's tokens
///
/// Valid or not, oldest first; never their secrets.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    operation_id = "listTokens",
    tag = "accounts",
    responses((status = 200, description = "Tokens without their secrets", body = TokensView)),
)]
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

/// Create a token
///
/// For another admin of the account. The secret is returned only in this response.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    operation_id = "createToken",
    tag = "accounts",
    request_body = CreateTokenRequest,
    responses(
        (status = 201, description = "The token", body = NewTokenView),
        (status = 400, description = "`invalid-parameter`, or `invalid-body`: the body is not the object that this takes"),
        (status = 408, description = "`body-idle`: the body did not arrive in time"),
        (status = 413, description = "`body-too-large`"),
        (status = 415, description = "`not-json`"),
    ),
)]
pub(crate) async fn create(
    State(gateway): State<Gateway>,
    admin: Admin,
    params: Params,
    JsonBody(wanted): JsonBody<CreateTokenRequest>,
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
    admin.audit(AuditAction::TokenCreated, &token.id);
    Ok((StatusCode::CREATED, Json(NewTokenView::of(token, &text))).into_response())
}

/// Revoke a token
///
/// The token and the sessions opened with it become invalid at once. May be repeated.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    operation_id = "revokeToken",
    tag = "accounts",
    params(("id" = String, Path, description = "The token's id", pattern = "^[0-9a-f]{16}$")),
    responses((status = 204, description = "It lets nobody in from now on")),
)]
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
    admin.audit(AuditAction::TokenRevoked, &id);
    Ok(StatusCode::NO_CONTENT)
}
