//! The routes.

use std::any::Any;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use tower_http::catch_panic::CatchPanicLayer;

use crate::envelope::envelope;
use crate::gateway::Gateway;
use crate::guard::guard;
use crate::problem::Problem;
use crate::protective_headers::protect;
use crate::{events, findings, imports, jobs, pages};

/// The whole API.
pub fn router(gateway: Gateway) -> Router {
    let routes = Router::new()
        .route("/api/v1/imports", post(imports::create))
        .route("/api/v1/jobs", get(jobs::list))
        .route("/api/v1/jobs/{id}", get(jobs::show))
        .route("/api/v1/jobs/{id}/events", get(events::follow))
        .route("/api/v1/jobs/{id}/cancel", post(jobs::cancel))
        .route("/api/v1/jobs/{id}/receipt", get(jobs::receipt))
        .route("/api/v1/jobs/{id}/findings", get(findings::list))
        .route("/api/v1/pages", get(pages::list))
        .route("/api/v1/pages/{id}", get(pages::page))
        .route("/api/v1/pages/{id}/comments", get(pages::comments));
    let guarded = answered(routes)
        .layer(from_fn_with_state((gateway.guard.clone(), gateway.afterwork.clone()), guard))
        .layer(from_fn(envelope))
        .layer(from_fn_with_state(gateway.protective_headers, protect));
    guarded.with_state(gateway)
}

/// Adds the answers that are the same for all routes, and for what is none.
fn answered<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes.fallback(no_such_route).method_not_allowed_fallback(wrong_method).layer(CatchPanicLayer::custom(panicked))
}

async fn no_such_route() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-found", "there is nothing at this path; the API is under /api/v1")
}

async fn wrong_method() -> Problem {
    let detail = "this path does not take this method; the header Allow names those that it takes";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
}

/// The panic hook has said where; the message itself may hold data of the request.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    async fn breaks() {
        panic!("a secret of the request");
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_that_tells_nothing() {
        let routes = answered(Router::new().route("/breaks", get(breaks))).layer(from_fn(envelope));
        let request = Request::get("/breaks").header("x-request-id", "followed-along").body(Body::empty()).unwrap();
        let response = routes.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["x-request-id"], "followed-along");
        let body = String::from_utf8(to_bytes(response.into_body(), 10_000).await.unwrap().to_vec()).unwrap();
        assert!(body.contains("\"request_id\":\"followed-along\""), "{body}");
        assert!(!body.contains("secret"), "{body}");
    }
}
