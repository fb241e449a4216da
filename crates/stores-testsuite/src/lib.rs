#![doc = include_str!("../README.md")]
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
mod migrations;
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
pub use migrations::migrations;
pub use queue::queue;
pub use sites::sites;

use std::sync::Arc;

use rethread_stores::CommentStore;

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
