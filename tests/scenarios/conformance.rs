//! Every seam's contract, tested on the servers of the distributed deployment. The tests of the
//! embedded implementations are beside their code.
//!
//! Each suite runs twice on the same server, with the store reopened in between: the second run
//! finds the data of the first.

use std::process::Command;
use std::sync::Arc;

use rethread_model::SystemClock;
use rethread_runtime::{Urls, open_backends};
use rethread_stores::Backends;
use rethread_stores_testsuite as conformance;
use rethread_tests::{Postgres, RabbitMq, Redis, S3};

/// Where the test `blobs` finds its store when it runs in a separate process.
const BLOBS: &str = "CONFORMANCE_BLOBS";

/// The seams, with embedded implementations for those that a test does not name.
fn urls(data: &tempfile::TempDir) -> Urls {
    let at = |scheme: &str, name: &str| format!("{scheme}:{}", data.path().join(name).display());
    Urls {
        blobs: at("file", "blobs"),
        jobs: at("sqlite", "jobs.db"),
        queue: "memory:".to_owned(),
        comments: at("sqlite", "comments.db"),
    }
}

async fn open(change: impl Fn(&mut Urls)) -> (tempfile::TempDir, Backends) {
    let data = tempfile::tempdir().unwrap();
    let mut urls = urls(&data);
    change(&mut urls);
    let backends = open_backends(&urls, Arc::new(SystemClock)).await.expect("the seams open");
    (data, backends)
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs() {
    if let Ok(url) = std::env::var(BLOBS) {
        for _ in 0..2 {
            let (_data, backends) = open(|urls| urls.blobs.clone_from(&url)).await;
            conformance::blobs(backends.blobs).await;
        }
        return;
    }
    // Credentials come from the environment, which a process cannot safely change for itself, so
    // the test runs again in a child process.
    let s3 = S3::configured().await;
    let place = s3.place(&format!("conformance-{:08x}", rand::random::<u32>())).await;
    let mut again = Command::new(std::env::current_exe().unwrap());
    again
        .args(["--exact", "conformance::blobs", "--nocapture"])
        .envs(s3.environment().iter().map(|(name, value)| (name, value)));
    again.env(BLOBS, place.url(None));
    let ended = tokio::task::spawn_blocking(move || again.output()).await.unwrap().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success() && stdout.contains("1 passed"), "{stdout}\n{stderr}");
    assert_eq!(place.everything().await, Vec::<String>::new(), "the suite deletes what it writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs() {
    let redis = Redis::start().await;
    for _ in 0..2 {
        let (_data, backends) = open(|urls| urls.jobs = redis.url(0, None)).await;
        conformance::jobs(backends.jobs).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queue() {
    let rabbitmq = RabbitMq::start().await;
    for _ in 0..2 {
        let (_data, backends) = open(|urls| urls.queue = rabbitmq.url("conformance", None)).await;
        conformance::queue(backends.queue).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_and_accounts() {
    let postgres = Postgres::start().await;
    postgres.create_database("conformance").await;
    for _ in 0..2 {
        let (_data, backends) = open(|urls| urls.comments = postgres.url("conformance", None)).await;
        conformance::comments(backends.comments).await;
        conformance::accounts(backends.accounts).await;
        conformance::sites(backends.sites).await;
    }
    let client = postgres.connect("conformance").await.unwrap();
    let tokens: i64 = client.query_one("SELECT count(*) FROM tokens", &[]).await.unwrap().get(0);
    assert!(tokens > 0, "it was this server that the suites spoke to");
}
