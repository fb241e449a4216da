use std::path::Path;

use rethread_model::SystemClock;
use rethread_stores::ErrorKind;

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
    let error = open_backends(urls, Arc::new(SystemClock)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    error.to_string()
}

#[tokio::test]
async fn everything_opens_and_works() {
    let directory = tempfile::tempdir().unwrap();
    let backends = open_backends(&urls(directory.path()), Arc::new(SystemClock)).await.unwrap();
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
