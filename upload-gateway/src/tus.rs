//! `/uploads`: files that come in by several requests, as tus 1.0 has it (<https://tus.io/protocols/resumable-upload>),
//! with the extensions creation, creation-with-upload, expiration, termination and checksum.
//!
//! An upload is a job from its creation on; its id is the job's. How far it is, is what the blob store has. One request
//! at a time writes it, in whichever gateway; the job says which one (see [`claim`]). The one that brings the last byte
//! hands the file over to the workers. What nobody goes on with is ended by a worker, as the job says when.

mod checksum;
mod client;
mod create;
mod delete;
mod head;
mod headers;
mod lease;
mod metadata;
mod options;
mod patch;
mod receive;
mod upload;

use axum::middleware::from_fn;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::Gateway;

/// The routes of uploads.
pub(crate) fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(create::create, options::options))
        .routes(routes!(head::head, patch::patch, delete::delete, options::instead, options::offer_for_one))
        .layer(from_fn(headers::say_version))
}
