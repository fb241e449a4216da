//! `import` and `inspect`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use futures::TryStreamExt as _;
use rethread_backends::{Backends, BlobKey, JobFilter, JobStore, change, create_job};
use rethread_model::{Change, Job, JobId, JobState, NewJob, Reach, Receipt, Task, TaskKind};
use rethread_runtime::{Config, Context};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::EXIT_FAILED;
use crate::cli::ImportArgs;
use crate::embedded;
use crate::follow::follow;
use crate::progress::Progress;
use crate::remote::Remote;
use crate::summary;

/// Read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// Imports a file, here or on a running gateway, and prints the receipt.
pub(crate) async fn run(config: Config, args: ImportArgs, dry_run: bool) -> anyhow::Result<ExitCode> {
    let size = size_of(&args.file).await?;
    let progress = Progress::new(args.json);
    let receipt = match (&args.server.server, &args.server.token) {
        (Some(server), Some(token)) => {
            Remote::new(server, token.clone())?.import(&args.file, &args.options(dry_run), progress).await?
        }
        _ => import_here(config, &args, dry_run, size, progress).await?,
    };
    summary::print(&receipt, args.json)?;
    Ok(if receipt.state == JobState::Succeeded { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

/// Bytes of the file that is to be imported, before anything begins on its behalf.
async fn size_of(file: &Path) -> anyhow::Result<u64> {
    let found = tokio::fs::metadata(file).await.with_context(|| format!("cannot open {}", file.display()))?;
    if found.is_dir() {
        bail!("{} is a folder; name the export file in it", file.display());
    }
    Ok(found.len())
}

/// Runs the whole pipeline in this process.
async fn import_here(
    config: Config,
    args: &ImportArgs,
    dry_run: bool,
    size: u64,
    mut progress: Progress,
) -> anyhow::Result<Receipt> {
    let _lock = embedded::lock(&config.data)?;
    let context = embedded::open(&config).await?;
    let worker = tokio::spawn(import_worker::run(context.clone(), config.worker.clone()));
    let notifier = tokio::spawn({
        let (context, config) = (context.clone(), config.notifier.clone());
        async move { notifier::run(context, &config).await }
    });

    let id = match interrupted(&context, args, dry_run).await? {
        Some(job) => job,
        None => store(&context, args, dry_run, size, &mut progress).await?,
    };
    let reach = Reach::Account(args.account.clone());
    let followed = tokio::select! {
        followed = follow(&*context.backends.jobs, &reach, id, progress) => Some(followed?),
        _ = tokio::signal::ctrl_c() => None,
    };
    context.lifecycle.stop();
    worker.await??;
    notifier.await??;
    let job = followed.with_context(|| {
        format!("stopped in the middle of job {id}; run the same command again to go on where it stopped")
    })?;
    Ok(Receipt::of(&job))
}

/// An earlier run of the same import that was killed before its end: it is going on already, and is followed instead of
/// beginning anew.
async fn interrupted(context: &Context, args: &ImportArgs, dry_run: bool) -> anyhow::Result<Option<JobId>> {
    let options = args.options(dry_run);
    let mut candidates = unfinished(&*context.backends.jobs, &Reach::Account(args.account.clone())).await?;
    candidates.retain(|job| job.options == options && job.sha256.is_some() && !job.stopping);
    if candidates.is_empty() {
        return Ok(None);
    }
    let sha256 = sha256_of(&args.file).await?;
    Ok(candidates.into_iter().find(|job| job.sha256.as_deref() == Some(&sha256)).map(|job| job.id))
}

async fn unfinished(jobs: &dyn JobStore, reach: &Reach) -> anyhow::Result<Vec<Job>> {
    let mut found = Vec::new();
    for state in [JobState::Queued, JobState::Running] {
        let filter = JobFilter { state: Some(state), limit: 200, ..JobFilter::default() };
        found.extend(jobs.list(reach, &filter).await?.jobs);
    }
    Ok(found)
}

async fn sha256_of(file: &Path) -> anyhow::Result<String> {
    let mut file = tokio::fs::File::open(file).await?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let count = file.read(&mut buffer).await?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
    }
    Ok(base16ct::lower::encode_string(&hash.finalize()))
}

/// Takes the file in, as the gateway does with an upload. Broken off, it is ended as such by the next start.
async fn store(
    context: &Context,
    args: &ImportArgs,
    dry_run: bool,
    size: u64,
    progress: &mut Progress,
) -> anyhow::Result<JobId> {
    let file =
        tokio::fs::File::open(&args.file).await.with_context(|| format!("cannot open {}", args.file.display()))?;
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
    let now = context.clock.now();
    let new = NewJob {
        id: JobId::new(now, &random),
        account: args.account.clone(),
        started_by: "command line".to_owned(),
        file_name: args.file.file_name().map(|name| name.to_string_lossy().into_owned()),
        options: args.options(dry_run),
    };
    let job = Job::new(new, now);
    let Backends { jobs, blobs, queue, .. } = &context.backends;
    create_job(&**jobs, &job).await?;
    let mut writer = blobs.create(&BlobKey::Upload(job.account.clone(), job.id)).await?;
    let mut chunks = ReaderStream::with_capacity(file, CHUNK_BYTES);
    let mut hash = Sha256::new();
    let mut stored = 0;
    while let Some(chunk) = chunks.try_next().await.with_context(|| format!("cannot read {}", args.file.display()))? {
        hash.update(&chunk);
        stored += chunk.len() as u64;
        writer.write(chunk).await?;
        progress.receiving(stored, size);
    }
    let bytes = writer.finish().await?;
    let uploaded = Change::Uploaded { bytes, sha256: base16ct::lower::encode_string(&hash.finalize()) };
    change(&**jobs, &*context.clock, &job.account, job.id, uploaded).await??;
    queue.publish_task(&Task::of(&job, TaskKind::Plan)).await?;
    Ok(job.id)
}
