//! Tokens and sign-in links of the command line, while a server is running.

use reqwest::StatusCode;
use rethread_tests::{Finished, Rethread, Serve, http_client};
use serde_json::{Value, json};

fn run(rethread: &Rethread, arguments: &[&str]) -> Finished {
    let finished = tokio::task::block_in_place(|| rethread.run(arguments));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    finished
}

fn listed(rethread: &Rethread, id: &str) -> Value {
    let list = run(rethread, &["token", "list", "--account", "acme", "--sessions", "--json"]).json();
    let tokens = list["tokens"].as_array().unwrap();
    tokens.iter().find(|token| token["id"] == id).cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_used_listed_and_revoked() {
    let rethread = Rethread::new();
    let serve = Serve::start(&rethread, &[]).await;
    let create = ["token", "create", "--account", "acme", "--name", "ann", "--expires", "90d"];
    let made = run(&rethread, &create);
    let token = made.stdout.trim();
    let id = &token[3..19];
    assert!(made.stderr.contains("audit: token_created") && !made.stderr.contains(&token[20..]), "{}", made.stderr);
    assert_eq!(serve.api.get("jobs", token).await.0, StatusCode::OK);
    let shown = listed(&rethread, id);
    assert_eq!((&shown["name"], &shown["kind"], &shown["state"]), (&json!("ann"), &json!("token"), &json!("valid")));
    assert!(shown["expires_at"].is_string() && shown["last_used_at"].is_string(), "{shown}");

    run(&rethread, &["token", "revoke", id]);
    assert_eq!(serve.api.get("jobs", token).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(listed(&rethread, id)["state"], "revoked");
    let text = run(&rethread, &["token", "list", "--account", "acme"]).stdout;
    assert!(text.contains(id) && text.contains("revoked") && !text.contains(&token[20..]), "{text}");

    for wrong in [
        &["token", "revoke", "0123456789abcdef"][..],
        &["token", "revoke", id, "--account", "globex"],
        &["token", "create", "--account", "acme", "--name", "ann", "--expires", "2020-01-01"],
    ] {
        let refused = tokio::task::block_in_place(|| rethread.run(wrong));
        assert_eq!(refused.code, Some(2), "{wrong:?}: {}", refused.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_the_command_line_signs_a_browser_in_once() {
    let rethread = Rethread::new();
    let serve = Serve::start(&rethread, &[]).await;
    let printed = run(&rethread, &["token", "link", "--account", "acme", "--name", "ann"]).stdout;
    let (dashboard, link) = printed.trim().split_once("#link=").expect("a link");
    assert_eq!(dashboard, "http://127.0.0.1:8080/");
    assert_eq!(listed(&rethread, &link[3..19])["state"], "valid");

    let client = http_client();
    let sign_in = || client.post(serve.api.url("session")).json(&json!({"link": link})).send();
    let opened = sign_in().await.unwrap();
    assert_eq!(opened.status(), StatusCode::OK);
    let session: Value = opened.json().await.unwrap();
    assert_eq!((&session["account"], &session["name"]), (&json!("acme"), &json!("ann")));
    assert_eq!(sign_in().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(listed(&rethread, &link[3..19])["state"], "used");
    let log = serve.log();
    assert!(log.contains("audit: sign_in link:") && log.contains("audit: sign_in refused"), "{log}");
    assert!(!log.contains(&link[20..]), "the log holds the link");
}
