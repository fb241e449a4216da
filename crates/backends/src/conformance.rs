//! x
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a contract that is broken ends the test")]
mod accounts;
mod blobs;
mod fixture;
mod jobs;
mod recovery;
mod queue;
pub use accounts::accounts;
pub use blobs::blobs;
pub use queue::queue;
pub use jobs::jobs;
use std::sync::Arc; use crate::*;
/// x
pub async fn comments(_s: Arc<dyn CommentStore>) {}
