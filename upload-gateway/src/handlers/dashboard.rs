//! Serves the dashboard.

use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

use crate::middleware::OwnHeaders;
use crate::problem::Problem;

/// `GET /`
pub(crate) async fn index(asked: HeaderMap) -> Response {
    served(rethread_dashboard::index(&asked))
}

/// `GET /assets/{version}/{path}`
pub(crate) async fn asset(
    Path((version, path)): Path<(String, String)>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let file = rethread_dashboard::asset(&version, &path, &asked);
    file.map(served).ok_or_else(|| Problem::not_found("file"))
}

/// The dashboard's own policy and caching replace those of the API.
fn served(mut file: http::Response<Bytes>) -> Response {
    let own = OwnHeaders(file.headers().clone());
    file.extensions_mut().insert(own);
    file.map(Body::from)
}
