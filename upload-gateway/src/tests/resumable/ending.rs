//! Uploads that are not wanted any more.

use std::time::Duration;

use reqwest::StatusCode;
use rethread_model::TaskKind;

use super::has_stored;
use crate::tests::harness::{Api, problem};
use crate::tests::tus::Tus;
use crate::tests::wire::Wire;

#[tokio::test]
async fn an_upload_that_is_not_wanted_any_more_goes() {
    let mut api = Api::start().await;
    let id = {
        let tus = Tus::of_admin(&api).await;
        let id = tus.create(10).await;
        assert_eq!(tus.send(id, 0, b"hello").await, 5);
        assert_eq!(tus.delete(id).await, StatusCode::NO_CONTENT);
        assert_eq!(tus.head(id).await.status(), StatusCode::GONE);
        problem(tus.patch(id, 5).body("world").send().await.unwrap(), StatusCode::GONE, "upload-gone").await;
        assert_eq!(tus.delete(id).await, StatusCode::GONE);
        id
    };
    assert_eq!(api.task().await, (id, TaskKind::Finish));
    assert!(api.assert_cleared(id).await.cancel_requested);
}

#[tokio::test]
async fn an_upload_that_is_cancelled_while_a_piece_comes_in_goes() {
    let mut api = Api::start().await;
    let tus = Tus::of_admin(&api).await;
    let id = tus.create(1_000_000).await;
    let line = format!("PATCH /api/v1/uploads/{id}");
    let wire = Wire::request(api.address, &line, &tus.token, &Tus::head_of_patch(0)).await;
    let (mut from_server, mut to_server) = wire.0.into_split();
    let sending = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while to_server.write_all(b"5\r\nhello\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    has_stored(&api, id, 5).await;
    let cancelled = api.post(&format!("/api/v1/jobs/{id}/cancel"), &tus.token).await;
    assert_eq!(cancelled.status(), StatusCode::ACCEPTED);
    let mut status_line = [0; 13];
    tokio::io::AsyncReadExt::read_exact(&mut from_server, &mut status_line).await.unwrap();
    assert_eq!(&status_line, b"HTTP/1.1 410 ");
    sending.abort();
    assert_eq!(api.task().await, (id, TaskKind::Finish));
    api.assert_cleared(id).await;
}
