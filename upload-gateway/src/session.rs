//! Sessions of browsers: opened with a token or a link, kept in a cookie.

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};
use rethread_runtime::{Deed, SignIn, audit};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::auth::{Session, refused, trail};
use crate::body::{JsonBody, Shape};
use crate::csrf;
use crate::gateway::Gateway;
use crate::params::Params;
use crate::problem::Problem;
use crate::views::SessionView;

/// What a session is opened with: one of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    token: Option<SecretString>,
    link: Option<SecretString>,
}

impl Shape for Opening {
    const LOOKS: &'static str = "{\"token\": \"rt_…\"} or {\"link\": \"rl_…\"}";
}

/// `POST /session`: signs a browser in. Needs no token but the one in its body; others' pages cannot send it, so that
/// nobody is signed in as somebody else without noticing.
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
    let opened = gateway.auth.open_session(with).await.map_err(|error| refused(error, Deed::SignIn, &trail))?;
    audit(Deed::SignIn, &opened.caller, &opened.with, &trail);
    let cookie = gateway.cookie.set(opened.text.expose(), gateway.clock.now(), opened.caller.expires_at);
    let view = SessionView::of(&opened.caller, csrf::token_for(opened.text.expose())?);
    Ok((with_cookie(cookie)?, Json(view)).into_response())
}

/// `GET /session`: whose session it is.
pub(crate) async fn show(session: Session, params: Params) -> Result<Json<SessionView>, Problem> {
    params.finish()?;
    Ok(Json(SessionView::of(&session.caller, csrf::token_for(&session.token)?)))
}

/// `DELETE /session`: signs out.
pub(crate) async fn end(State(gateway): State<Gateway>, session: Session, params: Params) -> Result<Response, Problem> {
    params.finish()?;
    let account = &session.caller.principal.account;
    gateway.backends.accounts.revoke(account, &session.id, gateway.clock.now()).await?;
    audit(Deed::SignOut, &session.caller, &session.caller.credential, &session.trail);
    Ok((StatusCode::NO_CONTENT, with_cookie(gateway.cookie.clear())?).into_response())
}

fn with_cookie(cookie: Option<HeaderValue>) -> Result<HeaderMap, Problem> {
    let cookie = cookie.ok_or_else(Problem::internal)?;
    Ok(HeaderMap::from_iter([(SET_COOKIE, cookie)]))
}
