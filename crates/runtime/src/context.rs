//! The dependencies of a role.

use std::sync::Arc;

use rethread_backends::Backends;
use rethread_model::Clock;

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
}
