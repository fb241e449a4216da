//! `/uploads`: files uploaded in several requests, according to tus 1.0
//! (<https://tus.io/protocols/resumable-upload>), with the extensions creation,
//! creation-with-upload, expiration, termination and checksum.
//!
//! An upload is a job from its creation on, and has the job's id. Its offset is what the blob store
//! has. One request at a time writes it, through any gateway; the job records which one (see
//! [`lease`]). The request that completes the file hands it over to the workers. A worker ends an
//! abandoned upload at the time recorded in the job.

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
