//! Examines the backends one by one, for `doctor`.

use std::sync::Arc;

use rethread_model::Clock;
use rethread_stores::{Diagnosis, Result};

use super::url::{BLOBS, COMMENTS, JOBS, QUEUE, StoreUrl};
use super::{Urls, open_blobs, open_database, open_jobs, open_queue};

/// What was found out about one backend, for `doctor`.
#[derive(Debug)]
pub struct SeamReport {
    /// `blobs`, `jobs`, `queue` or `comments`.
    pub seam: &'static str,
    /// The findings, or the error of a backend that cannot be opened or does not work.
    pub found: Result<Vec<Diagnosis>>,
}

/// Opens, checks and diagnoses each backend separately, so that one that is down hides nothing of
/// the others. With `apply`, fixes what can be fixed. Fails as [`super::open_backends`] does when a
/// URL is refused.
pub async fn examine(urls: &Urls, clock: Arc<dyn Clock>, apply: bool) -> Result<[SeamReport; 4]> {
    let blobs = StoreUrl::parse("blobs", &urls.blobs, &BLOBS)?;
    let jobs = StoreUrl::parse("jobs", &urls.jobs, &JOBS)?;
    let queue = StoreUrl::parse("queue", &urls.queue, &QUEUE)?;
    let comments = StoreUrl::parse("comments", &urls.comments, &COMMENTS)?;
    let blobs = async {
        let store = open_blobs(&blobs).await?;
        store.check().await?;
        store.diagnose(apply).await
    };
    let jobs = async {
        let store = open_jobs(&jobs, Arc::clone(&clock)).await?;
        store.check().await?;
        store.diagnose(apply).await
    };
    let queue = async {
        let queue = open_queue(&queue, Arc::clone(&clock)).await?;
        queue.check().await?;
        queue.diagnose(apply).await
    };
    let comments = async {
        let store = open_database(&comments).await?.comments;
        store.check().await?;
        store.diagnose(apply).await
    };
    let (blobs, jobs, queue, comments) = tokio::join!(blobs, jobs, queue, comments);
    let found = [("blobs", blobs), ("jobs", jobs), ("queue", queue), ("comments", comments)];
    Ok(found.map(|(seam, found)| SeamReport { seam, found }))
}
