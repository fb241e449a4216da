//! x
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a contract that is broken ends the test")]
mod accounts;
mod blobs;
mod fixture;
mod queue;
pub use accounts::accounts;
pub use blobs::blobs;
pub use queue::queue;
use std::sync::Arc; use crate::*;
/// x
pub async fn jobs(_s: Arc<dyn JobStore>) {}
/// x
pub async fn comments(_s: Arc<dyn CommentStore>) {}
