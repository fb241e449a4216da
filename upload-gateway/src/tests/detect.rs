//! Detection of the vendor by the beginning of a file.

use reqwest::{Method, StatusCode};
use rethread_model::Role;
use serde_json::{Value, json};

use super::harness::{Api, problem};

#[tokio::test]
async fn the_beginning_of_a_file_tells_whose_it_is_and_is_not_stored() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let detect = async |body: &[u8]| {
        let request = api.request(Method::POST, "/api/v1/detect?file_name=export.xml").bearer_auth(&admin);
        request.body(body.to_vec()).send().await.unwrap()
    };
    let answer = detect(b"<?xml version=\"1.0\"?><disqus xmlns=\"http://disqus.com\">").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let found: Value = answer.json().await.unwrap();
    let expected = json!({
        "vendor": "disqus", "evidence": "root element disqus", "sentence": "The file looks like an export of Disqus."
    });
    assert_eq!(found, expected);
    let other: Value = detect(b"%PDF-1.7").await.json().await.unwrap();
    assert_eq!((&other["vendor"], &other["evidence"]), (&Value::Null, &Value::Null));
    assert!(other["sentence"].as_str().unwrap().contains("a PDF document"), "{other}");
    assert_eq!(detect(b"").await.status(), StatusCode::OK);
    let mut most = b"{\"website\":{},\"comments\":[".to_vec();
    most.resize(64 << 10, b' ');
    assert_eq!(detect(&most).await.json::<Value>().await.unwrap()["vendor"], "hyvor");
    most.push(b' ');
    problem(detect(&most).await, StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large").await;

    assert_eq!(api.jobs().await, []);
    assert_eq!(api.uploads().await, []);
    let stranger = api.request(Method::POST, "/api/v1/detect").body("x").send().await.unwrap();
    problem(stranger, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    let operator = api.token("acme", Role::Operator).await;
    let refused = api.request(Method::POST, "/api/v1/detect").bearer_auth(operator).body("x").send().await.unwrap();
    problem(refused, StatusCode::FORBIDDEN, "forbidden").await;
}
