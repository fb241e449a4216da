//! What no log may hold.

use std::fs;

use reqwest::StatusCode;
use rethread_tests::{Side, System, gzip, on_both_sides, wait_for};

on_both_sides!(no_log_holds_what_people_wrote_or_how_they_are_let_in);

/// What is planted in a file, each a word that stands nowhere else.
const PLANTED: [&str; 12] = [
    "plantedtext",
    "plantedtitle",
    "plantedname",
    "plantedmail",
    "plantedsite",
    "plantedlogin",
    "plantedpage",
    "plantedquery",
    "198.51.100.177",
    "planteddamage",
    "plantedsearch",
    "plantedfile",
];

fn comment(id: u32, rest: &str) -> String {
    format!(
        "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author><![CDATA[plantedname {id}]]></wp:comment_author>\
         <wp:comment_author_email>plantedmail{id}@plantedmail.example</wp:comment_author_email>\
         <wp:comment_author_url>https://plantedsite.example/</wp:comment_author_url>\
         <wp:comment_author_IP>198.51.100.177</wp:comment_author_IP>\
         <wp:comment_date_gmt>2020-01-01 10:00:00</wp:comment_date_gmt>\
         <wp:comment_content><![CDATA[plantedtext <script>plantedtext()</script> mail me: plantedmail@x.example]]>\
         </wp:comment_content><wp:comment_approved>1</wp:comment_approved><wp:comment_type></wp:comment_type>{rest}\
         </wp:comment>"
    )
}

/// A file that is imported with findings of several kinds.
fn export() -> String {
    let comments = [
        comment(1, "<wp:comment_parent>0</wp:comment_parent>"),
        comment(2, "<wp:comment_parent>77</wp:comment_parent>"),
        comment(2, "<wp:comment_parent>0</wp:comment_parent>"),
        comment(3, "<wp:comment_parent>planteddamage</wp:comment_parent>"),
        comment(4, "<wp:broken planteddamage"),
        comment(5, "").replace("2020-01-01 10:00:00", "planteddamage"),
    ];
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\">\
         <channel><title>plantedtitle</title><wp:wxr_version>1.2</wp:wxr_version>\
         <wp:base_blog_url>https://blog.example</wp:base_blog_url>\
         <wp:author><wp:author_login>plantedlogin</wp:author_login>\
         <wp:author_email>plantedmail@login.example</wp:author_email></wp:author>\
         <item><title>plantedtitle</title><link>https://blog.example/plantedpage/?a=plantedquery</link>\
         <wp:post_id>5</wp:post_id>{}</item></channel></rss>",
        comments.concat()
    )
}

async fn no_log_holds_what_people_wrote_or_how_they_are_let_in(side: Side) {
    let system = System::start_with(side, &[("RUST_LOG", "trace")]).await;
    let (api, token) = (system.api(), system.token("default"));
    let client = reqwest::Client::new();

    // What is imported, is left out, breaks off, is no export at all, or is no upload.
    let query = "file_name=plantedfile.xml&map=from%2Cto%0Ahttps%3A%2F%2Fplantedpage.example%2C%2Fx";
    let file = export();
    let receipt = api.import(query, &token, file.clone().into_bytes()).await;
    assert!(receipt["outcome"]["created"].as_i64().unwrap() >= 2, "{receipt:#}");
    let received = api.import("include=ip-addresses,pingbacks", &token, gzip(file.as_bytes())).await;
    assert_eq!(received["error"], serde_json::Value::Null, "{received:#}");
    let broken = api.import("", &token, file.as_bytes()[..file.len() - 40].to_vec()).await;
    assert_eq!(broken["state"], "failed", "so that somebody is alerted: {broken:#}");
    let unreadable = api.import("", &token, b"plantedtext is no export, says plantedname".to_vec()).await;
    assert_eq!(unreadable["state"], "failed");
    for route in ["imports?vendor=plantedquery", "imports?plantedquery=1", "imports?site_url=plantedquery"] {
        assert_eq!(api.post(route, &token, b"plantedtext".to_vec()).await.0, StatusCode::BAD_REQUEST, "{route}");
    }
    wait_for("the alerts", || async { (system.undelivered_events().await == 0).then_some(()) }).await;

    // What is looked at.
    let (_, pages) = api.get("pages?search=plantedsearch", &token).await;
    assert_eq!(pages["pages"].as_array().unwrap().len(), 0);
    let (_, pages) = api.get("pages?search=plantedpage", &token).await;
    let page = pages["pages"][0]["id"].as_str().unwrap();
    let (_, comments) = api.get(&format!("pages/{page}/comments"), &token).await;
    assert!(comments.to_string().contains("plantedtext"), "{comments}");
    for route in ["pages/plantedtext", "jobs/plantedtext", "plantedtext", "jobs?cursor=plantedtext"] {
        assert!(api.get(route, &token).await.0.is_client_error(), "{route}");
    }

    // How people are let in, or are not.
    let mut secrets = vec![token.clone(), "rt_0123456789abcdef_plantedguess".to_owned()];
    assert_eq!(api.get("jobs", &secrets[1]).await.0, StatusCode::UNAUTHORIZED);
    for (name, value) in [
        ("cookie", "rethread_session=plantedcookie; __Host-rethread_session=plantedcookie"),
        ("authorization", "Basic plantedbasic"),
        ("x-csrf-token", "plantedcsrf"),
        ("x-request-id", "plantedid planted"),
        ("traceparent", "planted-trace"),
        ("x-forwarded-for", "198.51.100.177"),
        ("referer", "https://plantedsite.example/"),
        ("user-agent", "plantedagent"),
    ] {
        let answer = client.get(api.url("jobs?state=running")).header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{name}");
        secrets.extend(value.split(['=', ';', ' ']).filter(|word| word.contains("planted")).map(str::to_owned));
    }

    let link = system.run(&["token", "link", "--account", "default", "--name", "plantedname"]);
    let link = link.stdout.split("#link=").nth(1).unwrap_or(&link.stdout).trim().to_owned();
    assert!(link.starts_with("rl_"), "{link}");
    for (shown, status) in [
        (serde_json::json!({"token": token}), StatusCode::OK),
        (serde_json::json!({"link": link}), StatusCode::OK),
        (serde_json::json!({"link": link}), StatusCode::UNAUTHORIZED),
        (serde_json::json!({"token": "rt_0123456789abcdef_plantedguess"}), StatusCode::UNAUTHORIZED),
        (serde_json::json!({"token": "plantedsecret"}), StatusCode::UNAUTHORIZED),
        (serde_json::json!({"plantedsecret": "plantedsecret"}), StatusCode::BAD_REQUEST),
    ] {
        let answer = client.post(api.url("session")).json(&shown).send().await.unwrap();
        assert_eq!(answer.status(), status, "{shown}");
        let Some(cookie) = answer.headers().get("set-cookie") else { continue };
        let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        let session: serde_json::Value = answer.json().await.unwrap();
        let csrf = session["csrf"].as_str().unwrap().to_owned();
        let tokens = client.post(api.url("tokens")).header("cookie", &cookie).header("x-csrf-token", &csrf);
        let made = tokens.json(&serde_json::json!({"name": "plantedname"})).send().await.unwrap();
        assert_eq!(made.status(), StatusCode::CREATED);
        let made: serde_json::Value = made.json().await.unwrap();
        secrets.push(made["token"].as_str().unwrap().to_owned());
        let forged = client.delete(api.url("session")).header("cookie", &cookie).header("x-csrf-token", "plantedcsrf");
        assert_eq!(forged.send().await.unwrap().status(), StatusCode::FORBIDDEN);
        let ended = client.delete(api.url("session")).header("cookie", &cookie).header("x-csrf-token", &csrf);
        assert_eq!(ended.send().await.unwrap().status(), StatusCode::NO_CONTENT);
        secrets.extend([cookie.split_once('=').unwrap().1.to_owned(), csrf]);
    }
    secrets.extend([link, "plantedsecret".to_owned()]);

    let log = system.log();
    assert!(log.contains("DEBUG") || log.contains("TRACE"), "the log is a fine one");
    assert!(log.contains("POST /api/v1/imports"), "and tells of requests");
    // A token is known by its id, which stands before its secret part.
    let secret_parts = secrets.iter().map(|secret| secret.splitn(3, '_').nth(2).unwrap_or(secret));
    let found: Vec<String> = log
        .lines()
        .filter(|line| PLANTED.into_iter().chain(secret_parts.clone()).any(|planted| line.contains(planted)))
        .map(str::to_owned)
        .collect();
    if !found.is_empty() {
        fs::write(std::env::temp_dir().join("secrecy.log"), &log).unwrap();
    }
    assert!(found.is_empty(), "{} lines, such as {:#?}", found.len(), &found[..found.len().min(10)]);
}
