//! Stands in for e-mail in a build that cannot send any.

use std::sync::Arc;

use async_trait::async_trait;
use rethread_model::Clock;
use rethread_runtime::SmtpConfig;

use super::{Channel, SendError};
use crate::notice::Notice;

/// Never exists: a configuration that asks for it is refused.
#[derive(Debug)]
pub(super) enum Email {}

impl Email {
    pub(super) fn new(_config: &SmtpConfig, _clock: Arc<dyn Clock>) -> Result<Self, String> {
        Err("this build cannot send e-mail: build it with `cargo build --release -p rethread --features distributed`"
            .to_owned())
    }
}

#[async_trait]
impl Channel for Email {
    fn name(&self) -> &'static str {
        match *self {}
    }

    async fn send(&self, _notice: &Notice) -> Result<(), SendError> {
        match *self {}
    }
}
