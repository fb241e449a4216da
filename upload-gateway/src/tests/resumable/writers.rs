//! Who may write an upload, and who takes over.

use reqwest::StatusCode;
use rethread_model::TaskKind;
use rethread_runtime::GatewayConfig;
use rethread_stores::BlobKey;

use super::has_stored;
use crate::tests::harness::{Api, problem};
use crate::tests::tus::{Tus, offset_of};
use crate::tests::wire::Wire;

#[tokio::test]
async fn one_request_at_a_time_writes_whichever_gateway_it_comes_to() {
    let api = Api::start().await;
    let tus = Tus::of_admin(&api).await;
    let elsewhere = api.another(GatewayConfig::default()).await;
    let id = tus.create(15).await;
    let line = format!("PATCH /api/v1/uploads/{id}");
    let mut first = Wire::request(api.address, &line, &tus.token, &Tus::head_of_patch(0)).await;
    first.chunk().await.unwrap();
    has_stored(&api, id, 5).await;
    let second = tus.patch_at(elsewhere, id, 5, b"world").await;
    assert!(second.headers().contains_key("retry-after"));
    problem(second, StatusCode::LOCKED, "upload-locked").await;
    first.chunk().await.unwrap();
    first.send(b"0\r\n\r\n").await;
    let answer = first.answer().await;
    assert!(answer.starts_with("HTTP/1.1 204 ") && answer.contains("upload-offset: 10\r\n"), "{answer}");
    let last = tus.patch_at(elsewhere, id, 10, b"world").await;
    assert_eq!((last.status(), offset_of(&last)), (StatusCode::NO_CONTENT, 15));
    assert_eq!(tus.stored(id).await, b"hellohelloworld");
}

#[tokio::test]
async fn a_connection_that_is_dead_does_not_keep_the_upload() {
    let api = Api::start().await;
    let tus = Tus::of_admin(&api).await;
    let elsewhere = api.another(GatewayConfig::default()).await;
    let id = tus.create(15).await;
    let line = format!("PATCH /api/v1/uploads/{id}");
    let mut silent = Wire::request(api.address, &line, &tus.token, &Tus::head_of_patch(0)).await;
    silent.chunk().await.unwrap();
    has_stored(&api, id, 5).await;
    let taken_over = loop {
        let answer = tus.patch_at(elsewhere, id, 5, b"world").await;
        if answer.status() != StatusCode::LOCKED {
            break answer;
        }
    };
    assert_eq!((taken_over.status(), offset_of(&taken_over)), (StatusCode::NO_CONTENT, 10));
    silent.chunk().await.unwrap();
    let answer = silent.answer().await;
    assert!(answer.starts_with("HTTP/1.1 423 "), "{answer}");
    assert_eq!(tus.offset(id).await, 10, "nothing more of the one that was taken for dead");
    assert_eq!(tus.send(id, 10, b"again").await, 15);
    assert_eq!(tus.stored(id).await, b"helloworldagain");
}

#[tokio::test]
async fn a_file_whose_receiver_died_at_the_end_is_handed_over_by_who_asks() {
    let mut api = Api::start().await;
    let id = {
        let tus = Tus::of_admin(&api).await;
        let id = tus.create(5).await;
        let key = BlobKey::Upload(api.stored(id).await.account, id);
        let mut writer = api.context.backends.blobs.resume(&key).await.unwrap();
        writer.write("hello".into()).await.unwrap();
        writer.suspend().await.unwrap();
        assert_eq!(tus.offset(id).await, 5);
        id
    };
    assert_eq!(api.task().await, (id, TaskKind::Plan));
    assert!(api.stored(id).await.is_received());
}

#[tokio::test]
async fn a_gateway_that_is_stopped_keeps_what_has_arrived() {
    let api = Api::start().await;
    let tus = Tus::of_admin(&api).await;
    let id = tus.create(10).await;
    let line = format!("PATCH /api/v1/uploads/{id}");
    let mut wire = Wire::request(api.address, &line, &tus.token, &Tus::head_of_patch(0)).await;
    wire.chunk().await.unwrap();
    has_stored(&api, id, 5).await;
    api.context.lifecycle.stop();
    let answer = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let job = api.stored(id).await;
    assert_eq!(job.upload_writer(api.context.clock.now()), None, "another gateway can go on at once");
    let key = BlobKey::Upload(job.account, id);
    assert_eq!(api.context.backends.blobs.resume(&key).await.unwrap().offset(), 5);
    api.stop().await;
}
