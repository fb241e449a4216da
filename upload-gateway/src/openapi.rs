//! The OpenAPI document. It is generated from the declarations that also define the router; what
//! holds for every route is added here.

mod absence;
mod answers;
mod examples;
mod security;

use axum::Extension;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header;
use utoipa::openapi::path::Operation;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, RefOr, Schema};

use crate::integrations;

const TAGS: [(&str, &str); 9] = [
    ("imports", "Bring export files in"),
    ("exports", "Take comments out"),
    ("moves", "Give pages another address"),
    ("uploads", "Bring them in by several requests, as tus 1.0 has it"),
    ("jobs", "Follow what becomes of them"),
    ("pages", "See what was imported"),
    ("sites", "Let WordPress sites send their comments by themselves"),
    ("accounts", "Sign in, and let others in"),
    ("about", "The API itself"),
];

const DESCRIPTION: &str = "Rethread moves comments between commenting systems. A token belongs to one account, and no \
    request names an account: what belongs to another one does not exist. Errors are problem documents (RFC 9457). Every \
    answer carries `x-request-id`, which the log has too. A parameter that a route does not know is refused.";

/// The document as it is served.
#[derive(Debug, Clone)]
pub(crate) struct Document(Bytes);

/// This document
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "getDocument",
    tag = "about",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
    security(()),
)]
pub(crate) async fn show(Extension(Document(document)): Extension<Document>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

/// The document before routes are added.
pub(crate) fn outline() -> OpenApi {
    let license =
        LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).identifier(Some(env!("CARGO_PKG_LICENSE"))).build();
    let info = InfoBuilder::new()
        .title("Rethread")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license))
        .build();
    let mut components = Components::new();
    security::declare(&mut components);
    answers::declare(&mut components);
    let tags = TAGS.map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build());
    OpenApiBuilder::new().info(info).components(Some(components)).tags(Some(tags)).build()
}

/// Adds to the document what holds for every route: authentication and error responses.
pub(crate) fn document(mut openapi: OpenApi) -> Document {
    for (path, item) in &mut openapi.paths.paths {
        for (changes_something, operation) in operations(item) {
            if integrations::is_protocol(path) {
                integrations::describe(operation);
            } else {
                security::add(operation, changes_something);
                answers::add(operation, path.contains('{'));
            }
            absence::no_parameter_is_null(operation);
        }
    }
    if let Some(components) = &mut openapi.components {
        for (name, example) in examples::all() {
            match components.schemas.get_mut(name) {
                Some(RefOr::T(Schema::Object(schema))) => schema.examples = vec![example],
                Some(RefOr::T(Schema::AllOf(schema))) => schema.examples = vec![example],
                _ => {}
            }
        }
    }
    // The document always serialises to JSON.
    Document(openapi.to_json().unwrap_or_default().into())
}

/// The operations of a path, and whether each may change something.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let PathItem { get, put, post, delete, options, head, patch, .. } = item;
    let safe = [get, options, head].into_iter().flatten().map(|operation| (false, operation));
    safe.chain([put, post, delete, patch].into_iter().flatten().map(|operation| (true, operation)))
}
