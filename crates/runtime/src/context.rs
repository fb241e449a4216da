//! What a role is given.

use std::sync::Arc;

use rethread_backends::Backends;
use rethread_model::Clock;

use crate::Lifecycle;

/// What a role is given to work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The four seams, and the accounts.
    pub backends: Backends,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When to stop.
    pub lifecycle: Lifecycle,
}
