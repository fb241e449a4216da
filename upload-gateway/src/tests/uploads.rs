use reqwest::{Method, StatusCode};
use rethread_model::{Phase, Role, TaskKind, Vendor};
use rethread_runtime::GatewayConfig;
use rethread_stores::BlobKey;
use serde_json::Value;

use super::harness::{Api, problem};
use super::wire::Wire;

#[tokio::test]
async fn a_file_is_stored_as_it_is_and_handed_to_the_workers() {
    let mut api = Api::start().await;
    let admin = api.admin().await;
    let file = (0..=255).cycle().take(3_000_000).collect::<Vec<u8>>();

    let path = "/api/v1/imports?vendor=disqus&dry_run=true&file_name=old/export.xml.gz";
    let chunks = file.chunks(100_000).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
    let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let response = api.request(Method::POST, path).bearer_auth(&admin).body(body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let mut answer: Value = response.json().await.unwrap();
    assert_eq!(answer["queue_place"].take(), Value::Null, "it is not looked up where a job is changed");

    let (id, kind) = api.task().await;
    assert_eq!(kind, TaskKind::Plan);
    let job = api.stored(id).await;
    assert_eq!(location, format!("/api/v1/jobs/{id}"));
    assert_eq!((job.account.as_str(), job.started_by.as_str()), ("acme", "ann"));
    let options = job.import().unwrap();
    assert_eq!((job.phase, options.vendor, options.dry_run), (Phase::Planning, Some(Vendor::Disqus), true));
    assert_eq!(job.file_name.as_deref(), Some("export.xml.gz"));
    assert_eq!(job.sha256.as_deref(), Some("1913233a0a87fe912497ee543021c40adc5d414614fc76fdff3e0c08b6a1d981"));
    let stored = api.context.backends.blobs.read(&BlobKey::Upload(job.account.clone(), id), 0..u64::MAX).await.unwrap();
    assert!(stored == file, "the stored file differs");
    let mut shown = api.json(&location, &admin).await;
    assert_eq!(shown["queue_place"].take(), 0);
    assert_eq!(answer, shown, "both answers have one shape");
    assert_eq!(answer["progress"]["bytes_stored"], 3_000_000);
    assert_eq!(answer["timeline"][1]["event"], "uploaded");
}

#[tokio::test]
async fn what_is_no_upload_makes_no_job() {
    let api = Api::start_with(GatewayConfig { max_upload_bytes: 100, ..GatewayConfig::default() }).await;
    let admin = api.admin().await;
    let post = |query: &str| api.request(Method::POST, &format!("/api/v1/imports?{query}")).bearer_auth(&admin);

    let empty = post("").body(String::new()).send().await.unwrap();
    problem(empty, StatusCode::BAD_REQUEST, "empty-upload").await;
    let no_chunks = reqwest::Body::wrap_stream(futures::stream::empty::<Result<Vec<u8>, std::io::Error>>());
    let empty_stream = post("").body(no_chunks).send().await.unwrap();
    problem(empty_stream, StatusCode::BAD_REQUEST, "empty-upload").await;
    let form = post("").header("content-type", "multipart/form-data; boundary=x").body("--x--").send().await.unwrap();
    problem(form, StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-a-file").await;
    let announced = post("").body("x".repeat(101)).send().await.unwrap();
    problem(announced, StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large").await;
    for (query, name) in [("vendor=myspace", "vendor"), ("time_zone=Mars", "time_zone"), ("account=globex", "account")]
    {
        let refused =
            problem(post(query).body("x").send().await.unwrap(), StatusCode::BAD_REQUEST, "invalid-parameter");
        assert_eq!(refused.await["parameter"], name);
    }
    let operator = api.token("acme", Role::Operator).await;
    let refused = api.request(Method::POST, "/api/v1/imports").bearer_auth(operator).body("x").send().await.unwrap();
    problem(refused, StatusCode::FORBIDDEN, "forbidden").await;

    assert_eq!(api.jobs().await, []);
    assert_eq!(api.uploads().await, []);
}

#[tokio::test]
async fn an_account_has_a_number_of_uploads_at_the_same_time() {
    let api = Api::start_with(GatewayConfig { max_uploads_per_account: 1, ..GatewayConfig::default() }).await;
    let admin = api.admin().await;
    let expects = "expect: 100-continue\r\ntransfer-encoding: chunked\r\n";
    let mut first = Wire::begin(api.address, &admin, expects).await;
    assert!(first.head().await.starts_with("HTTP/1.1 100 "), "the body is asked for once the slot is taken");

    let upload =
        async |token: &str| api.request(Method::POST, "/api/v1/imports").bearer_auth(token).body("x").send().await;
    let second = upload(&admin).await.unwrap();
    assert!(second.headers().contains_key("retry-after"));
    problem(second, StatusCode::TOO_MANY_REQUESTS, "too-many-uploads").await;
    let other = api.token("globex", Role::Admin).await;
    assert_eq!(upload(&other).await.unwrap().status(), StatusCode::ACCEPTED);

    first.send(b"5\r\nhello\r\n0\r\n\r\n").await;
    assert!(first.answer().await.starts_with("HTTP/1.1 202 "));
    assert_eq!(upload(&admin).await.unwrap().status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_client_that_waits_for_a_word_need_not_send_in_vain() {
    let api = Api::start().await;
    let expects = "expect: 100-continue\r\ncontent-length: 1000000\r\n";
    let wire = Wire::begin(api.address, "rt_0123456789abcdef_nonsense", expects).await;
    let answer = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert_eq!(api.jobs().await, []);
}
