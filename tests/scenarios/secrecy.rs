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

    let log = system.log();
    assert!(log.contains("DEBUG") || log.contains("TRACE"), "the log is a fine one");
    assert!(log.contains("POST /api/v1/imports"), "and tells of requests");
    let secret_parts = secrets.iter().flat_map(|secret| [secret.as_str(), secret.rsplit('_').next().unwrap()]);
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
