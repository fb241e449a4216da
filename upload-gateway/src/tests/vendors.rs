//! The list of vendors.

use reqwest::{Method, StatusCode};
use rethread_model::{Role, Vendor};
use serde_json::{Value, json};

use super::harness::{Api, problem};

#[tokio::test]
async fn a_program_learns_the_vendors_and_their_questions() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let ask = |token: &str, path: &str| api.request(Method::GET, path).bearer_auth(token).send();
    let answer = ask(&admin, "/api/v1/vendors").await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let answer: Value = answer.json().await.unwrap();
    let vendors = answer["vendors"].as_array().unwrap();
    let words: Vec<&str> = vendors.iter().map(|vendor| vendor["vendor"].as_str().unwrap()).collect();
    assert_eq!(words, Vendor::ALL.map(Vendor::as_str));
    let muut = json!({
        "vendor": "muut", "name": "Muut", "products": ["Muut"],
        "evidence": rethread_vendors::info(Vendor::Muut).evidence,
        "first_questions": ["site_url"], "more_questions": ["page_key:identifier"],
    });
    assert_eq!(vendors.iter().find(|vendor| vendor["vendor"] == "muut"), Some(&muut));

    let operator = api.token("acme", Role::Operator).await;
    assert_eq!(ask(&operator, "/api/v1/vendors").await.unwrap().json::<Value>().await.unwrap(), answer);
    problem(ask(&admin, "/api/v1/vendors?x=1").await.unwrap(), StatusCode::BAD_REQUEST, "invalid-parameter").await;
    let stranger = api.request(Method::GET, "/api/v1/vendors").send().await.unwrap();
    problem(stranger, StatusCode::UNAUTHORIZED, "unauthenticated").await;
}
