//! Chooses the implementations by URL.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rethread_model::Clock;

use crate::accounts::sqlite::SqliteAccounts;
use crate::blobs::file::FileBlobs;
use crate::comments::sqlite::SqliteComments;
use crate::jobs::sqlite::SqliteJobs;
use crate::queue::memory::MemoryQueue;
use crate::{AccountStore, BlobStore, CommentStore, Error, ErrorKind, JobStore, Queue, Result};

/// Where everything is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// `file:DIRECTORY`
    pub blobs: String,
    /// `sqlite:FILE`
    pub jobs: String,
    /// `memory:`
    pub queue: String,
    /// `sqlite:FILE`, another one than that of the jobs. Accounts and tokens are stored there too.
    pub comments: String,
}

/// The four seams, and the accounts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Backends {
    /// Uploads.
    pub blobs: Arc<dyn BlobStore>,
    /// Jobs.
    pub jobs: Arc<dyn JobStore>,
    /// Tasks and events.
    pub queue: Arc<dyn Queue>,
    /// Comments.
    pub comments: Arc<dyn CommentStore>,
    /// Tokens.
    pub accounts: Arc<dyn AccountStore>,
}

impl Backends {
    /// Opens all of them; what does not exist yet is made, for its owner alone. Fails with
    /// [`ErrorKind::Configuration`] when a URL names something that this build does not have.
    pub async fn open(urls: &Urls, clock: Arc<dyn Clock>) -> Result<Self> {
        // All four are looked at before anything is made.
        let blobs = Place::parse("blobs", &urls.blobs)?.path("file", "file:DIRECTORY")?;
        let jobs = Place::parse("jobs", &urls.jobs)?.path("sqlite", "sqlite:FILE")?;
        let comments = Place::parse("comments", &urls.comments)?.path("sqlite", "sqlite:FILE")?;
        Place::parse("queue", &urls.queue)?.nowhere("memory", "memory:")?;

        let (comments, database) = SqliteComments::open(&comments).await?;
        Ok(Self {
            blobs: Arc::new(FileBlobs::open(blobs).await?),
            jobs: Arc::new(SqliteJobs::open(&jobs, clock).await?),
            queue: Arc::new(MemoryQueue::default()),
            comments: Arc::new(comments),
            accounts: Arc::new(SqliteAccounts::new(database)),
        })
    }
}

/// A URL, taken apart. Never shown whole: URLs of servers hold passwords.
struct Place<'a> {
    seam: &'static str,
    scheme: &'a str,
    rest: &'a str,
}

/// Sides that other builds may have.
const DISTRIBUTED: [&str; 7] = ["s3", "redis", "rediss", "amqp", "amqps", "postgres", "postgresql"];

impl<'a> Place<'a> {
    fn parse(seam: &'static str, url: &'a str) -> Result<Self> {
        match url.split_once(':') {
            Some((scheme, rest)) => Ok(Self { seam, scheme, rest }),
            None => {
                Err(configuration(format!("the URL of {seam} has no scheme: write it like file:, sqlite: or memory:")))
            }
        }
    }

    fn path(&self, scheme: &str, form: &str) -> Result<PathBuf> {
        self.expect(scheme, form)?;
        let path = self.rest.strip_prefix("//").unwrap_or(self.rest);
        if path.is_empty() {
            return Err(configuration(format!("the URL of {} names no path: write {form}", self.seam)));
        }
        Ok(Path::new(path).to_owned())
    }

    fn nowhere(&self, scheme: &str, form: &str) -> Result<()> {
        self.expect(scheme, form)?;
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(configuration(format!("the URL of {} takes nothing after the colon: write {form}", self.seam)))
        }
    }

    fn expect(&self, scheme: &str, form: &str) -> Result<()> {
        let Self { seam, scheme: given, .. } = self;
        if *given == scheme {
            Ok(())
        } else if DISTRIBUTED.contains(given) {
            Err(configuration(format!("this build has no {given} side for {seam}: use {form}")))
        } else {
            Err(configuration(format!("{seam} cannot be kept in \"{given}:\": use {form}")))
        }
    }
}

fn configuration(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

#[cfg(test)]
mod tests {
    use rethread_model::SystemClock;

    use super::*;

    fn urls(directory: &Path) -> Urls {
        let at = |scheme: &str, name: &str| format!("{scheme}:{}", directory.join(name).display());
        Urls {
            blobs: at("file", "blobs"),
            jobs: at("sqlite", "jobs.db"),
            queue: "memory:".to_owned(),
            comments: at("sqlite", "comments.db"),
        }
    }

    async fn refusal(urls: &Urls) -> String {
        let error = Backends::open(urls, Arc::new(SystemClock)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.to_string()
    }

    #[tokio::test]
    async fn everything_opens_and_works() {
        let directory = tempfile::tempdir().unwrap();
        let backends = Backends::open(&urls(directory.path()), Arc::new(SystemClock)).await.unwrap();
        backends.blobs.check().await.unwrap();
        backends.jobs.check().await.unwrap();
        backends.queue.check().await.unwrap();
        backends.comments.check().await.unwrap();
    }

    #[tokio::test]
    async fn what_is_not_there_is_refused_by_a_sentence_without_the_password() {
        let directory = tempfile::tempdir().unwrap();
        let good = urls(directory.path());
        let comments = Urls { comments: "postgres://me:geheim@host/db".to_owned(), ..good.clone() };
        assert_eq!(refusal(&comments).await, "this build has no postgres side for comments: use sqlite:FILE");
        let queue = Urls { queue: "amqp://me:geheim@host".to_owned(), ..good.clone() };
        assert_eq!(refusal(&queue).await, "this build has no amqp side for queue: use memory:");
        let blobs = Urls { blobs: "ftp://me:geheim@host".to_owned(), ..good.clone() };
        assert_eq!(refusal(&blobs).await, "blobs cannot be kept in \"ftp:\": use file:DIRECTORY");
        let nowhere = Urls { jobs: "sqlite:".to_owned(), ..good.clone() };
        assert_eq!(refusal(&nowhere).await, "the URL of jobs names no path: write sqlite:FILE");
        let plain = Urls { jobs: "jobs.db".to_owned(), ..good };
        assert!(refusal(&plain).await.contains("has no scheme"));
        assert!(!directory.path().join("comments.db").exists(), "nothing is made for a bad configuration");
    }

    #[tokio::test]
    async fn jobs_and_comments_cannot_share_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let good = urls(directory.path());
        let shared = Urls { jobs: good.comments.clone(), ..good };
        assert!(refusal(&shared).await.contains("is not a jobs database of rethread"));
    }
}
