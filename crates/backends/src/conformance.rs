//! The contracts of the backends as tests: one function each, which every implementation calls in
//! one line.
//!
//! Each uses its own accounts and jobs, so a suite can run against a server that holds other data,
//! and repeatedly against the same one.
//!
//! Compiled into the library and not only into its tests, because implementations are tested where
//! their servers are.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a contract that is broken ends the test")]

mod accounts;
mod blobs;
mod comments;
mod exports;
mod files;
mod finalizing;
mod fixture;
mod jobs;
mod kinds;
mod linking;
mod listing;
mod moves;
mod older;
mod orders;
mod origins;
mod passes;
mod queue;
mod recovery;
mod redelivery;
mod reopened;
mod resumable;
mod shared;
mod signatures;
mod sites;

pub use accounts::accounts;
pub use blobs::blobs;
pub use jobs::jobs;
pub use queue::queue;
pub use sites::sites;

use std::sync::Arc;

use crate::CommentStore;

/// Runs the contract of [`CommentStore`].
pub async fn comments(store: Arc<dyn CommentStore>) {
    let store = &*store;
    comments::run(store).await;
    linking::run(store).await;
    listing::run(store).await;
    orders::run(store).await;
    origins::run(store).await;
    finalizing::run(store).await;
    exports::run(store).await;
    moves::run(store).await;
    older::run(store).await;
    shared::run(store).await;
    signatures::run(store).await;
}
