//! Whether a backend works.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Diagnosis, Result};

/// Reports whether a backend works and how it is set up.
#[async_trait]
pub trait Health: Send + Sync + Debug {
    /// Checks that the store works, for readiness and `doctor`.
    async fn check(&self) -> Result<()>;

    /// Reports what an operator should know about the setup of the store, for `doctor`. With
    /// `apply`, fixes what can be fixed from here and reports it. Fails when the store does not
    /// answer.
    async fn diagnose(&self, apply: bool) -> Result<Vec<Diagnosis>> {
        // The embedded backend has nothing to set up.
        let _ = apply;
        Ok(Vec::new())
    }
}
