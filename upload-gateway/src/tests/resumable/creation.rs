//! Creating an upload, and what is refused.

use reqwest::{Method, StatusCode};
use rethread_model::{Role, TaskKind};
use rethread_runtime::GatewayConfig;

use crate::tests::harness::{Api, problem};
use crate::tests::tus::{Tus, id_of, offset_of};

#[tokio::test]
async fn the_first_piece_may_come_with_the_creation() {
    let mut api = Api::start().await;
    let (whole, begun) = {
        let tus = Tus::of_admin(&api).await;
        let create = |length: usize, body: &'static str| {
            let request = tus.request(Method::POST, "uploads").header("upload-length", length);
            request.header("content-type", "application/offset+octet-stream").body(body)
        };
        let whole = create(5, "hello").send().await.unwrap();
        assert_eq!((whole.status(), offset_of(&whole)), (StatusCode::CREATED, 5));
        let begun = create(7, "hello").send().await.unwrap();
        assert_eq!((begun.status(), offset_of(&begun)), (StatusCode::CREATED, 5));
        let wrong = create(7, "hello").header("upload-checksum", "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=").send();
        let refused = wrong.await.unwrap();
        assert_eq!(refused.status().as_u16(), 460);
        let begun = id_of(&begun);
        assert_eq!(tus.send(begun, 5, b"!!").await, 7);
        (id_of(&whole), begun)
    };
    assert_eq!(api.task().await, (whole, TaskKind::Plan));
    let (refused, kind) = api.task().await;
    assert_eq!(kind, TaskKind::Finish, "an upload whose name nobody knows is ended");
    assert!(api.stored(refused).await.stopping);
    assert_eq!(api.task().await, (begun, TaskKind::Plan));
    let mut stored = api.uploads().await;
    stored.sort_by_key(|(_, id)| *id);
    assert_eq!(stored.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), [whole, begun]);
}

#[tokio::test]
async fn what_is_no_upload_makes_no_job() {
    let api = Api::start_with(GatewayConfig { max_upload_bytes: 100, ..GatewayConfig::default() }).await;
    let tus = Tus::of_admin(&api).await;
    let post = || tus.request(Method::POST, "uploads");
    let none = post().send().await.unwrap();
    assert_eq!(problem(none, StatusCode::BAD_REQUEST, "invalid-parameter").await["parameter"], "upload-length");
    let deferred = post().header("upload-defer-length", "1").send().await.unwrap();
    let deferred = problem(deferred, StatusCode::BAD_REQUEST, "invalid-parameter").await;
    assert_eq!(deferred["parameter"], "upload-defer-length");
    let empty = post().header("upload-length", 0).send().await.unwrap();
    problem(empty, StatusCode::BAD_REQUEST, "empty-upload").await;
    let large = post().header("upload-length", 101).send().await.unwrap();
    assert_eq!(large.headers()["tus-resumable"], "1.0.0", "errors say it too");
    problem(large, StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large").await;
    let metadata = post().header("upload-length", 5).header("upload-metadata", "vendor bXlzcGFjZQ==");
    let metadata = problem(metadata.send().await.unwrap(), StatusCode::BAD_REQUEST, "invalid-parameter").await;
    assert_eq!(metadata["parameter"], "vendor");
    let form = post().header("upload-length", 5).body("hello").send().await.unwrap();
    problem(form, StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-a-file").await;
    let query = tus.request(Method::POST, "uploads?vendor=disqus").header("upload-length", 5).send().await.unwrap();
    problem(query, StatusCode::BAD_REQUEST, "invalid-parameter").await;

    let old = api.request(Method::POST, "/api/v1/uploads").bearer_auth(&tus.token).header("upload-length", 5);
    for request in [old.try_clone().unwrap(), old.header("tus-resumable", "0.2.2")] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["tus-version"], "1.0.0");
        problem(answer, StatusCode::PRECONDITION_FAILED, "tus-version").await;
    }
    let stranger = api.request(Method::POST, "/api/v1/uploads").send().await.unwrap();
    problem(stranger, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    let operator = Tus { api: &api, token: api.token("acme", Role::Operator).await };
    let refused = operator.request(Method::POST, "uploads").header("upload-length", 5).send().await.unwrap();
    problem(refused, StatusCode::FORBIDDEN, "forbidden").await;
    assert_eq!(api.jobs().await, []);
}

#[tokio::test]
async fn a_client_learns_what_there_is() {
    let api = Api::start_with(GatewayConfig { max_upload_bytes: 1000, ..GatewayConfig::default() }).await;
    for path in ["/api/v1/uploads", "/api/v1/uploads/any"] {
        let answer = api.request(Method::OPTIONS, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let said = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((said("tus-resumable"), said("tus-version")), ("1.0.0".to_owned(), "1.0.0".to_owned()));
        assert_eq!(said("tus-extension"), "creation,creation-with-upload,expiration,termination,checksum");
        assert_eq!(said("tus-max-size"), "1000");
        assert_eq!(said("tus-checksum-algorithm"), "sha1,sha256,sha512");
    }
}
