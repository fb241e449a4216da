//! Chooses the implementations by URL.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rethread_model::Clock;

#[cfg(feature = "postgres")]
use crate::accounts::postgres::PostgresAccounts;
use crate::accounts::sqlite::SqliteAccounts;
use crate::blobs::file::FileBlobs;
#[cfg(feature = "s3")]
use crate::blobs::s3::S3Blobs;
#[cfg(feature = "postgres")]
use crate::comments::postgres::PostgresComments;
use crate::comments::sqlite::SqliteComments;
#[cfg(feature = "redis")]
use crate::jobs::redis::RedisJobs;
use crate::jobs::sqlite::SqliteJobs;
use crate::queue::memory::MemoryQueue;
#[cfg(feature = "rabbitmq")]
use crate::queue::rabbitmq::RabbitQueue;
#[cfg(feature = "postgres")]
use crate::sites::postgres::PostgresSites;
use crate::sites::sqlite::SqliteSites;
use crate::{AccountStore, BlobStore, CommentStore, Diagnosis, Error, ErrorKind, JobStore, Queue, Result, SiteStore};

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

/// The four backends, and the accounts. Cheap to clone.
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
    /// Sites that sync their comments automatically.
    pub sites: Arc<dyn SiteStore>,
}

impl Backends {
    /// Opens all of them; what does not exist yet is created, readable by its owner only. Fails
    /// with [`ErrorKind::Configuration`] when a URL names something that this build does not
    /// support.
    pub async fn open(urls: &Urls, clock: Arc<dyn Clock>) -> Result<Self> {
        // All four URLs are checked before anything is created.
        let blobs = StoreUrl::parse("blobs", &urls.blobs, &BLOBS)?;
        let jobs = StoreUrl::parse("jobs", &urls.jobs, &JOBS)?;
        let comments = StoreUrl::parse("comments", &urls.comments, &COMMENTS)?;
        let queue = StoreUrl::parse("queue", &urls.queue, &QUEUE)?;

        let Opened { comments, accounts, sites } = open_comments(&comments).await?;
        Ok(Self {
            blobs: open_blobs(&blobs).await?,
            jobs: open_jobs(&jobs, Arc::clone(&clock)).await?,
            queue: open_queue(&queue, clock).await?,
            comments,
            accounts,
            sites,
        })
    }

    /// Opens the comments alone, for callers that need no other backend. Fails as
    /// [`Backends::open`] does.
    pub async fn open_comments(urls: &Urls) -> Result<Arc<dyn CommentStore>> {
        let place = StoreUrl::parse("comments", &urls.comments, &COMMENTS)?;
        Ok(open_comments(&place).await?.comments)
    }
}

/// What was found out about one backend, for `doctor`.
#[derive(Debug)]
pub struct SeamReport {
    /// `blobs`, `jobs`, `queue` or `comments`.
    pub seam: &'static str,
    /// The findings, or the error of a backend that cannot be opened or does not work.
    pub found: Result<Vec<Diagnosis>>,
}

/// Opens, checks and diagnoses each backend separately, so that one that is down hides nothing of
/// the others. With `apply`, fixes what can be fixed. Fails as [`Backends::open`] does when a URL
/// is refused.
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
        let store = open_comments(&comments).await?.comments;
        store.check().await?;
        store.diagnose(apply).await
    };
    let (blobs, jobs, queue, comments) = tokio::join!(blobs, jobs, queue, comments);
    let found = [("blobs", blobs), ("jobs", jobs), ("queue", queue), ("comments", comments)];
    Ok(found.map(|(seam, found)| SeamReport { seam, found }))
}

async fn open_blobs(place: &StoreUrl<'_>) -> Result<Arc<dyn BlobStore>> {
    match place.scheme {
        #[cfg(feature = "s3")]
        "s3" => Ok(Arc::new(Box::pin(S3Blobs::open(place.url)).await?)),
        _ => Ok(Arc::new(FileBlobs::open(place.path()?).await?)),
    }
}

async fn open_jobs(place: &StoreUrl<'_>, clock: Arc<dyn Clock>) -> Result<Arc<dyn JobStore>> {
    match place.scheme {
        #[cfg(feature = "redis")]
        "redis" | "rediss" => Ok(Arc::new(RedisJobs::open(place.url, clock).await?)),
        _ => Ok(Arc::new(SqliteJobs::open(&place.path()?, clock).await?)),
    }
}

#[cfg_attr(not(feature = "rabbitmq"), expect(unused_variables, reason = "only messages of servers bear a time"))]
async fn open_queue(place: &StoreUrl<'_>, clock: Arc<dyn Clock>) -> Result<Arc<dyn Queue>> {
    match place.scheme {
        #[cfg(feature = "rabbitmq")]
        "amqp" | "amqps" => Ok(Arc::new(RabbitQueue::open(place.url, clock).await?)),
        _ => {
            place.nowhere()?;
            Ok(Arc::new(MemoryQueue::default()))
        }
    }
}

/// What shares one database: accounts, tokens, sites and comments.
struct Opened {
    comments: Arc<dyn CommentStore>,
    accounts: Arc<dyn AccountStore>,
    sites: Arc<dyn SiteStore>,
}

async fn open_comments(place: &StoreUrl<'_>) -> Result<Opened> {
    match place.scheme {
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => {
            let (comments, database) = PostgresComments::open(place.url).await?;
            Ok(Opened {
                comments: Arc::new(comments),
                accounts: Arc::new(PostgresAccounts::new(database.clone())),
                sites: Arc::new(PostgresSites::new(database)),
            })
        }
        _ => {
            let (comments, database) = SqliteComments::open(&place.path()?).await?;
            Ok(Opened {
                comments: Arc::new(comments),
                accounts: Arc::new(SqliteAccounts::new(database.clone())),
                sites: Arc::new(SqliteSites::new(database)),
            })
        }
    }
}

/// One implementation of a backend.
struct Side {
    schemes: &'static [&'static str],
    /// The form of its URL.
    form: &'static str,
    /// The feature that enables it, and whether this build has it.
    feature: Option<(&'static str, bool)>,
}

/// The implementations of each backend, the embedded one first.
const BLOBS: [Side; 2] = [
    Side { schemes: &["file"], form: "file:DIRECTORY", feature: None },
    Side { schemes: &["s3"], form: "s3://BUCKET/PREFIX", feature: Some(("s3", cfg!(feature = "s3"))) },
];
const JOBS: [Side; 2] = [
    Side { schemes: &["sqlite"], form: "sqlite:FILE", feature: None },
    Side { schemes: &["redis", "rediss"], form: "redis://HOST", feature: Some(("redis", cfg!(feature = "redis"))) },
];
const QUEUE: [Side; 2] = [
    Side { schemes: &["memory"], form: "memory:", feature: None },
    Side { schemes: &["amqp", "amqps"], form: "amqp://HOST", feature: Some(("rabbitmq", cfg!(feature = "rabbitmq"))) },
];
const COMMENTS: [Side; 2] = [
    Side { schemes: &["sqlite"], form: "sqlite:FILE", feature: None },
    Side {
        schemes: &["postgres", "postgresql"],
        form: "postgres://HOST/DATABASE",
        feature: Some(("postgres", cfg!(feature = "postgres"))),
    },
];

/// A parsed URL. Never shown whole: server URLs contain passwords.
struct StoreUrl<'a> {
    seam: &'static str,
    /// The form of this implementation's URL.
    form: &'static str,
    scheme: &'a str,
    #[allow(dead_code, reason = "only servers have whole URLs")]
    url: &'a str,
    rest: &'a str,
}

impl<'a> StoreUrl<'a> {
    fn parse(seam: &'static str, url: &'a str, sides: &[Side]) -> Result<Self> {
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(configuration(format!(
                "the URL of {seam} has no scheme: write it like file:, sqlite: or memory:"
            )));
        };
        let forms: Vec<&str> = sides
            .iter()
            .filter(|side| side.feature.is_none_or(|(_, is_compiled_in)| is_compiled_in))
            .map(|side| side.form)
            .collect();
        let forms = forms.join(" or ");
        match sides.iter().find(|side| side.schemes.contains(&scheme)) {
            Some(Side { feature: Some((_, false)), .. }) => Err(configuration(format!(
                "this build cannot keep {seam} in {scheme}: use {forms}, or build it with `cargo build --release -p rethread \
                 --features distributed`"
            ))),
            Some(side) => {
                let place = Self { seam, form: side.form, scheme, url, rest };
                match side.form {
                    "memory:" => place.nowhere()?,
                    _ if side.feature.is_none() => drop(place.path()?),
                    // Each server backend parses its own URL.
                    _ => {}
                }
                Ok(place)
            }
            None => Err(configuration(format!("{seam} cannot be kept in \"{scheme}:\": use {forms}"))),
        }
    }

    fn path(&self) -> Result<PathBuf> {
        let path = self.rest.strip_prefix("//").unwrap_or(self.rest);
        if path.is_empty() {
            return Err(configuration(format!("the URL of {} names no path: write {}", self.seam, self.form)));
        }
        Ok(Path::new(path).to_owned())
    }

    fn nowhere(&self) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(configuration(format!("the URL of {} takes nothing after the colon: write {}", self.seam, self.form)))
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
        let blobs = Urls { blobs: "ftp://me:geheim@host".to_owned(), ..good.clone() };
        assert!(refusal(&blobs).await.starts_with("blobs cannot be kept in \"ftp:\": use file:DIRECTORY"));
        let nowhere = Urls { jobs: "sqlite:".to_owned(), ..good.clone() };
        assert_eq!(refusal(&nowhere).await, "the URL of jobs names no path: write sqlite:FILE");
        let plain = Urls { jobs: "jobs.db".to_owned(), ..good };
        assert!(refusal(&plain).await.contains("has no scheme"));
        assert!(!directory.path().join("comments.db").exists(), "nothing is made for a bad configuration");
    }

    #[cfg(not(any(feature = "postgres", feature = "rabbitmq")))]
    #[tokio::test]
    async fn a_side_that_is_not_compiled_in_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let good = urls(directory.path());
        let comments = Urls { comments: "postgres://me:geheim@host/db".to_owned(), ..good.clone() };
        assert_eq!(
            refusal(&comments).await,
            "this build cannot keep comments in postgres: use sqlite:FILE, or build it with `cargo build --release -p \
             rethread --features distributed`"
        );
        let queue = Urls { queue: "amqp://me:geheim@host".to_owned(), ..good };
        assert_eq!(
            refusal(&queue).await,
            "this build cannot keep queue in amqp: use memory:, or build it with `cargo build --release -p rethread \
             --features distributed`"
        );
    }

    #[tokio::test]
    async fn jobs_and_comments_cannot_share_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let good = urls(directory.path());
        let shared = Urls { jobs: good.comments.clone(), ..good };
        assert!(refusal(&shared).await.contains("is not a jobs database of rethread"));
    }
}
