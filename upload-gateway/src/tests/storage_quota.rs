//! Limits on how much of an account's files is stored at the same time.

use reqwest::{Method, StatusCode};
use rethread_model::{JobId, Role};
use rethread_runtime::GatewayConfig;

use super::harness::{Api, problem};
use super::tus::Tus;

async fn import(api: &Api, token: &str, bytes: usize) -> reqwest::Response {
    let body = "x".repeat(bytes);
    api.request(Method::POST, "/api/v1/imports").bearer_auth(token).body(body).send().await.unwrap()
}

#[tokio::test]
async fn an_account_has_room_for_so_many_bytes_whatever_way_they_come() {
    let api = Api::start_with(GatewayConfig { max_stored_bytes_per_account: 100, ..GatewayConfig::default() }).await;
    let tus = Tus::of_admin(&api).await;
    problem(import(&api, &tus.token, 101).await, StatusCode::PAYLOAD_TOO_LARGE, "too-much-stored").await;
    let large = tus.request(Method::POST, "uploads").header("upload-length", 101).send().await.unwrap();
    problem(large, StatusCode::PAYLOAD_TOO_LARGE, "too-much-stored").await;

    // Announced bytes count before they arrive.
    let resumable = tus.create(60).await;
    let waiting = import(&api, &tus.token, 41).await;
    assert!(waiting.headers().contains_key("retry-after"));
    let refused = problem(waiting, StatusCode::TOO_MANY_REQUESTS, "too-much-stored").await;
    assert!(refused["detail"].as_str().unwrap().contains("as it may (100)"), "{refused}");
    let accepted = import(&api, &tus.token, 40).await;
    assert_eq!(accepted.status(), StatusCode::ACCEPTED);
    let accepted: serde_json::Value = accepted.json().await.unwrap();
    let full = tus.request(Method::POST, "uploads").header("upload-length", 1).send().await.unwrap();
    problem(full, StatusCode::TOO_MANY_REQUESTS, "too-much-stored").await;
    let other = api.token("globex", Role::Admin).await;
    assert_eq!(import(&api, &other, 100).await.status(), StatusCode::ACCEPTED, "each account has its own");

    // The upload that has reserved its space continues, and imported files free theirs.
    assert_eq!(tus.send(resumable, 0, &[b'x'; 60]).await, 60);
    let imported: JobId = accepted["id"].as_str().unwrap().parse().unwrap();
    let imported = api.stored(imported).await;
    api.end(&imported).await;
    tus.create(40).await;
}

#[tokio::test]
async fn a_file_of_unknown_size_is_cut_where_the_room_ends() {
    let api =
        Api::start_with(GatewayConfig { max_stored_bytes_per_account: 1_000_000, ..GatewayConfig::default() }).await;
    let admin = api.admin().await;
    let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 100_000])).take(200);
    let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let response = api.request(Method::POST, "/api/v1/imports").bearer_auth(&admin).body(body).send().await.unwrap();
    problem(response, StatusCode::TOO_MANY_REQUESTS, "too-much-stored").await;
}
