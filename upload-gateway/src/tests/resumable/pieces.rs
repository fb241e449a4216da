//! Pieces that do not fit, or break off.

use reqwest::{Method, StatusCode};
use rethread_model::{Role, TaskKind};
use serde_json::Value;

use super::has_stored;
use crate::tests::harness::{Api, problem};
use crate::tests::tus::{Tus, offset_of};
use crate::tests::wire::Wire;

#[tokio::test]
async fn a_piece_that_does_not_fit_changes_nothing() {
    let api = Api::start().await;
    let tus = Tus::of_admin(&api).await;
    let id = tus.create(10).await;
    assert_eq!(tus.send(id, 0, b"hello").await, 5);

    for offset in [0, 4, 6] {
        let wrong = tus.patch(id, offset).body("wor").send().await.unwrap();
        problem(wrong, StatusCode::CONFLICT, "upload-offset").await;
    }
    let long = tus.patch(id, 5).body("world!").send().await.unwrap();
    problem(long, StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large").await;
    let path = format!("uploads/{id}");
    let form = tus.request(Method::PATCH, &path).header("upload-offset", 5).body("world").send().await.unwrap();
    problem(form, StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-a-file").await;
    let nowhere = tus.request(Method::PATCH, &path).header("content-type", "application/offset+octet-stream");
    let nowhere = nowhere.body("world").send().await.unwrap();
    assert_eq!(problem(nowhere, StatusCode::BAD_REQUEST, "invalid-parameter").await["parameter"], "upload-offset");
    for checksum in ["crc32 AAAA", "sha1 AAAA", "sha1"] {
        let unknown = tus.patch(id, 5).header("upload-checksum", checksum).body("world").send().await.unwrap();
        problem(unknown, StatusCode::BAD_REQUEST, "invalid-parameter").await;
    }
    assert_eq!(tus.offset(id).await, 5);

    let other = Tus { api: &api, token: api.token("globex", Role::Admin).await };
    assert_eq!(other.head(id).await.status(), StatusCode::NOT_FOUND, "another account's upload is none");
    problem(other.patch(id, 5).body("w").send().await.unwrap(), StatusCode::NOT_FOUND, "not-found").await;
    assert_eq!(other.delete(id).await, StatusCode::NOT_FOUND);
    let plain = api.job().await;
    assert_eq!(tus.head(plain.id).await.status(), StatusCode::NOT_FOUND, "a file that comes in one piece is none");
    let read = tus.request(Method::GET, &path).send().await.unwrap();
    problem(read, StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed").await;
    assert_eq!(tus.offset(id).await, 5);
}

#[tokio::test]
async fn nothing_is_kept_of_a_piece_with_the_wrong_checksum() {
    let mut api = Api::start().await;
    let id = {
        let tus = Tus::of_admin(&api).await;
        let id = tus.create(10).await;
        let send = |offset: usize, checksum: &str, body: &'static str| {
            tus.patch(id, offset).header("upload-checksum", checksum).body(body).send()
        };
        // SHA-1 and SHA-256 of "hello", SHA-1 of "world".
        let sha1 = "sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=";
        let sha256 = "sha256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        let world = "sha1 fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=";
        let wrong = send(0, sha256, "jello").await.unwrap();
        problem(wrong, StatusCode::from_u16(460).unwrap(), "checksum-mismatch").await;
        assert_eq!(tus.offset(id).await, 0);
        assert_eq!(offset_of(&send(0, sha256, "hello").await.unwrap()), 5);
        let wrong = send(5, sha1, "world").await.unwrap();
        problem(wrong, StatusCode::from_u16(460).unwrap(), "checksum-mismatch").await;
        assert_eq!(tus.offset(id).await, 5);

        // An interrupted piece cannot be verified.
        let headers = format!("{}upload-checksum: {world}\r\n", Tus::head_of_patch(5));
        let mut wire = Wire::request(api.address, &format!("PATCH /api/v1/uploads/{id}"), &tus.token, &headers).await;
        wire.send(b"3\r\nwor\r\n").await;
        drop(wire);
        assert_eq!(tus.offset(id).await, 5);
        let last = send(5, world, "world").await.unwrap();
        assert_eq!((last.status(), offset_of(&last)), (StatusCode::NO_CONTENT, 10));
        assert_eq!(tus.stored(id).await, b"helloworld");
        id
    };
    assert_eq!(api.task().await, (id, TaskKind::Plan));
}

#[tokio::test]
async fn what_arrived_before_a_connection_broke_is_kept() {
    let mut api = Api::start().await;
    let id = {
        let tus = Tus::of_admin(&api).await;
        let id = tus.create(10).await;
        let line = format!("PATCH /api/v1/uploads/{id}");
        let mut wire = Wire::request(api.address, &line, &tus.token, &Tus::head_of_patch(0)).await;
        wire.chunk().await.unwrap();
        has_stored(&api, id, 5).await;
        drop(wire);
        assert_eq!(tus.offset(id).await, 5);
        assert_eq!(tus.send(id, 5, b"world").await, 10);
        assert_eq!(tus.stored(id).await, b"helloworld");
        id
    };
    assert_eq!(api.task().await, (id, TaskKind::Plan));
}

#[tokio::test]
async fn a_method_may_come_in_disguise() {
    let api = Api::start().await;
    let tus = Tus::of_admin(&api).await;
    let id = tus.create(10).await;
    let disguised = |method: &str| {
        let request = tus.request(Method::POST, &format!("uploads/{id}")).header("x-http-method-override", method);
        request.header("upload-offset", 0).header("content-type", "application/offset+octet-stream")
    };
    let patched = disguised("PATCH").body("hello").send().await.unwrap();
    assert_eq!((patched.status(), offset_of(&patched)), (StatusCode::NO_CONTENT, 5));
    assert_eq!(offset_of(&disguised("HEAD").send().await.unwrap()), 5);
    let refused: Value =
        problem(disguised("GET").send().await.unwrap(), StatusCode::BAD_REQUEST, "invalid-parameter").await;
    assert_eq!(refused["parameter"], "x-http-method-override");
    assert_eq!(disguised("DELETE").send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(tus.head(id).await.status(), StatusCode::GONE);
}
