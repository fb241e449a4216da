//! The log, which is always enabled.

use async_trait::async_trait;

use super::{Channel, SendError};
use crate::notice::Notice;

#[derive(Debug)]
pub(super) struct Log;

#[async_trait]
impl Channel for Log {
    fn name(&self) -> &'static str {
        "log"
    }

    async fn send(&self, notice: &Notice) -> Result<(), SendError> {
        let ended = notice.ended();
        let error = ended.error.as_ref();
        tracing::error!(
            job.id = %ended.job,
            account = %ended.account,
            kind = ended.kind.as_str(),
            vendor = ended.vendor.map(rethread_model::Vendor::as_str),
            error.code = error.map(|error| error.code.as_str()),
            error.offset = error.and_then(|error| error.offset),
            "a job failed: {}",
            error.map_or("no reason is known", |error| error.message.as_str()),
        );
        Ok(())
    }
}
