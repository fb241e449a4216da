use reqwest::{Method, Response, StatusCode};
use rethread_model::Role;
use rethread_stores::{NewToken, create_link};
use serde_json::{Value, json};

use super::harness::{Api, problem};

const TOKENS: &str = "/api/v1/tokens";

async fn create(api: &Api, token: &str, wanted: &Value) -> Response {
    api.request(Method::POST, TOKENS).bearer_auth(token).json(wanted).send().await.unwrap()
}

async fn revoke(api: &Api, token: &str, id: &str) -> Response {
    api.request(Method::DELETE, &format!("{TOKENS}/{id}")).bearer_auth(token).send().await.unwrap()
}

#[tokio::test]
async fn an_admin_makes_lists_and_revokes_tokens_of_its_account() {
    let api = Api::start().await;
    let admin = api.admin().await;
    let wanted = json!({"name": " ben ", "expires_at": "2999-01-02T03:04:05Z"});
    let response = create(&api, &admin, &wanted).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let made: Value = response.json().await.unwrap();
    assert_eq!((&made["name"], &made["role"]), (&json!("ben"), &json!("admin")));
    assert_eq!((&made["expires_at"], &made["revoked_at"]), (&wanted["expires_at"], &Value::Null));
    assert!(made["created_at"].is_string() && made["last_used_at"].is_null());
    let (id, text) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    assert!(text.starts_with(&format!("rt_{id}_")), "{id}");
    assert_eq!(api.get("/api/v1/jobs", text).await.status(), StatusCode::OK);

    let listed = api.json(TOKENS, &admin).await;
    assert!(!listed.to_string().contains(&text[20..]), "the secret is shown once");
    let listed = listed["tokens"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let mut shown = made.as_object().unwrap().clone();
    shown.remove("token");
    shown.insert("last_used_at".to_owned(), listed[1]["last_used_at"].clone());
    assert_eq!(listed[1], Value::Object(shown));
    assert!(listed[1]["last_used_at"].is_string());

    for _ in 0..2 {
        assert_eq!(revoke(&api, &admin, id).await.status(), StatusCode::NO_CONTENT, "again is no mistake");
    }
    assert_eq!(api.get("/api/v1/jobs", text).await.status(), StatusCode::UNAUTHORIZED);
    assert!(api.json(TOKENS, &admin).await["tokens"][1]["revoked_at"].is_string());
}

#[tokio::test]
async fn tokens_of_others_sessions_and_links_are_no_tokens_here() {
    let api = Api::start().await;
    let (admin, other) = (api.admin().await, api.token("globex", Role::Admin).await);
    let id_of = |text: &str| text[3..19].to_owned();
    let opened = api.request(Method::POST, "/api/v1/session").json(&json!({"token": admin})).send().await.unwrap();
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().to_owned();
    let session = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let new =
        NewToken { account: "acme".parse().unwrap(), name: "ann".to_owned(), role: Role::Admin, expires_at: None };
    let (link, _) = create_link(api.context.backends.accounts.as_ref(), api.context.clock.as_ref(), new).await.unwrap();

    assert_eq!(api.json(TOKENS, &admin).await["tokens"].as_array().unwrap().len(), 1);
    assert_eq!(api.json(TOKENS, &other).await["tokens"].as_array().unwrap().len(), 1);
    for id in [id_of(&other), id_of(&session), link.id.to_string(), "0".repeat(16), "x".to_owned()] {
        problem(revoke(&api, &admin, &id).await, StatusCode::NOT_FOUND, "not-found").await;
    }
    assert_eq!(api.get("/api/v1/jobs", &other).await.status(), StatusCode::OK);
    assert_eq!(api.get("/api/v1/jobs", &session).await.status(), StatusCode::OK);

    assert_eq!(revoke(&api, &admin, &id_of(&admin)).await.status(), StatusCode::NO_CONTENT, "its own");
    assert_eq!(api.get("/api/v1/jobs", &session).await.status(), StatusCode::UNAUTHORIZED, "ends with its token");
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let api = Api::start().await;
    let admin = api.admin().await;
    for (name, wanted) in [
        ("name", json!({"name": " "})),
        ("name", json!({"name": "x".repeat(101)})),
        ("name", json!({"name": "a\nb"})),
        ("expires_at", json!({"name": "ben", "expires_at": "2020-01-01T00:00:00Z"})),
    ] {
        let refused = problem(create(&api, &admin, &wanted).await, StatusCode::BAD_REQUEST, "invalid-parameter").await;
        assert_eq!(refused["parameter"], name);
    }
    for wanted in [json!({}), json!({"name": "ben", "role": "operator"}), json!({"name": 1}), json!("ben")] {
        problem(create(&api, &admin, &wanted).await, StatusCode::BAD_REQUEST, "invalid-body").await;
    }
    for role in [Role::Operator, Role::Service] {
        let token = api.token("acme", role).await;
        problem(create(&api, &token, &json!({"name": "ben"})).await, StatusCode::FORBIDDEN, "forbidden").await;
        problem(revoke(&api, &token, &admin[3..19]).await, StatusCode::FORBIDDEN, "forbidden").await;
        problem(api.get(TOKENS, &token).await, StatusCode::FORBIDDEN, "forbidden").await;
    }
    assert_eq!(api.json(TOKENS, &admin).await["tokens"].as_array().unwrap().len(), 3, "those that were there before");
}
