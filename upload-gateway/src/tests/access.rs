use reqwest::{Method, StatusCode};
use rethread_model::Role;
use serde_json::Value;

use super::harness::{Api, problem};
use super::imported::import;

const UNKNOWN: &str = "rt_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Every route that reads or changes something of an account, with the responses to the account's
/// own admin, another account's admin and an operator.
#[tokio::test]
async fn every_route_asks_who_calls() {
    let api = Api::start().await;
    let job = api.job().await;
    let page = import(&api, &job, &[]).await;
    api.end(&job).await;
    let own = api.admin().await;
    let other = api.token("globex", Role::Admin).await;
    let operator = api.token("ops", Role::Operator).await;
    let service = api.token("ops", Role::Service).await;

    let id = job.id;
    let routes = [
        (Method::POST, "/api/v1/imports".to_owned(), [400, 400, 403]),
        (Method::GET, "/api/v1/jobs".to_owned(), [200, 200, 200]),
        (Method::GET, format!("/api/v1/jobs/{id}"), [200, 404, 200]),
        (Method::GET, format!("/api/v1/jobs/{id}/events"), [200, 404, 200]),
        (Method::POST, format!("/api/v1/jobs/{id}/cancel"), [409, 404, 403]),
        (Method::GET, format!("/api/v1/jobs/{id}/receipt"), [200, 404, 403]),
        (Method::GET, format!("/api/v1/jobs/{id}/findings"), [200, 404, 403]),
        (Method::GET, format!("/api/v1/jobs/{id}/findings?format=csv"), [200, 404, 403]),
        (Method::GET, "/api/v1/tokens".to_owned(), [200, 200, 403]),
        (Method::POST, "/api/v1/tokens".to_owned(), [415, 415, 403]),
        (Method::DELETE, "/api/v1/tokens/0123456789abcdef".to_owned(), [404, 404, 403]),
        (Method::GET, "/api/v1/pages".to_owned(), [200, 200, 403]),
        (Method::GET, format!("/api/v1/pages/{page}/comments"), [200, 404, 403]),
    ];
    for (method, path, [for_own, for_other, for_operator]) in routes {
        let request = || api.request(method.clone(), &path);
        let anonymous = request().send().await.unwrap();
        assert_eq!(anonymous.headers()["www-authenticate"], "Bearer realm=\"rethread\"", "{path}");
        problem(anonymous, StatusCode::UNAUTHORIZED, "unauthenticated").await;
        let unknown = request().bearer_auth(UNKNOWN).send().await.unwrap();
        assert!(unknown.headers()["www-authenticate"].to_str().unwrap().contains("invalid_token"), "{path}");
        problem(unknown, StatusCode::UNAUTHORIZED, "unauthenticated").await;
        let callers = [(&own, for_own), (&other, for_other), (&operator, for_operator), (&service, 403)];
        for (number, (token, expected)) in callers.into_iter().enumerate() {
            let response = request().bearer_auth(token).send().await.unwrap();
            assert_eq!(response.status().as_u16(), expected, "{method} {path} by caller {number}");
        }
    }
    for (list, name) in [("/api/v1/jobs", "jobs"), ("/api/v1/pages", "pages")] {
        assert_eq!(api.json(list, &own).await[name].as_array().unwrap().len(), 1, "{list}");
        assert_eq!(api.json(list, &other).await[name], Value::Array(Vec::new()), "{list}");
    }
    assert_eq!(api.json("/api/v1/jobs", &operator).await["jobs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_there_and_what_cannot_be_is_a_problem() {
    let api = Api::start().await;
    let admin = api.admin().await;
    for path in [
        "/index.html",
        "/assets/x/nothing.js",
        "/api",
        "/api/v1/downloads",
        "/api/v1/jobs/",
        "/api/v1/jobs/not-an-id",
        "/api/v1/pages/1/comments",
    ] {
        problem(api.get(path, &admin).await, StatusCode::NOT_FOUND, "not-found").await;
    }
    let nobody = "018f0000-0000-7000-8000-000000000000";
    for path in [format!("/api/v1/jobs/{nobody}"), format!("/api/v1/jobs/{nobody}/receipt")] {
        problem(api.get(&path, &admin).await, StatusCode::NOT_FOUND, "not-found").await;
    }
    let wrong = api.request(Method::DELETE, "/api/v1/jobs").bearer_auth(&admin).send().await.unwrap();
    assert!(wrong.headers()["allow"].to_str().unwrap().contains("GET"));
    problem(wrong, StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed").await;
    for path in ["/api/v1/jobs?state=sleeping", "/api/v1/jobs?limit=0", "/api/v1/jobs?cursor=x", "/api/v1/pages?page=2"]
    {
        let refused = problem(api.get(path, &admin).await, StatusCode::BAD_REQUEST, "invalid-parameter").await;
        let name = path.split(['?', '=']).nth(1).unwrap();
        assert_eq!(refused["parameter"], name);
    }
}

#[tokio::test]
async fn every_answer_can_be_followed_and_is_kept_by_nobody() {
    let api = Api::start().await;
    let admin = api.admin().await;
    for path in ["/api/v1/jobs", "/nowhere"] {
        let request = api.request(Method::GET, path).bearer_auth(&admin).header("x-request-id", "deploy-0042");
        let response = request.send().await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["x-request-id"], "deploy-0042");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    }
    let forged = api.request(Method::GET, "/api/v1/jobs").bearer_auth(&admin).header("x-request-id", "a b\tc d e f");
    let id = forged.send().await.unwrap().headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(id.len(), 36, "{id}");
}
