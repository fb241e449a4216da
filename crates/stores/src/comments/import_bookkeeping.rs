//! What is kept of an import, while it runs and after it.

use std::fmt::Debug;

use async_trait::async_trait;
use rethread_model::{AccountId, Finding, JobId, Tally, Written};

use crate::Result;

/// A finding as listed. Ordered by position, then reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFinding {
    /// For `after` of [`crate::ImportBookkeeping::findings`]; opaque.
    pub cursor: String,
    /// The finding.
    pub finding: Finding,
}

/// A page of findings.
#[derive(Debug, Clone)]
pub struct FindingPage {
    /// In order of position.
    pub findings: Vec<StoredFinding>,
    /// Whether there are more.
    pub has_more: bool,
}

/// What a store keeps of an import besides its comments.
#[async_trait]
pub trait ImportBookkeeping: Send + Sync + Debug {
    /// The state of a running import, read as one snapshot; empty for an import that was not
    /// started, or has ended, which it says.
    async fn written(&self, account: &AccountId, job: JobId) -> Result<Written>;

    /// The sum of the job's tallies.
    async fn tally(&self, account: &AccountId, job: JobId) -> Result<Tally>;

    /// A job's findings in order of position, after the cursor `after`; at most `limit`, 1 to 1000.
    /// Fails with [`crate::ErrorKind::NotFound`] when `after` is not a cursor.
    async fn findings(&self, account: &AccountId, job: JobId, after: Option<&str>, limit: u32) -> Result<FindingPage>;

    /// Ends an import, once its job has ended. Findings and the tally are kept. From then on every
    /// step counts as complete, and commits fail with [`crate::ErrorKind::Conflict`]. Fast,
    /// whatever the import's size: the ledger is left to
    /// [`crate::ImportBookkeeping::forget_import`].
    async fn end_import(&self, account: &AccountId, job: JobId) -> Result<()>;

    /// The same, and also drops what only a running import needs, in portions that never block
    /// other writers for long. The total time is proportional to the size of the file, so
    /// latency-sensitive callers should not do this work.
    async fn forget_import(&self, account: &AccountId, job: JobId) -> Result<()>;

    /// The imports for which [`crate::ImportBookkeeping::forget_import`] has not completed; for the
    /// janitor.
    async fn imports_to_clean_up(&self) -> Result<Vec<(AccountId, JobId)>>;
}
