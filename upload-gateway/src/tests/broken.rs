//! Uploads that are interrupted.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use rethread_model::{JobId, TaskKind};
use rethread_runtime::GatewayConfig;

use super::harness::{Api, problem};
use super::wire::Wire;

/// Waits until an upload has its object, and returns its job.
async fn under_way(api: &Api) -> JobId {
    loop {
        if let [(_, id)] = api.uploads().await[..] {
            return id;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing_that_looks_alive() {
    for headers in ["content-length: 1000\r\n", "transfer-encoding: chunked\r\n"] {
        let mut api = Api::start().await;
        let admin = api.admin().await;
        let mut wire = Wire::begin(api.address, &admin, headers).await;
        wire.chunk().await.unwrap();
        let id = under_way(&api).await;
        drop(wire);
        assert_eq!(api.task().await, (id, TaskKind::Finish));
        let job = api.assert_cleared(id).await;
        assert_eq!(job.error.unwrap().code, "upload_broken");
        api.stop().await;
    }
}

#[tokio::test]
async fn a_file_that_turns_out_too_large_is_refused_and_cleared_away() {
    let mut api = Api::start_with(GatewayConfig { max_upload_bytes: 1_000_000, ..GatewayConfig::default() }).await;
    let admin = api.admin().await;
    let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 100_000])).take(200);
    let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let response = api.request(Method::POST, "/api/v1/imports").bearer_auth(&admin).body(body).send().await.unwrap();
    problem(response, StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large").await;
    let (id, kind) = api.task().await;
    assert_eq!(kind, TaskKind::Finish);
    let error = api.assert_cleared(id).await.error.unwrap();
    assert!(error.message.contains("larger than the 1000000 bytes"), "{error:?}");
}

#[tokio::test]
async fn a_client_that_falls_silent_is_cut() {
    let patience = Duration::from_millis(100);
    let mut api = Api::start_with(GatewayConfig { body_idle_timeout: patience, ..GatewayConfig::default() }).await;
    let wire = Wire::chunked(api.address, &api.admin().await).await;
    let (id, kind) = api.task().await;
    assert_eq!(kind, TaskKind::Finish);
    api.assert_cleared(id).await;
    let answer = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn a_client_that_drips_is_cut() {
    let patience = Duration::from_millis(300);
    let mut api = Api::start_with(GatewayConfig { body_idle_timeout: patience, ..GatewayConfig::default() }).await;
    let mut wire = Wire::begin(api.address, &api.admin().await, "transfer-encoding: chunked\r\n").await;
    let begun = std::time::Instant::now();
    // The pauses stay below the idle timeout.
    while wire.chunk().await.is_ok() && begun.elapsed() < Duration::from_secs(30) {
        if let Ok(end) = tokio::time::timeout(Duration::from_millis(30), wire.0.readable()).await {
            end.unwrap();
            break;
        }
    }
    let answer = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("problem:upload-idle"), "{answer}");
    let (id, kind) = api.task().await;
    assert_eq!(kind, TaskKind::Finish);
    api.assert_cleared(id).await;
}

#[tokio::test]
async fn an_upload_that_is_cancelled_stops() {
    let mut api = Api::start().await;
    let admin = api.admin().await;
    let wire = Wire::chunked(api.address, &admin).await;
    let id = under_way(&api).await;
    let cancelled = api.post(&format!("/api/v1/jobs/{id}/cancel"), &admin).await;
    assert_eq!(cancelled.status(), StatusCode::ACCEPTED);
    assert_eq!(api.task().await, (id, TaskKind::Finish), "so that a worker ends the job");

    // The client keeps sending until it gets a response.
    let (mut from_server, mut to_server) = wire.0.into_split();
    let sending = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while to_server.write_all(b"5\r\nhello\r\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
    let mut status_line = [0; 13];
    tokio::io::AsyncReadExt::read_exact(&mut from_server, &mut status_line).await.unwrap();
    assert_eq!(&status_line, b"HTTP/1.1 409 ");
    sending.abort();
    let job = api.assert_cleared(id).await;
    assert!(job.cancel_requested);
    assert_eq!(job.error, None, "it does not fail as well");
}
