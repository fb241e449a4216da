//! State shared by all handlers.

mod cookie;
mod status;
mod upload_slots;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rethread_model::{Clock, Task};
use rethread_runtime::{Authenticator, Context, GatewayConfig, Lifecycle, check_scheme};
use rethread_stores::Backends;
use tokio_util::task::TaskTracker;

pub(crate) use cookie::{NAMES as COOKIE_NAMES, SessionCookie};
pub(crate) use status::{SeenJob, StatusReader, Watch};
pub(crate) use upload_slots::UploadSlots;

/// State shared by all handlers. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    pub(crate) backends: Backends,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) auth: Authenticator,
    pub(crate) cookie: SessionCookie,
    pub(crate) status: StatusReader,
    pub(crate) slots: UploadSlots,
    pub(crate) max_upload_bytes: u64,
    pub(crate) max_stored_bytes_per_account: u64,
    pub(crate) max_exports_per_account: usize,
    pub(crate) upload_expires_after: Duration,
    pub(crate) site_asks_for: Duration,
    pub(crate) sync_batch_bytes: usize,
    pub(crate) body_idle_timeout: Duration,
    /// Work that outlives its request, such as cleaning up after interrupted uploads.
    pub(crate) background_tasks: TaskTracker,
}

impl Gateway {
    /// Does not connect yet. Fails when `status_url` is not a URL.
    pub(crate) fn new(
        context: &Context,
        config: &GatewayConfig,
        auth: Authenticator,
        status_url: &str,
    ) -> anyhow::Result<Self> {
        let authority = config.status_authority.as_ref().map(|file| {
            std::fs::read(file).with_context(|| format!("\"gateway.status_authority\" names {}", file.display()))
        });
        check_scheme(status_url).map_err(|problem| anyhow::anyhow!("\"status\" {problem}"))?;
        let status = StatusReader::new(status_url, authority.transpose()?.as_deref())
            .with_context(|| format!("\"{status_url}\" is not the URL of a status service"))?;
        Ok(Self {
            backends: context.backends.clone(),
            clock: Arc::clone(&context.clock),
            lifecycle: context.lifecycle.clone(),
            auth,
            cookie: SessionCookie::new(config.public_url.as_ref(), config.tls_certificate.is_some()),
            status,
            slots: UploadSlots::new(config.max_uploads_per_account),
            max_upload_bytes: config.max_upload_bytes,
            max_stored_bytes_per_account: config.max_stored_bytes_per_account,
            max_exports_per_account: config.max_exports_per_account,
            upload_expires_after: config.upload_expires_after,
            site_asks_for: config.site_asks_for,
            sync_batch_bytes: config.sync_batch_bytes,
            body_idle_timeout: config.body_idle_timeout,
            background_tasks: TaskTracker::new(),
        })
    }

    /// Waits until the work that outlives its request is done; gives up at the hard stop.
    pub(crate) async fn settled(&self) {
        self.background_tasks.close();
        tokio::select! {
            () = self.background_tasks.wait() => {}
            () = self.lifecycle.hard().cancelled() => {}
        }
    }

    /// Publishes a task. If the queue fails, the request still succeeds: the job store knows which
    /// tasks are due, and the janitor publishes them again.
    pub(crate) async fn publish(&self, task: Task) {
        if let Err(error) = self.backends.queue.publish_task(&task).await {
            tracing::warn!(job.id = %task.job, task = ?task.kind, error = &error as &dyn std::error::Error,
                "a task could not be queued; the janitor will do it");
        }
    }
}
