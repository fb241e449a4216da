use reqwest::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use rethread_model::{Change, Role};
use rethread_runtime::GatewayConfig;
use rethread_stores::{NewToken, create_link};
use serde_json::{Value, json};

use super::harness::{Api, problem};
use super::imported::import;

const SESSION: &str = "/api/v1/session";

async fn sign_in(api: &Api, with: &Value) -> Response {
    api.request(Method::POST, SESSION).json(with).send().await.unwrap()
}

/// A signed-in browser: its cookie, and what its pages know.
struct Browser {
    cookie: String,
    shown: Value,
}

impl Browser {
    async fn of(api: &Api, token: &str) -> Self {
        Self::from(sign_in(api, &json!({"token": token})).await).await
    }

    async fn from(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        let set = response.headers()[SET_COOKIE].to_str().unwrap().to_owned();
        let cookie = set.split(';').next().unwrap().to_owned();
        Self { cookie, shown: response.json().await.unwrap() }
    }

    /// The token in the cookie.
    fn token(&self) -> &str {
        self.cookie.split_once('=').unwrap().1
    }

    fn csrf(&self) -> &str {
        self.shown["csrf"].as_str().unwrap()
    }

    /// A request that any page can make the browser send.
    fn request(&self, api: &Api, method: Method, path: &str) -> RequestBuilder {
        api.request(method, path).header(COOKIE, &self.cookie)
    }

    /// A request from our own pages.
    fn own_request(&self, api: &Api, method: Method, path: &str) -> RequestBuilder {
        self.request(api, method, path).header("x-csrf-token", self.csrf())
    }
}

#[tokio::test]
async fn a_token_signs_a_browser_in_and_out() {
    let api = Api::start().await;
    let job = api.job().await;
    let token = api.admin().await;
    let response = sign_in(&api, &json!({"token": token})).await;
    let set = response.headers()[SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("rethread_session=rt_"), "{set}");
    assert!(set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"), "{set}");
    let browser = Browser::from(response).await;
    assert_eq!((&browser.shown["account"], &browser.shown["name"]), (&json!("acme"), &json!("ann")));
    assert_eq!(browser.shown["role"], "admin");
    assert!(browser.shown["expires_at"].is_string() && !browser.csrf().is_empty());
    assert_ne!(browser.token(), token, "the cookie does not hold the token itself");

    let again: Value = browser.request(&api, Method::GET, SESSION).send().await.unwrap().json().await.unwrap();
    assert_eq!(again, browser.shown);
    for path in ["/api/v1/jobs".to_owned(), format!("/api/v1/jobs/{}", job.id), "/api/v1/pages".to_owned()] {
        let response = browser.request(&api, Method::GET, &path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }

    let out = browser.own_request(&api, Method::DELETE, SESSION).send().await.unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    let cleared = out.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cleared.starts_with("rethread_session=; ") && cleared.contains("Max-Age=0"), "{cleared}");
    for path in [SESSION, "/api/v1/jobs"] {
        let response = browser.request(&api, Method::GET, path).send().await.unwrap();
        problem(response, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    }
    assert_eq!(api.get("/api/v1/jobs", browser.token()).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(api.get("/api/v1/jobs", &token).await.status(), StatusCode::OK, "the token stays");
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let api = Api::start().await;
    let new =
        NewToken { account: "acme".parse().unwrap(), name: "ann".to_owned(), role: Role::Admin, expires_at: None };
    let accounts = api.context.backends.accounts.as_ref();
    let (_, link) = create_link(accounts, api.context.clock.as_ref(), new).await.unwrap();
    let as_token = sign_in(&api, &json!({"token": link.expose()})).await;
    problem(as_token, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    assert_eq!(api.get("/api/v1/jobs", link.expose()).await.status(), StatusCode::UNAUTHORIZED);

    let browser = Browser::from(sign_in(&api, &json!({"link": link.expose()})).await).await;
    assert_eq!(browser.shown["account"], "acme");
    let again = sign_in(&api, &json!({"link": link.expose()})).await;
    problem(again, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    assert_eq!(browser.request(&api, Method::GET, SESSION).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn what_lets_nobody_in_opens_no_session() {
    let api = Api::start().await;
    let unknown = format!("rt_0123456789abcdef_{}", "A".repeat(43));
    let service = api.token("ops", Role::Service).await;
    let browser = Browser::of(&api, &api.admin().await).await;
    for token in ["", "rt_", unknown.as_str(), &service, browser.token()] {
        let refused = sign_in(&api, &json!({"token": token})).await;
        assert!(!refused.headers().contains_key(SET_COOKIE));
        problem(refused, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    }
    let anonymous = api.request(Method::GET, SESSION).send().await.unwrap();
    problem(anonymous, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    let by_token = api.get(SESSION, &api.admin().await).await;
    problem(by_token, StatusCode::UNAUTHORIZED, "unauthenticated").await;
}

#[tokio::test]
async fn what_is_no_sign_in_is_refused_without_being_quoted() {
    let api = Api::start().await;
    let token = api.admin().await;
    for body in [
        json!({}),
        json!([token]),
        json!({"token": [token]}),
        json!({"tokens": token}),
        json!({"token": token, "link": "rl_x"}),
    ] {
        let refused = problem(sign_in(&api, &body).await, StatusCode::BAD_REQUEST, "invalid-body").await;
        assert!(!refused.to_string().contains(&token), "{refused}");
    }
    let form = api.request(Method::POST, SESSION).body(json!({"token": token}).to_string());
    let form = form.header(CONTENT_TYPE, "text/plain").send().await.unwrap();
    problem(form, StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json").await;
    let large = sign_in(&api, &json!({"token": "x".repeat(20_000)})).await;
    problem(large, StatusCode::PAYLOAD_TOO_LARGE, "body-too-large").await;
    let query = api.request(Method::POST, "/api/v1/session?token=x").json(&json!({"token": token}));
    problem(query.send().await.unwrap(), StatusCode::BAD_REQUEST, "invalid-parameter").await;
}

/// Pages of other sites send requests without knowing the response of `GET /session`.
#[tokio::test]
async fn others_pages_change_nothing_with_a_session() {
    let api = Api::start().await;
    let job = api.job().await;
    let browser = Browser::of(&api, &api.admin().await).await;
    let stranger = Browser::of(&api, &api.token("globex", Role::Admin).await).await;
    let cancel = format!("/api/v1/jobs/{}/cancel", job.id);
    let routes = [
        (Method::POST, cancel.as_str()),
        (Method::POST, "/api/v1/imports"),
        (Method::POST, "/api/v1/tokens"),
        (Method::DELETE, "/api/v1/tokens/0123456789abcdef"),
        (Method::DELETE, SESSION),
    ];
    for (method, path) in routes {
        let attempt = || browser.request(&api, method.clone(), path);
        let own = || browser.own_request(&api, method.clone(), path);
        for request in [
            attempt(),
            attempt().header("x-csrf-token", ""),
            attempt().header("x-csrf-token", stranger.csrf()),
            own().header("origin", "https://evil.example"),
            own().header("origin", "null"),
            own().header("sec-fetch-site", "cross-site"),
        ] {
            let refused = request.body("{}").send().await.unwrap();
            problem(refused, StatusCode::FORBIDDEN, "csrf").await;
        }
    }
    let foreign = api.request(Method::POST, SESSION).header("origin", "https://evil.example");
    let foreign = foreign.json(&json!({"token": api.admin().await})).send().await.unwrap();
    problem(foreign, StatusCode::FORBIDDEN, "csrf").await;

    assert!(!api.stored(job.id).await.cancel_requested);
    let own = browser.own_request(&api, Method::POST, &cancel).header("origin", format!("http://{}", api.address));
    assert_eq!(own.send().await.unwrap().status(), StatusCode::ACCEPTED);
    assert!(api.stored(job.id).await.cancel_requested);
}

#[tokio::test]
async fn a_bearer_token_wins_over_a_cookie() {
    let api = Api::start().await;
    let job = api.job().await;
    let browser = Browser::of(&api, &api.admin().await).await;
    let other = api.token("globex", Role::Admin).await;
    let path = format!("/api/v1/jobs/{}", job.id);
    let request = browser.request(&api, Method::GET, &path).bearer_auth(&other);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    let request = browser.request(&api, Method::GET, &path).bearer_auth("rt_wrong");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let cancel = format!("{path}/cancel");
    let request = browser.request(&api, Method::POST, &cancel).bearer_auth(api.admin().await);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::ACCEPTED, "a token needs nothing else");
}

#[tokio::test]
async fn a_token_in_the_cookie_is_no_session() {
    let api = Api::start().await;
    let planted = Browser { cookie: format!("rethread_session={}", api.admin().await), shown: Value::Null };
    let refused = planted.request(&api, Method::GET, "/api/v1/jobs").send().await.unwrap();
    problem(refused, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    let browser = Browser::of(&api, &api.admin().await).await;
    let twice = browser.request(&api, Method::GET, "/api/v1/jobs").header(COOKIE, &planted.cookie);
    problem(twice.send().await.unwrap(), StatusCode::UNAUTHORIZED, "unauthenticated").await;
}

#[tokio::test]
async fn an_operator_signs_in_and_sees_states_of_jobs_only() {
    let api = Api::start().await;
    let job = api.job().await;
    let page = import(&api, &job, &[]).await;
    let browser = Browser::of(&api, &api.token("ops", Role::Operator).await).await;
    assert_eq!(browser.shown["role"], "operator");
    let status = async |path: String| browser.request(&api, Method::GET, &path).send().await.unwrap().status();
    assert_eq!(status(format!("/api/v1/jobs/{}", job.id)).await, StatusCode::OK);
    for path in [format!("/api/v1/pages/{page}"), "/api/v1/tokens".to_owned()] {
        assert_eq!(status(path).await, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn events_are_followed_with_a_session() {
    let api = Api::start().await;
    let job = api.job().await;
    let browser = Browser::of(&api, &api.admin().await).await;
    let path = format!("/api/v1/jobs/{}/events", job.id);
    let mut events = browser.request(&api, Method::GET, &path).send().await.unwrap();
    assert_eq!(events.status(), StatusCode::OK);
    let first = String::from_utf8(events.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("event: job"), "{first}");
    api.change(&job, Change::CancelRequested).await;
    api.end(&job).await;
    let mut rest = String::new();
    while let Some(chunk) = events.chunk().await.unwrap() {
        rest.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(rest.contains("\"state\":\"cancelled\""), "{rest}");
}

#[tokio::test]
async fn behind_tls_the_cookie_is_for_tls_alone() {
    let config = GatewayConfig {
        public_url: Some("https://comments.example.net/".parse().unwrap()),
        ..GatewayConfig::default()
    };
    let api = Api::start_with(config).await;
    let response = sign_in(&api, &json!({"token": api.admin().await})).await;
    let set = response.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.starts_with("__Host-rethread_session=rt_") && set.ends_with("; Secure"), "{set}");
    let browser = Browser::from(response).await;
    let out = browser.own_request(&api, Method::DELETE, SESSION).header("origin", "https://comments.example.net");
    assert_eq!(out.send().await.unwrap().status(), StatusCode::NO_CONTENT);
}
