//! Opens the stores and the queue that URLs name.

mod examine;
mod url;

use std::sync::Arc;

use rethread_model::Clock;
use rethread_stores::{Backends, BlobStore, CommentDatabase, CommentStore, JobStore, Queue, Result};

use self::url::{BLOBS, COMMENTS, JOBS, QUEUE, StoreUrl};

pub use self::examine::{SeamReport, examine};

/// Where everything is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// `file:DIRECTORY`
    pub blobs: String,
    /// `sqlite:FILE`
    pub jobs: String,
    /// `memory:` or, with the feature `rabbitmq`, `amqp://HOST`
    pub queue: String,
    /// `sqlite:FILE`, another file than that of the jobs, or `postgres://…`. Accounts and tokens
    /// are stored there too.
    pub comments: String,
}

/// Opens all of them; what does not exist yet is created, readable by its owner only. Fails with
/// [`rethread_stores::ErrorKind::Configuration`] when a URL names something that this build does
/// not support.
pub async fn open_backends(urls: &Urls, clock: Arc<dyn Clock>) -> Result<Backends> {
    // All four URLs are checked before anything is created.
    let blobs = StoreUrl::parse("blobs", &urls.blobs, &BLOBS)?;
    let jobs = StoreUrl::parse("jobs", &urls.jobs, &JOBS)?;
    let comments = StoreUrl::parse("comments", &urls.comments, &COMMENTS)?;
    let queue = StoreUrl::parse("queue", &urls.queue, &QUEUE)?;

    let CommentDatabase { comments, accounts, sites } = open_database(&comments).await?;
    Ok(Backends {
        blobs: open_blobs(&blobs).await?,
        jobs: open_jobs(&jobs, Arc::clone(&clock)).await?,
        queue: open_queue(&queue, clock).await?,
        comments,
        accounts,
        sites,
    })
}

/// Opens the comments alone, for callers that need no other backend. Fails as [`open_backends`]
/// does.
pub async fn open_comments(urls: &Urls) -> Result<Arc<dyn CommentStore>> {
    let store = StoreUrl::parse("comments", &urls.comments, &COMMENTS)?;
    Ok(open_database(&store).await?.comments)
}

async fn open_blobs(store: &StoreUrl<'_>) -> Result<Arc<dyn BlobStore>> {
    match store.scheme {
        #[cfg(feature = "s3")]
        "s3" => rethread_stores_distributed::open_blobs(store.url).await,
        _ => rethread_stores_embedded::open_blobs(store.path()?).await,
    }
}

async fn open_jobs(store: &StoreUrl<'_>, clock: Arc<dyn Clock>) -> Result<Arc<dyn JobStore>> {
    match store.scheme {
        #[cfg(feature = "redis")]
        "redis" | "rediss" => rethread_stores_distributed::open_jobs(store.url, clock).await,
        _ => rethread_stores_embedded::open_jobs(&store.path()?, clock).await,
    }
}

#[cfg_attr(not(feature = "rabbitmq"), expect(unused_variables, reason = "only messages of servers bear a time"))]
async fn open_queue(store: &StoreUrl<'_>, clock: Arc<dyn Clock>) -> Result<Arc<dyn Queue>> {
    match store.scheme {
        #[cfg(feature = "rabbitmq")]
        "amqp" | "amqps" => rethread_stores_distributed::open_queue(store.url, clock).await,
        _ => {
            store.nowhere()?;
            Ok(rethread_stores_embedded::open_queue())
        }
    }
}

async fn open_database(store: &StoreUrl<'_>) -> Result<CommentDatabase> {
    match store.scheme {
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => rethread_stores_postgres::open_comments(store.url).await,
        _ => rethread_stores_embedded::open_comments(&store.path()?).await,
    }
}

#[cfg(test)]
mod tests;
