//! The dashboard as browsers get it from the gateway.

use reqwest::{Method, Response, StatusCode};

use super::harness::{Api, problem};

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn the_dashboard_has_a_policy_of_its_own_and_is_cached() {
    let api = Api::start().await;
    let page = api.request(Method::GET, "/").send().await.unwrap();
    assert_eq!((page.status(), header(&page, "content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert!(header(&page, "content-security-policy").contains("script-src 'self'"));
    assert_eq!(header(&page, "cache-control"), "no-cache");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff", "like all responses");
    let tag = header(&page, "etag").to_owned();
    let page = page.text().await.unwrap();
    let (_, script) = page.split_once("type=\"module\" src=\"").unwrap();
    let (script, _) = script.split_once('"').unwrap();
    let script = api.request(Method::GET, script).send().await.unwrap();
    assert_eq!((script.status(), header(&script, "content-type")), (StatusCode::OK, "text/javascript; charset=utf-8"));
    assert_eq!(header(&script, "cache-control"), "public, max-age=31536000, immutable");

    let again = api.request(Method::GET, "/").header("if-none-match", &tag).send().await.unwrap();
    assert_eq!((again.status(), header(&again, "etag")), (StatusCode::NOT_MODIFIED, tag.as_str()));
    let missing = api.request(Method::GET, "/assets/0123/missing.js").send().await.unwrap();
    assert_eq!(header(&missing, "cache-control"), "no-store");
    problem(missing, StatusCode::NOT_FOUND, "not-found").await;
}
