//! An import in this process: the complete pipeline on a folder that no other process uses.

use anyhow::{Context as _, anyhow, bail};
use futures::TryStreamExt as _;
use rethread_model::{AccountId, Change, ImportOptions, Job, JobId, JobState, NewJob, Reach, Receipt, Task, TaskKind};
use rethread_runtime::{Config, Context};
use rethread_stores::{Backends, BlobKey, JobFilter, JobListing, change, create_job};
use sha2::{Digest, Sha256};
use tokio_util::io::ReaderStream;

use crate::embedded;
use crate::follow::follow;
use crate::input::Input;
use crate::progress::Progress;

/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// A file to import.
#[derive(Debug)]
pub(crate) struct LocalImport<'a> {
    pub(crate) file: &'a Input,
    /// The size in bytes, if known.
    pub(crate) size: Option<u64>,
    pub(crate) account: AccountId,
    pub(crate) options: ImportOptions,
    /// Whether the configured channels are notified of a failure.
    pub(crate) alerts: bool,
}

/// How the import ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The job ended.
    Job(Box<Receipt>),
    /// This process was stopped before the job ended.
    Stopped(JobId),
}

impl LocalImport<'_> {
    /// Imports the file into the configured stores.
    pub(crate) async fn run(&self, config: &Config, mut progress: Progress) -> anyhow::Result<Ended> {
        let _lock = embedded::lock(&config.data)?;
        let context = embedded::open(config).await?;
        let mut worker = tokio::spawn(import_worker::run(context.clone(), config.worker.clone()));
        let notifier = self.alerts.then(|| {
            let (context, config) = (context.clone(), config.notifier.clone());
            tokio::spawn(async move { notifier::run(context, &config).await })
        });

        let id = match self.interrupted(&context).await? {
            Some(job) => job,
            None => self.store(&context, &mut progress).await?,
        };
        let reach = Reach::Account(self.account.clone());
        let ended = tokio::select! {
            followed = follow(&*context.backends.jobs, &reach, id, progress) => {
                Ended::Job(Box::new(Receipt::of(&followed?)))
            }
            _ = tokio::signal::ctrl_c() => Ended::Stopped(id),
            // Without the worker, the job would never end.
            stopped = &mut worker => {
                stopped??;
                bail!("the worker stopped in the middle of job {id}");
            }
        };
        context.lifecycle.stop();
        worker.await??;
        if let Some(notifier) = notifier {
            notifier.await??;
        }
        Ok(ended)
    }

    /// The job of an earlier run of the same import that was killed before its end. It has already
    /// resumed, and is followed instead of starting a new one.
    async fn interrupted(&self, context: &Context) -> anyhow::Result<Option<JobId>> {
        let mut candidates = unfinished(&*context.backends.jobs, &Reach::Account(self.account.clone())).await?;
        candidates.retain(|job| job.import() == Some(&self.options) && job.sha256.is_some() && !job.stopping);
        if candidates.is_empty() {
            return Ok(None);
        }
        let Some(sha256) = self.file.sha256().await? else { return Ok(None) };
        Ok(candidates.into_iter().find(|job| job.sha256.as_deref() == Some(&sha256)).map(|job| job.id))
    }

    /// Stores the file, as the gateway does with an upload. If interrupted, the next start ends the
    /// job accordingly.
    async fn store(&self, context: &Context, progress: &mut Progress) -> anyhow::Result<JobId> {
        let file = self.file.open().await?;
        let mut random = [0; 10];
        getrandom::fill(&mut random).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
        let now = context.clock.now();
        let new = NewJob {
            id: JobId::new(now, &random),
            account: self.account.clone(),
            started_by: "command line".to_owned(),
            file_name: self.file.file_name(),
            spec: self.options.clone().into(),
        };
        let job = Job::new(new, now);
        let Backends { jobs, blobs, queue, .. } = &context.backends;
        create_job(&**jobs, &job).await?;
        let mut writer = blobs.create(&BlobKey::Upload(job.account.clone(), job.id)).await?;
        let mut chunks = ReaderStream::with_capacity(file, CHUNK_BYTES);
        let mut hash = Sha256::new();
        let mut stored = 0;
        while let Some(chunk) = chunks.try_next().await.with_context(|| format!("cannot read {}", self.file))? {
            hash.update(&chunk);
            stored += chunk.len() as u64;
            writer.write(chunk).await?;
            progress.receiving(stored, self.size);
        }
        let bytes = writer.finish().await?;
        let uploaded = Change::Uploaded { bytes, sha256: base16ct::lower::encode_string(&hash.finalize()) };
        change(&**jobs, &*context.clock, &job.account, job.id, uploaded).await??;
        queue.publish_task(&Task::of(&job, TaskKind::Plan)).await?;
        Ok(job.id)
    }
}

async fn unfinished(jobs: &dyn JobListing, reach: &Reach) -> anyhow::Result<Vec<Job>> {
    let mut found = Vec::new();
    for state in [JobState::Queued, JobState::Running] {
        let filter = JobFilter { state: Some(state), limit: 200, ..JobFilter::default() };
        found.extend(jobs.list(reach, &filter).await?.jobs);
    }
    Ok(found)
}
