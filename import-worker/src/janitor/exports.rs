//! Deletes leftovers of exports, and files that have expired.

use async_trait::async_trait;
use rethread_stores::BlobPrefix;

use super::duty::{Duty, Failures};
use crate::retry::retry;
use crate::worker::Worker;

/// Deletes every file under `exports/` that no job offers.
pub(super) struct Exports;

#[async_trait]
impl Duty for Exports {
    fn name(&self) -> &'static str {
        "exports"
    }

    async fn round(&mut self, worker: &Worker, failures: Failures) {
        let blobs = &worker.context.backends.blobs;
        for (account, job) in failures.list(retry(|| blobs.jobs(BlobPrefix::Exports)).await) {
            failures.note(worker.sweep_export(&account, job).await);
        }
    }
}
