use std::net::SocketAddr;
use std::sync::Arc;

use crate::{Urls, open_backends};
use rethread_model::SystemClock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::{Lifecycle, bind};

async fn start(data: &std::path::Path) -> (Context, SocketAddr) {
    let at = |scheme: &str, name: &str| format!("{scheme}:{}", data.join(name).display());
    let urls = Urls {
        blobs: at("file", "blobs"),
        jobs: at("sqlite", "jobs.db"),
        queue: "memory:".to_owned(),
        comments: at("sqlite", "comments.db"),
    };
    let clock = Arc::new(SystemClock);
    let backends = open_backends(&urls, clock.clone()).await.unwrap();
    let context = Context::new(backends, clock, Lifecycle::new());
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_admin(listener, context.clone(), MetricsScope::Stores));
    (context, address)
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_process_is_ready_until_it_stops_and_alive_all_the_time() {
    let directory = tempfile::tempdir().unwrap();
    let (context, address) = start(directory.path()).await;
    let ready = get(address, "/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 200") && ready.ends_with("ready\n"), "{ready}");
    let metrics = get(address, "/metrics").await;
    for seam in ["blobs", "jobs", "queue", "comments"] {
        assert!(metrics.contains(&format!("rethread_seam_up{{seam=\"{seam}\"}} 1\n")), "{metrics}");
    }

    context.lifecycle.stop();
    let stopping = get(address, "/readyz").await;
    assert!(stopping.starts_with("HTTP/1.1 503") && stopping.ends_with("stopping\n"), "{stopping}");
    assert!(get(address, "/livez").await.starts_with("HTTP/1.1 200"));
    assert!(get(address, "/metrics").await.contains("rethread_stopping 1\n"));
}

#[tokio::test]
async fn a_seam_that_fails_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let (_context, address) = start(directory.path()).await;
    std::fs::remove_dir_all(directory.path().join("blobs")).unwrap();
    let answer = get(address, "/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\r\n\r\nblobs: "), "{answer}");
    assert!(get(address, "/metrics").await.contains("rethread_seam_up{seam=\"blobs\"} 0\n"));
}

/// Names in the first column of the metrics table.
fn documented() -> Vec<String> {
    const DOCUMENTATION: &str = include_str!("../../../../docs/telemetry.md");
    let table = DOCUMENTATION.split("## Metrics").nth(1).unwrap().split("## ").next().unwrap();
    let names = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_documented_metrics_are_those_that_are_shown() {
    let directory = tempfile::tempdir().unwrap();
    let (_context, address) = start(directory.path()).await;
    let shown = get(address, "/metrics").await;
    let families = shown.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let mut families: Vec<String> = families.map(str::to_owned).collect();
    families.sort();
    assert_eq!(families, documented());
}
