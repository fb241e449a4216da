//! The dependencies of a role.

use std::sync::Arc;

use rethread_model::{Clock, Timestamp};
use rethread_stores::Backends;

use crate::Lifecycle;

/// The dependencies of a role. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The four backends, and the accounts.
    pub backends: Backends,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// When to stop.
    pub lifecycle: Lifecycle,
    /// When the process started, before any role accepted work: what an in-process queue held and
    /// what was being uploaded before then is lost.
    pub started_at: Timestamp,
}

impl Context {
    /// The dependencies of a process that starts now.
    #[must_use]
    pub fn new(backends: Backends, clock: Arc<dyn Clock>, lifecycle: Lifecycle) -> Self {
        let started_at = clock.now();
        Self { backends, clock, lifecycle, started_at }
    }
}
