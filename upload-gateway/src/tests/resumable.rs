//! Files that are uploaded in several requests.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use rethread_model::{JobId, Phase, Role, TaskKind, Vendor};
use rethread_runtime::GatewayConfig;
use rethread_stores::BlobKey;
use serde_json::Value;

use super::harness::{Api, problem};
use super::tus::{Tus, id_of, offset_of};
use super::wire::Wire;

fn file(length: usize) -> Vec<u8> {
    (0..=255).cycle().take(length).collect()
}

#[tokio::test]
async fn a_file_comes_in_by_pieces_and_is_handed_to_the_workers() {
    let mut api = Api::start().await;
    let file = file(3_000_000);
    let id = {
        let tus = Tus::of_admin(&api).await;
        let metadata = "vendor ZGlzcXVz,dry_run dHJ1ZQ==,filename ZXhwb3J0LnhtbC5neg==";
        let request = tus.request(Method::POST, "uploads").header("upload-length", file.len());
        let created = request.header("upload-metadata", metadata).send().await.unwrap();
        assert_eq!((created.status(), offset_of(&created)), (StatusCode::CREATED, 0));
        assert!(created.headers()["upload-expires"].to_str().unwrap().ends_with(" GMT"));
        let id = id_of(&created);
        assert_eq!(api.json(&format!("/api/v1/jobs/{id}"), &tus.token).await["phase"], "uploading");

        let mut offset = 0;
        for end in [1, 1, 1_000_000, 2_999_999] {
            assert_eq!(tus.send(id, offset, &file[offset..end]).await, end);
            offset = end;
            let head = tus.head(id).await;
            assert_eq!((head.status(), offset_of(&head)), (StatusCode::OK, end));
            assert_eq!(head.headers()["upload-length"], "3000000");
            assert_eq!(head.headers()["upload-metadata"], metadata);
            assert_eq!(head.headers()["tus-resumable"], "1.0.0");
            assert_eq!(head.headers()["cache-control"], "no-store");
            assert!(head.headers().contains_key("upload-expires"));
        }
        let last = tus.patch(id, offset).body(file[offset..].to_vec()).send().await.unwrap();
        assert_eq!((last.status(), offset_of(&last)), (StatusCode::NO_CONTENT, file.len()));
        assert!(!last.headers().contains_key("upload-expires"), "it is the job's now");
        assert_eq!(tus.offset(id).await, file.len(), "who missed the answer sees it");
        assert!(tus.stored(id).await == file, "the stored file differs");
        let more = tus.patch(id, file.len()).body("x").send().await.unwrap();
        problem(more, StatusCode::CONFLICT, "job-state").await;
        assert_eq!(tus.delete(id).await, StatusCode::CONFLICT, "a job is cancelled instead");
        id
    };
    assert_eq!(api.task().await, (id, TaskKind::Plan));
    let job = api.stored(id).await;
    let options = job.import().unwrap();
    assert_eq!((job.phase, options.vendor, options.dry_run), (Phase::Planning, Some(Vendor::Disqus), true));
    assert_eq!(job.file_name.as_deref(), Some("export.xml.gz"));
    assert_eq!((job.account.as_str(), job.started_by.as_str()), ("acme", "ann"));
    assert_eq!((job.progress.bytes_stored, job.sha256), (3_000_000, None));
}

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

/// Waits until a gateway has stored `bytes` bytes of an upload.
async fn has_stored(api: &Api, id: JobId, bytes: u64) {
    let account = api.stored(id).await.account;
    let key = BlobKey::Upload(account, id);
    while api.context.backends.blobs.resume(&key).await.unwrap().offset() < bytes {
        tokio::task::yield_now().await;
    }
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
