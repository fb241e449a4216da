use std::io::Write;
use std::sync::Arc;

use parking_lot::Mutex;
use reqwest::{Method, StatusCode};
use rethread_model::Role;
use rethread_stores::{NewToken, create_link};
use serde_json::{Value, json};
use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

use super::checked::waiting;
use super::harness::Api;

/// Everything that was logged.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Captures the log of this thread, on which the test's runtime runs everything.
    fn catch(&self) -> (DefaultGuard, Dispatch) {
        let lines = tracing_subscriber::fmt().json().flatten_event(true).with_writer(self.clone());
        // With a single subscriber, a line that another test's thread reaches first would be
        // disabled for all threads.
        let another = Dispatch::new(NoSubscriber::default());
        (tracing::subscriber::set_default(lines.finish()), another)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().clone()).unwrap()
    }

    fn audit_lines(&self) -> Vec<Value> {
        let lines = self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
        lines.into_iter().filter(|line| line["target"] == "audit").collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn each_deed_leaves_one_line_without_a_secret() {
    let log = Log::default();
    let _guard = log.catch();
    let api = Api::start().await;
    let new = NewToken {
        account: "acme".parse().unwrap(),
        name: "ann@people.example".to_owned(),
        role: Role::Admin,
        expires_at: None,
    };
    let (link, link_text) =
        create_link(api.context.backends.accounts.as_ref(), api.context.clock.as_ref(), new).await.unwrap();
    let unknown = format!("rt_0123456789abcdef_{}", "A".repeat(43));
    assert_eq!(api.get("/api/v1/jobs", &unknown).await.status(), StatusCode::UNAUTHORIZED);
    let sign_in = async |with: Value| {
        api.request(Method::POST, "/api/v1/session")
            .header("x-request-id", "sign-in-0001")
            .json(&with)
            .send()
            .await
            .unwrap()
    };
    assert_eq!(sign_in(json!({"token": unknown})).await.status(), StatusCode::UNAUTHORIZED);
    let opened = sign_in(json!({"link": link_text.expose()})).await;
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let session = cookie.split_once('=').unwrap().1;
    let csrf = opened.json::<Value>().await.unwrap()["csrf"].as_str().unwrap().to_owned();
    let own = |method, path: &str| api.request(method, path).header("cookie", &cookie).header("x-csrf-token", &csrf);

    let made = own(Method::POST, "/api/v1/tokens").json(&json!({"name": "ben@people.example"})).send().await.unwrap();
    let made: Value = made.json().await.unwrap();
    let (id, text) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let import = own(Method::POST, "/api/v1/imports?file_name=planted.xml").body("planted text").send().await.unwrap();
    let job = import.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let cancel = own(Method::POST, &format!("/api/v1/jobs/{job}/cancel")).send().await.unwrap();
    assert_eq!(cancel.status(), StatusCode::ACCEPTED);
    let csv = own(Method::GET, &format!("/api/v1/jobs/{job}/findings?format=csv")).send().await.unwrap();
    assert!(csv.text().await.unwrap().starts_with("part,"));
    let checked = waiting(&api).await.id.to_string();
    let confirm = own(Method::POST, &format!("/api/v1/jobs/{checked}/confirm")).send().await.unwrap();
    assert_eq!(confirm.status(), StatusCode::ACCEPTED);
    let begun = own(Method::POST, "/api/v1/uploads").header("tus-resumable", "1.0.0").header("upload-length", "5");
    let begun = begun.send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let given_up = own(Method::DELETE, &begun).header("tus-resumable", "1.0.0").send().await.unwrap();
    assert_eq!(given_up.status(), StatusCode::NO_CONTENT);
    let upload = begun.rsplit('/').next().unwrap();
    own(Method::DELETE, &format!("/api/v1/tokens/{id}")).send().await.unwrap();
    assert_eq!(own(Method::DELETE, "/api/v1/session").send().await.unwrap().status(), StatusCode::NO_CONTENT);

    let session_id = format!("session:{}", &session[3..19]);
    let expected = [
        ("access", "refused", Value::Null),
        ("sign_in", "refused", Value::Null),
        ("sign_in", "done", json!(format!("link:{}", link.id))),
        ("token_created", "done", json!(id)),
        ("upload_begun", "done", json!(job)),
        ("cancel", "done", json!(job)),
        ("download", "done", json!(job)),
        ("confirm", "done", json!(checked)),
        ("upload_begun", "done", json!(upload)),
        ("cancel", "done", json!(upload)),
        ("token_revoked", "done", json!(id)),
        ("sign_out", "done", json!(session_id)),
    ];
    let lines = log.audit_lines();
    let found: Vec<_> = lines
        .iter()
        .map(|line| {
            let word = |name: &str| line[name].as_str().unwrap();
            (word("audit.action"), word("audit.outcome"), line["audit.object"].clone())
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(lines[0]["audit.reason"], "unknown");
    for line in &lines {
        assert_eq!(line["client"], "127.0.0.1");
        assert!(line["request.id"].is_string(), "{line}");
        if line["audit.outcome"] == "done" {
            assert_eq!((&line["caller"], &line["account"]), (&json!(session_id), &json!("acme")));
        }
    }
    assert_eq!(lines[2]["request.id"], "sign-in-0001");

    let whole = log.text();
    let secrets = [&unknown[20..], &link_text.expose()[20..], &session[20..], &text[20..], csrf.as_str()];
    for planted in secrets.into_iter().chain(["people.example", "planted"]) {
        assert!(!whole.contains(planted), "{planted} in {whole}");
    }
}
