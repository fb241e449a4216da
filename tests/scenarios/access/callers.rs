//! All kinds of callers.

use reqwest::{RequestBuilder, StatusCode};
use rethread_tests::{Api, System, http_client, wait_for};
use serde_json::{Value, json};

/// A well-formed token that was never issued.
const GARBAGE: &str = "rt_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    Nobody,
    Garbage,
    Expired,
    Revoked,
    /// Admin of another account.
    Other,
    /// Admin of the account.
    Own,
    Operator,
    Service,
    /// The account's admin on the dashboard, from a page that has only the cookie.
    CookieAlone,
    /// The account's admin on the dashboard.
    Session,
}

impl Caller {
    /// All, in the order of the columns.
    pub(super) const ALL: [Self; 10] = [
        Self::Nobody,
        Self::Garbage,
        Self::Expired,
        Self::Revoked,
        Self::Other,
        Self::Own,
        Self::Operator,
        Self::Service,
        Self::CookieAlone,
        Self::Session,
    ];
}

/// Their credentials.
#[derive(Debug)]
pub(super) struct Callers {
    pub(super) own: String,
    other: String,
    operator: String,
    service: String,
    expired: String,
    revoked: String,
    api: Api,
}

/// A session as the dashboard uses it.
#[derive(Debug)]
struct Session {
    /// `name=value`
    cookie: String,
    csrf: String,
}

impl Callers {
    pub(super) async fn of(system: &System) -> Self {
        let make = |account: &str, more: &[&str]| {
            let made = system.run(&[&["token", "create", "--account", account, "--name", "ann"], more].concat());
            assert_eq!(made.code, Some(0), "{}", made.stderr);
            made.stdout.trim().to_owned()
        };
        let own = make("ours", &[]);
        Self {
            other: make("theirs", &[]),
            operator: make("ops", &["--role", "operator"]),
            service: make("ops", &["--role", "service"]),
            expired: expired(system.api(), make("ours", &["--expires", "1s"])).await,
            revoked: revoked(system.api(), &own).await,
            own,
            api: system.api().clone(),
        }
    }

    /// The caller's bearer token; a session's token is one too.
    pub(super) async fn bearer(&self, caller: Caller) -> Option<String> {
        let token = match caller {
            Caller::Nobody => return None,
            Caller::Garbage => GARBAGE,
            Caller::Expired => &self.expired,
            Caller::Revoked => &self.revoked,
            Caller::Other => &self.other,
            Caller::Own => &self.own,
            Caller::Operator => &self.operator,
            Caller::Service => &self.service,
            Caller::CookieAlone | Caller::Session => {
                let session = self.session().await;
                return session.cookie.split_once('=').map(|(_, token)| token.to_owned());
            }
        };
        Some(token.to_owned())
    }

    /// The caller's request. Each request gets a new session, since some requests end it.
    pub(super) async fn sent_by(&self, caller: Caller, request: RequestBuilder) -> RequestBuilder {
        match caller {
            Caller::CookieAlone => request.header("cookie", self.session().await.cookie),
            Caller::Session => {
                let session = self.session().await;
                request.header("cookie", session.cookie).header("x-csrf-token", session.csrf)
            }
            other => match self.bearer(other).await {
                Some(token) => request.bearer_auth(token),
                None => request,
            },
        }
    }

    async fn session(&self) -> Session {
        let request = http_client().post(self.api.url("session")).json(&json!({"token": self.own}));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap();
        Session { cookie, csrf: body["csrf"].as_str().unwrap().to_owned() }
    }
}

/// An expired token.
async fn expired(api: &Api, token: String) -> String {
    wait_for("a token to expire", || async {
        (api.get("jobs", &token).await.0 == StatusCode::UNAUTHORIZED).then_some(())
    })
    .await;
    token
}

async fn revoked(api: &Api, own: &str) -> String {
    let body = serde_json::to_vec(&json!({"name": "withdrawn"})).unwrap();
    let request = http_client().post(api.url("tokens")).bearer_auth(own).header("content-type", "application/json");
    let made: Value = request.body(body).send().await.expect("an answer").json().await.unwrap();
    let token = made["token"].as_str().expect("a new token is shown once").to_owned();
    assert_eq!(api.get("jobs", &token).await.0, StatusCode::OK);
    let gone = http_client().delete(api.url(&format!("tokens/{}", made["id"].as_str().unwrap()))).bearer_auth(own);
    assert_eq!(gone.send().await.expect("an answer").status(), StatusCode::NO_CONTENT);
    token
}
