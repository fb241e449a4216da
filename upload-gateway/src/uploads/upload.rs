//! An upload on its way into the blob store.

use std::time::Duration;

use axum::body::{BodyDataStream, Bytes};
use rethread_model::{AccountId, Change, Job, JobId, Task, TaskKind, TraceParent};
use rethread_runtime::{AuditAction, METRICS};
use rethread_stores::{BlobKey, BlobWriter, change, create_job};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::abort_upload::AbortUpload;
use super::storage_quota::full;
use crate::extract::request_body::{broken_off, next_chunk, too_large};
use crate::extract::{Admin, CreateImportRequest};
use crate::gateway::Gateway;
use crate::new_job::new_import;
use crate::problem::Problem;

/// How often an upload reports its progress to the job store, and checks whether it was cancelled.
const REPORT_EVERY: Duration = Duration::from_millis(250);

/// A job whose file is being uploaded. If it is dropped before the file is complete, for whatever
/// reason, it deletes the object and ends the job; this is how a client's disconnect is handled.
pub(crate) struct Upload {
    gateway: Gateway,
    account: AccountId,
    job: JobId,
    trace: Option<TraceParent>,
    writer: Option<Box<dyn BlobWriter>>,
    received: u64,
    hash: Sha256,
    /// Whether responsibility for the job has passed on.
    is_settled: bool,
}

impl Upload {
    /// Creates the job and opens the object.
    ///
    /// Runs as a separate task: if the client disconnects meanwhile, the task still completes, and
    /// its unclaimed result is dropped, which cleans up.
    pub(crate) async fn begin(
        gateway: &Gateway,
        admin: &Admin,
        wanted: CreateImportRequest,
        announced: Option<u64>,
    ) -> Result<Self, Problem> {
        let (gateway, admin) = (gateway.clone(), admin.clone());
        let tasks = gateway.background_tasks.clone();
        let beginning = async move {
            let job = new_import(&gateway, &admin, wanted, announced)?;
            create_job(gateway.backends.jobs.as_ref(), &job).await?;
            admin.audit(AuditAction::Begun(job.kind()), job.id);
            let mut upload = Self {
                gateway,
                account: job.account,
                job: job.id,
                trace: job.trace,
                writer: None,
                received: 0,
                hash: Sha256::new(),
                is_settled: false,
            };
            let key = BlobKey::Upload(upload.account.clone(), job.id);
            upload.writer = Some(upload.gateway.backends.blobs.create(&key).await?);
            Ok(upload)
        };
        tasks.spawn(beginning.in_current_span()).await.unwrap_or_else(|_| Err(Problem::internal()))
    }

    /// Receives `first` and the rest of `body`, of `announced` bytes if the client announced the
    /// size and of at most `room`, and hands the whole file over to the workers.
    pub(crate) async fn receive(
        mut self,
        first: Bytes,
        body: &mut BodyDataStream,
        announced: Option<u64>,
        room: u64,
    ) -> Result<Job, Problem> {
        if let Err(problem) = self.store(first, body, announced, room).await {
            self.clean_up(problem.detail().to_owned()).await;
            return Err(problem);
        }
        // From here on the client is no longer needed.
        let tasks = self.gateway.background_tasks.clone();
        tasks.spawn(self.hand_over().in_current_span()).await.unwrap_or_else(|_| Err(Problem::internal()))
    }

    async fn store(
        &mut self,
        first: Bytes,
        body: &mut BodyDataStream,
        announced: Option<u64>,
        room: u64,
    ) -> Result<(), Problem> {
        let mut reported = Instant::now();
        let mut chunk = Some(first);
        while let Some(bytes) = chunk {
            self.received += bytes.len() as u64;
            METRICS.upload_bytes.add(&[], bytes.len() as u64);
            if self.received > self.gateway.max_upload_bytes {
                return Err(too_large(self.gateway.max_upload_bytes));
            }
            if self.received > room {
                return Err(full(self.gateway.max_stored_bytes_per_account));
            }
            self.hash.update(&bytes);
            let Some(writer) = &mut self.writer else { return Err(Problem::internal()) };
            writer.write(bytes).await?;
            if reported.elapsed() >= REPORT_EVERY {
                self.report().await?;
                reported = Instant::now();
            }
            chunk = next_chunk(body, self.gateway.body_idle_timeout).await?;
        }
        match announced {
            Some(bytes) if bytes != self.received => Err(broken_off()),
            _ => Ok(()),
        }
    }

    /// A failed progress report does not interrupt the upload; the report of the complete file
    /// is decisive.
    async fn report(&mut self) -> Result<(), Problem> {
        match self.gateway.backends.jobs.receiving(&self.account, self.job, self.received).await {
            Ok(standing) if standing.stopping => Err(not_wanted()),
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(job.id = %self.job, error = &error as &dyn std::error::Error,
                    "the progress of an upload could not be noted");
                Ok(())
            }
        }
    }

    async fn hand_over(mut self) -> Result<Job, Problem> {
        let handed_over = self.try_hand_over().await;
        match &handed_over {
            Ok(_) => {
                self.is_settled = true;
                METRICS.uploads.add(&["received"], 1);
            }
            Err(problem) => self.clean_up(problem.detail().to_owned()).await,
        }
        handed_over
    }

    async fn try_hand_over(&mut self) -> Result<Job, Problem> {
        let Some(writer) = self.writer.take() else { return Err(Problem::internal()) };
        let bytes = writer.finish().await?;
        let sha256 = base16ct::lower::encode_string(&self.hash.finalize_reset());
        let uploaded = Change::Uploaded { bytes, sha256 };
        let gateway = &self.gateway;
        let clock = gateway.clock.as_ref();
        match change(gateway.backends.jobs.as_ref(), clock, &self.account, self.job, uploaded).await? {
            Ok(job) if job.stopping => {
                // Cancelled after the last report: the file is complete but no longer needed.
                Err(not_wanted())
            }
            Ok(job) => {
                gateway.publish(Task::of(&job, TaskKind::Plan)).await;
                Ok(job)
            }
            Err(_) => Err(not_wanted()),
        }
    }

    /// Cleans up in a separate task, and waits for it as long as the caller does.
    async fn clean_up(&mut self, reason: String) {
        // A task that panicked has already logged that.
        let _ = self.spawn_clean_up(reason).await;
    }

    fn spawn_clean_up(&mut self, reason: String) -> JoinHandle<()> {
        self.is_settled = true;
        METRICS.uploads.add(&["broken"], 1);
        let (gateway, account, trace) = (self.gateway.clone(), self.account.clone(), self.trace.clone());
        let wreck = AbortUpload { gateway, account, job: self.job, trace, reason };
        self.gateway.background_tasks.spawn(wreck.clear(self.writer.take()).in_current_span())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // Without a runtime the process is about to exit; the janitor finds the job later.
        if !self.is_settled && tokio::runtime::Handle::try_current().is_ok() {
            drop(self.spawn_clean_up("the connection broke off before the file was whole".to_owned()));
        }
    }
}

fn not_wanted() -> Problem {
    Problem::conflict("the job was cancelled while its file was on its way")
}
