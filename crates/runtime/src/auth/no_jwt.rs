//! Stands in for the tokens of an identity provider in a build that cannot verify them.

use std::sync::Arc;

use rethread_model::Clock;

use super::{AuthError, Caller};
use crate::{ConfigError, JwtConfig};

/// Never exists: a configuration that asks for it is refused.
#[derive(Debug)]
pub(super) enum Jwt {}

impl Jwt {
    pub(super) fn new(_config: &JwtConfig, _clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        Err(ConfigError::Value {
            key: "auth.jwt".to_owned(),
            problem:
                "this build cannot verify tokens of an identity provider: build it with `cargo build --release -p \
                      rethread --features distributed`"
                    .to_owned(),
        })
    }

    pub(super) fn is_like(_text: &str) -> bool {
        false
    }

    pub(super) async fn verify(&self, _text: &str) -> Result<Caller, AuthError> {
        match *self {}
    }
}
