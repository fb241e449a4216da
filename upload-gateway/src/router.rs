//! The routes.

use std::any::Any;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use http::StatusCode;
use rethread_runtime::GatewayConfig;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::Gateway;
use crate::middleware::{Guard, ProtectiveHeaders, envelope, guard, protect};
use crate::problem::Problem;
use crate::{handlers, integrations, openapi, tus};

/// The complete API, and the dashboard.
pub(crate) fn router(gateway: Gateway, config: &GatewayConfig) -> Router {
    let (routes, described) = routes().split_for_parts();
    let guarded = answered(routes.layer(Extension(openapi::document(described))))
        .layer(from_fn_with_state((Guard::new(config), gateway.background_tasks.clone()), guard))
        .layer(from_fn(envelope))
        .layer(from_fn_with_state(ProtectiveHeaders::new(config), protect));
    guarded.with_state(gateway)
}

/// All routes. API routes are declared at their handlers with path, method and description
/// together, so that no route is missing from the OpenAPI document.
fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::with_openapi(openapi::outline())
        .routes(routes!(openapi::show))
        .merge(handlers::routes())
        .merge(tus::routes())
        .merge(integrations::routes())
}

/// Adds the responses that are the same for all routes, and for unknown paths.
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

/// The panic hook has logged the location; the message itself may contain request data.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    /// The served routes equal the described ones, except for the dashboard. Scenarios walk the
    /// description and check who may call each route.
    #[test]
    fn no_route_is_served_that_is_not_described() {
        let (routes, described) = routes().split_for_parts();
        // The router exposes its paths only as debug output, including its internal fallback.
        let shown = format!("{routes:?}");
        let paths = shown.split('"').filter(|part| part.starts_with('/') && !part.contains("__private"));
        let served: BTreeSet<&str> = paths.collect();
        let [confirm, setup] = integrations::CONFIRM_PATHS;
        let dashboard = ["/", "/assets/{version}/{*path}", confirm, setup];
        let described = described.paths.paths.keys().map(String::as_str);
        assert_eq!(served, described.chain(dashboard).collect());
    }

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
