//! Browser sessions: opened with a token or a link, kept in a cookie.

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};
use rethread_runtime::{AuditAction, SignIn, audit};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::auth::{refused, trail};
use crate::extract::{JsonBody, Params, Session, Shape, csrf};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::views::SessionView;

/// The credential that opens a session: one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpenSession)]
#[serde(deny_unknown_fields)]
struct Opening {
    /// A token.
    #[schema(value_type = Option<String>)]
    token: Option<SecretString>,
    /// A single-use sign-in link, as printed by `rethread serve`.
    #[schema(value_type = Option<String>)]
    link: Option<SecretString>,
}

impl Shape for Opening {
    const LOOKS: &'static str = "{\"token\": \"rt_…\"} or {\"link\": \"rl_…\"}";
}

/// Sign a browser in
///
/// With a token or a single-use link. The session ends with the token that opened it.
// Pages of other sites cannot send this request, so they cannot sign a user in as someone
// else unnoticed.
#[utoipa::path(
    post,
    path = "/api/v1/session",
    operation_id = "openSession",
    tag = "accounts",
    request_body(content = Opening, description = "One of the two"),
    responses(
        (status = 200, description = "Whose session it is", body = SessionView,
         headers(("set-cookie" = String, description = "The session's cookie"))),
        (status = 400, description = "`invalid-parameter`, or `invalid-body`: the body is not the object that this takes"),
        (status = 408, description = "`body-idle`: the body did not arrive in time"),
        (status = 413, description = "`body-too-large`"),
        (status = 415, description = "`not-json`"),
        (status = 401, description = "`unauthenticated`: the token or link is not valid"),
        (status = 403, description = "`csrf`: the request comes from the page of another site"),
        (status = 503, description = "`unavailable`: a server behind this one does not answer"),
    ),
    security(()),
)]
pub(crate) async fn open(State(gateway): State<Gateway>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    Params::of(&parts.uri).finish()?;
    let trail = trail(&parts);
    csrf::check_origin(&parts.headers, &gateway.cookie)?;
    let JsonBody(opening) = JsonBody::<Opening>::from_request(Request::from_parts(parts, body), &gateway).await?;
    let with = match (&opening.token, &opening.link) {
        (Some(token), None) => SignIn::Token(token.expose_secret()),
        (None, Some(link)) => SignIn::Link(link.expose_secret()),
        _ => {
            let detail = format!("the body holds one of two: {}", Opening::LOOKS);
            return Err(Problem::new(StatusCode::BAD_REQUEST, "invalid-body", detail));
        }
    };
    let opened = gateway.auth.open_session(with).await.map_err(|error| refused(error, AuditAction::SignIn, &trail))?;
    audit(AuditAction::SignIn, &opened.caller, &opened.with, &trail);
    let cookie = gateway.cookie.set(opened.text.expose(), gateway.clock.now(), opened.caller.expires_at);
    let view = SessionView::of(&opened.caller, csrf::token_for(opened.text.expose())?);
    Ok((with_cookie(cookie)?, Json(view)).into_response())
}

/// The session
#[utoipa::path(
    get,
    path = "/api/v1/session",
    operation_id = "getSession",
    tag = "accounts",
    responses((status = 200, description = "Whose session it is", body = SessionView)),
    security(("session" = [])),
)]
pub(crate) async fn show(session: Session, params: Params) -> Result<Json<SessionView>, Problem> {
    params.finish()?;
    Ok(Json(SessionView::of(&session.caller, csrf::token_for(&session.token)?)))
}

/// Sign out
#[utoipa::path(
    delete,
    path = "/api/v1/session",
    operation_id = "endSession",
    tag = "accounts",
    responses((status = 204, description = "It is over", headers(("set-cookie" = String, description = "Takes the cookie away")))),
    security(("session" = [], "csrf" = [])),
)]
pub(crate) async fn end(State(gateway): State<Gateway>, session: Session, params: Params) -> Result<Response, Problem> {
    params.finish()?;
    let account = &session.caller.principal.account;
    gateway.backends.accounts.revoke(account, &session.id, gateway.clock.now()).await?;
    audit(AuditAction::SignOut, &session.caller, &session.caller.credential, &session.trail);
    Ok((StatusCode::NO_CONTENT, with_cookie(gateway.cookie.clear())?).into_response())
}

fn with_cookie(cookie: Option<HeaderValue>) -> Result<HeaderMap, Problem> {
    let cookie = cookie.ok_or_else(Problem::internal)?;
    Ok(HeaderMap::from_iter([(SET_COOKIE, cookie)]))
}
