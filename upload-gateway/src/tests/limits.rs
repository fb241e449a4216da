//! Limits that protect the server, and its callers from each other.

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Method, Response, StatusCode};
use rethread_runtime::GatewayConfig;
use serde_json::{Value, json};

use super::harness::{Api, problem, unhurried};

/// Sends requests until one is rejected by a rate limit. Returns how many passed, and
/// the rejection.
async fn until_refused(mut ask: impl AsyncFnMut() -> Response) -> (usize, Response) {
    for count in 0..100 {
        let response = ask().await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            return (count, response);
        }
    }
    panic!("a hundred requests were let through");
}

async fn assert_tells_when_to_come_again(refused: Response) {
    let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    problem(refused, StatusCode::TOO_MANY_REQUESTS, "too-many-requests").await;
}

#[tokio::test]
async fn a_token_has_its_rate_and_others_are_served() {
    let api = Api::start_with(GatewayConfig { rate_per_token: 20, ..unhurried() }).await;
    let (busy, other) = (api.admin().await, api.admin().await);
    let (passed, refused) = until_refused(async || api.get("/api/v1/jobs", &busy).await).await;
    assert!((20..=22).contains(&passed), "the first one is let in by its credentials: {passed}");
    assert_tells_when_to_come_again(refused).await;
    let upload = api.request(Method::POST, "/api/v1/imports").bearer_auth(&busy).body("x").send().await.unwrap();
    problem(upload, StatusCode::TOO_MANY_REQUESTS, "too-many-requests").await;
    assert_eq!(api.get("/api/v1/jobs", &other).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_address_has_its_rate_and_proxies_bring_many() {
    let trusted_proxies = serde_json::from_str("\"127.0.0.0/8\"").unwrap();
    let api = Api::start_with(GatewayConfig { rate_per_address: 10, trusted_proxies, ..unhurried() }).await;
    let ask = async |client: &str| {
        let request = api.request(Method::GET, "/nowhere").header("x-forwarded-for", client);
        request.send().await.unwrap()
    };
    let (passed, refused) = until_refused(async || ask("198.51.100.1").await).await;
    assert!((10..=11).contains(&passed), "{passed}");
    assert_tells_when_to_come_again(refused).await;
    assert_eq!(ask("203.0.113.9, 198.51.100.1").await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask("198.51.100.1, 203.0.113.9").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_untrusted_caller_cannot_choose_its_address() {
    let api = Api::start_with(GatewayConfig { rate_per_address: 10, ..unhurried() }).await;
    let mut number = 0;
    let (passed, _) = until_refused(async || {
        number += 1;
        let forwarded = format!("198.51.100.{number}");
        api.request(Method::GET, "/nowhere").header("x-forwarded-for", forwarded).send().await.unwrap()
    })
    .await;
    assert!((10..=11).contains(&passed), "{passed}");
}

#[tokio::test]
async fn guesses_are_few_and_do_not_lock_out_who_is_in() {
    let api = Api::start_with(GatewayConfig { sign_ins_per_address: 5, ..unhurried() }).await;
    let admin = api.admin().await;
    assert_eq!(api.get("/api/v1/jobs", &admin).await.status(), StatusCode::OK);
    let mut guess = 0;
    let (passed, refused) = until_refused(async || {
        guess += 1;
        api.get("/api/v1/jobs", &format!("rt_0123456789abcdef_guess{guess}")).await
    })
    .await;
    assert_eq!(passed, 4, "one was the admin's first");
    assert_tells_when_to_come_again(refused).await;
    let sign_in = api.request(Method::POST, "/api/v1/session").body("{}").send().await.unwrap();
    problem(sign_in, StatusCode::TOO_MANY_REQUESTS, "too-many-requests").await;
    assert_eq!(api.get("/api/v1/jobs", &admin).await.status(), StatusCode::OK);
    assert_eq!(api.request(Method::GET, "/api/v1/jobs").send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_answer_protects_who_looks_at_it() {
    let api = Api::start().await;
    let admin = api.admin().await;
    for path in ["/api/v1/jobs", "/api/v1/jobs/nonsense", "/nowhere", "/"] {
        let response = api.get(path, &admin).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(response.headers()[name], value, "{path}");
        }
        assert!(response.headers()["permissions-policy"].to_str().unwrap().contains("camera=()"), "{path}");
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(
            !response.headers().contains_key("strict-transport-security"),
            "without TLS it would lock browsers out"
        );
    }
}

/// An admin at the dashboard within a minute: pages are opened and left open, and a file of 4 GB is
/// uploaded as fast as a disk reads.
#[tokio::test]
async fn the_dashboard_does_not_meet_the_rates_that_hold_by_default() {
    const PIECES: usize = 500;
    let api = Api::start_with(GatewayConfig::default()).await;
    let opened = api.request(Method::POST, "/api/v1/session").json(&json!({"token": api.admin().await}));
    let opened = opened.send().await.unwrap();
    let cookie = opened.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let session: Value = opened.json().await.unwrap();
    let csrf = session["csrf"].as_str().unwrap();
    let ask = |method: Method, path: &str| {
        let request = api.request(method, path).header(COOKIE, &cookie).header("x-csrf-token", csrf);
        request.header("tus-resumable", "1.0.0")
    };

    let mut streams = Vec::new();
    for _ in 0..20 {
        let page = ask(Method::GET, "/").send().await.unwrap().text().await.unwrap();
        let files = page.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned);
        let asked = ["/api/v1/session", "/api/v1/jobs?limit=20", "/api/v1/pages?limit=50", "/api/v1/jobs/events"];
        for path in asked.map(str::to_owned).into_iter().chain(files) {
            let answer = ask(Method::GET, &path).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            if path.ends_with("/events") {
                streams.push(answer);
            }
        }
    }

    let begun = ask(Method::POST, "/api/v1/uploads").header("upload-length", PIECES).send().await.unwrap();
    let upload = begun.headers()["location"].to_str().unwrap().to_owned();
    for offset in 0..PIECES {
        let piece = ask(Method::PATCH, &upload).header("content-type", "application/offset+octet-stream");
        let answer = piece.header("upload-offset", offset).body("x").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{offset}: {:?}", answer.text().await);
    }
    assert_eq!(streams.len(), 20, "they are open all the while");
}
