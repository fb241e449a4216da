//! Turns a batch into a slice of the site's sync.
//!
//! The gateway may die after any of these steps, and the site then sends the batch again. The blob
//! is named by its content. The same batch as the last one is not counted again, and its slice is
//! stored if it was missing. Duplicates of other slices are detected when they are read. So each
//! comment is imported once, whatever is repeated.

use bytes::Bytes;
use http::StatusCode;
use rethread_model::{Change, Digest, Job, SiteSync, SliceNumber, SliceSource, SliceSpec, Task, TaskKind};
use rethread_stores::{BlobKey, change};
use rethread_vendors::wordpress::{SentBatch, batch_head};

use super::caller::LinkedSite;
use super::sync;
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::uploads::remaining_quota;

/// Accepts a batch; the site may forget it afterwards. `body` is the source of `batch`.
/// Without a sync that accepts it, a new one begins: otherwise the plugin's upload button
/// would retry forever.
pub(super) async fn take(
    gateway: &Gateway,
    caller: &LinkedSite,
    batch: &SentBatch,
    body: Bytes,
) -> Result<(), Problem> {
    let sha256 = Digest::of(&body);
    let last = sync::job_of(gateway, caller).await?;
    let is_last_again =
        |job: &Job| job.sync.as_ref().is_some_and(|sync| sync.complete && sync.last_batch == Some(sha256));
    let job = match last {
        Some(job) if job.takes_batches() => job,
        // Nothing to import, or a repeated batch of a completed sync: do not open another sync.
        last if batch.count == 0 || last.as_ref().is_some_and(is_last_again) => return Ok(()),
        last => sync::open(gateway, caller, last.as_ref()).await?,
    };
    let job = &job;
    if batch.count > 0 {
        let spec = reserve(gateway, job, batch, &body, sha256).await?;
        gateway.backends.jobs.add_slices(&job.account, job.id, &[spec]).await?;
    }
    if batch.remaining == 0 {
        // Fails when the same batch arrived twice at once, or when an admin is just ending
        // the sync.
        let _ = apply(gateway, job, Change::AllSent).await?;
    }
    go_on(gateway, job).await
}

/// Stores the bytes and assigns the next slice number.
async fn reserve(
    gateway: &Gateway,
    job: &Job,
    batch: &SentBatch,
    body: &Bytes,
    sha256: Digest,
) -> Result<SliceSpec, Problem> {
    remaining_quota(gateway, &job.account, Some(body.len() as u64)).await?;
    let key = BlobKey::Batch(job.account.clone(), job.id, sha256);
    let mut writer = gateway.backends.blobs.create(&key).await?;
    writer.write(body.clone()).await?;
    let bytes = writer.finish().await?;
    // A repeated batch keeps its slice number and is not counted again.
    let is_repeated = job.sync.as_ref().is_some_and(|sync| sync.last_batch == Some(sha256));
    let counted = if is_repeated {
        job.clone()
    } else {
        let comments = batch.count as u64;
        let received = Change::BatchReceived { sha256, bytes, comments, remaining: batch.remaining };
        apply(gateway, job, received).await?.ok_or_else(no_sync)?
    };
    let number = SliceNumber(counted.progress.slices_total.saturating_sub(1));
    let source = SliceSource::Batch { sha256 };
    let origin = job.facts.as_ref().map(|facts| facts.origin.clone());
    let content = batch.content;
    Ok(SliceSpec {
        number,
        source,
        part: number.0,
        start: 0,
        end: bytes,
        origin,
        newest_comment_at: None,
        content,
        head: batch_head(),
    })
}

/// Publishes the next slices, or the end of the job.
async fn go_on(gateway: &Gateway, job: &Job) -> Result<(), Problem> {
    let jobs = gateway.backends.jobs.as_ref();
    for number in jobs.open_slices(&job.account, job.id, SiteSync::WINDOW).await? {
        gateway.publish(Task::of(job, TaskKind::Slice { number })).await;
    }
    if jobs.slice_progress(&job.account, job.id).await?.is_read() {
        gateway.publish(Task::of(job, TaskKind::Finish)).await;
    }
    Ok(())
}

async fn apply(gateway: &Gateway, job: &Job, wanted: Change) -> Result<Option<Job>, Problem> {
    let (jobs, clock) = (gateway.backends.jobs.as_ref(), gateway.clock.as_ref());
    Ok(change(jobs, clock, &job.account, job.id, wanted).await?.ok())
}

/// No sync of the site accepts comments at the moment.
pub(super) fn no_sync() -> Problem {
    let detail = "the sync of this site has just ended; send the comments again in a minute";
    Problem::new(StatusCode::CONFLICT, "no-sync", detail)
}
