//! What logs must not contain.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder, StatusCode};
use rethread_tests::{Api, Side, System, gzip, http_client, on_both_sides, wait_for};
use serde_json::{Value, json};

on_both_sides!(no_log_holds_what_people_wrote_or_how_they_are_let_in);

/// Words planted in files, their names and in requests; each occurs nowhere else.
const PLANTED: [&str; 15] = [
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
    "plantedmap",
    "plantedtoken",
    "plantedsubject",
];

/// The key of an identity provider; its private half is lost.
const JWKS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "1",
                                "x": "3ORd8wiu_w6C3YF9Cwbfi_xupeIqiCKDA1XZZTirq34"}]}"#;

/// A token that it signed: `plantedsubject`, an admin of `default` called `plantedname`, until
/// 2096.
const JWT: [&str; 3] = [
    "eyJhbGciOiJFZERTQSIsImtpZCI6IjEiLCJ0eXAiOiJKV1QifQ",
    "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJyZXRocmVhZCIsInN1YiI6InBsYW50ZWRzdWJqZWN0IiwiZXhwIjo0MDAwMDAwMDAwLCJh\
     Y2NvdW50IjoiZGVmYXVsdCIsInJvbGUiOiJhZG1pbiIsIm5hbWUiOiJwbGFudGVkbmFtZSIsImVtYWlsIjoicGxhbnRlZG1haWxAaWQuZXhhbXBsZSJ9",
    "2UgwWbaYRFhAEBplFCg006ztngjKhPjWrF4OnjRna636CoDdSWQmhN_eKof-BIZtW-7V57-6ZzCqox9KdqUHBQ",
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
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    fs::write(&keys, JWKS).unwrap();
    let settings = [
        ("RUST_LOG", "trace"),
        ("RETHREAD_AUTH__JWT__ISSUER", "https://id.example"),
        ("RETHREAD_AUTH__JWT__AUDIENCE", "rethread"),
        ("RETHREAD_AUTH__JWT__JWKS_FILE", keys.to_str().unwrap()),
    ];
    let system = System::start_with(side, &settings).await;
    let (api, token) = (system.api(), system.token("default"));

    import(api, &token).await;
    wait_for("the alerts", || async { (system.undelivered_events().await == 0).then_some(()) }).await;
    upload_in_pieces(api, &token).await;
    look(api, &token).await;
    let mut secrets = vec![token.clone()];
    secrets.extend(be_refused(api).await);
    secrets.extend(use_the_identity_provider(api).await);

    let made = system.run(&["token", "link", "--account", "default", "--name", "plantedname"]);
    let link = made.stdout.split("#link=").nth(1).unwrap_or(&made.stdout).trim().to_owned();
    assert!(link.starts_with("rl_"), "{link}");
    secrets.extend(sign_in_and_out(api, &token, &link).await);

    let log = system.log() + &made.stderr;
    assert!(log.contains("DEBUG") || log.contains("TRACE"), "the log is a fine one");
    assert!(log.contains("POST /api/v1/imports"), "and tells of requests");
    for deed in
        ["sign_in", "sign_out", "upload_begun", "cancel", "confirm", "download", "token_created", "token_revoked"]
    {
        assert!(log.contains(&format!("audit: {deed} ")), "and who did what: {deed}");
    }
    let planted: Vec<&str> = PLANTED.into_iter().chain(secrets.iter().map(|secret| secret_part(secret))).collect();
    let found: Vec<&str> = log.lines().filter(|line| planted.iter().any(|planted| line.contains(planted))).collect();
    if !found.is_empty() {
        fs::write(std::env::temp_dir().join("secrecy.log"), &log).unwrap();
    }
    assert!(found.is_empty(), "{} lines, such as {:#?}", found.len(), &found[..found.len().min(10)]);
}

/// A token or link is identified by its id, which precedes its secret part; others are secret as a
/// whole.
fn secret_part(secret: &str) -> &str {
    let is_ours = secret.starts_with("rt_") || secret.starts_with("rl_");
    if is_ours { secret.splitn(3, '_').nth(2).expect("it has a secret part") } else { secret }
}

/// Files that are imported, left out, truncated, not an export at all, or not an upload.
async fn import(api: &Api, token: &str) {
    let query = "file_name=plantedfile.xml&map=from%2Cto%0Ahttps%3A%2F%2Fplantedmap.example%2C%2Fx";
    let file = export();
    let receipt = api.import(query, token, file.clone().into_bytes()).await;
    assert!(receipt["outcome"]["created"].as_i64().unwrap() >= 2, "{receipt:#}");
    let received = api.import("include=ip-addresses,pingbacks", token, gzip(file.as_bytes())).await;
    assert_eq!(received["error"], Value::Null, "{received:#}");
    let broken = api.import("", token, file.as_bytes()[..file.len() - 40].to_vec()).await;
    assert_eq!(broken["state"], "failed", "so that somebody is alerted: {broken:#}");
    let unreadable = api.import("", token, b"plantedtext is no export, says plantedname".to_vec()).await;
    assert_eq!(unreadable["state"], "failed");
    for route in ["imports?vendor=plantedquery", "imports?plantedquery=1", "imports?site_url=plantedquery"] {
        assert_eq!(api.post(route, token, b"plantedtext".to_vec()).await.0, StatusCode::BAD_REQUEST, "{route}");
    }
    let (status, detected) = api.post("detect?file_name=plantedfile.xml", token, file.into_bytes()).await;
    assert_eq!((status, &detected["vendor"]), (StatusCode::OK, &json!("wordpress")));
}

fn of_upload(api: &Api, method: Method, route: &str, token: &str) -> RequestBuilder {
    http_client().request(method, api.url(route)).bearer_auth(token).header("tus-resumable", "1.0.0")
}

async fn begin_upload(api: &Api, token: &str, length: usize, metadata: &str) -> reqwest::Response {
    let request = of_upload(api, Method::POST, "uploads", token).header("upload-length", length);
    request.header("upload-metadata", metadata).send().await.unwrap()
}

/// In pieces: one is refused; the complete upload is checked, confirmed, and its findings are
/// fetched. Another one is cancelled.
async fn upload_in_pieces(api: &Api, token: &str) {
    let file = export();
    let encoded = |text: &str| STANDARD.encode(text);
    let metadata = format!("filename {},check {}", encoded("plantedfile.xml"), encoded("true"));
    let begun = begin_upload(api, token, file.len(), &metadata).await;
    assert_eq!(begun.status(), StatusCode::CREATED);
    let job = begun.headers()["location"].to_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let piece = |offset: usize, bytes: &str| {
        let request = of_upload(api, Method::PATCH, &format!("uploads/{job}"), token).header("upload-offset", offset);
        request.header("content-type", "application/offset+octet-stream").body(bytes.to_owned())
    };
    let damaged = piece(0, &file[..500]).header("upload-checksum", format!("sha1 {}", encoded("plantedtext, a hash.")));
    assert_eq!(damaged.send().await.unwrap().status().as_u16(), 460);
    assert_eq!(piece(7, "plantedtext").send().await.unwrap().status(), StatusCode::CONFLICT);
    for (from, to) in [(0, 500), (500, file.len())] {
        assert_eq!(piece(from, &file[from..to]).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    }
    wait_for("the check", || async { (api.job(&job, token).await["state"] == "waiting").then_some(()) }).await;
    assert_eq!(api.post(&format!("jobs/{job}/confirm"), token, Vec::new()).await.0, StatusCode::ACCEPTED);
    assert_eq!(api.receipt(&job, token).await["state"], "succeeded");
    assert_eq!(api.get(&format!("jobs/{job}/findings?format=csv"), token).await.0, StatusCode::OK);

    for metadata in [format!("plantedquery {}", encoded("x")), format!("vendor {}", encoded("plantedquery"))] {
        assert_eq!(begin_upload(api, token, 10, &metadata).await.status(), StatusCode::BAD_REQUEST, "{metadata}");
    }
    let map = format!("map {}", encoded("from,to\nhttps://plantedmap.example,/x"));
    let begun = begin_upload(api, token, 10, &map).await;
    let job = begun.headers()["location"].to_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(api.post(&format!("jobs/{job}/cancel"), token, Vec::new()).await.0, StatusCode::ACCEPTED);
}

/// Read requests.
async fn look(api: &Api, token: &str) {
    let (_, pages) = api.get("pages?search=plantedsearch", token).await;
    assert_eq!(pages["pages"].as_array().unwrap().len(), 0);
    let (_, pages) = api.get("pages?search=plantedpage", token).await;
    let page = pages["pages"][0]["id"].as_str().unwrap();
    let (_, comments) = api.get(&format!("pages/{page}/comments"), token).await;
    assert!(comments.to_string().contains("plantedtext"), "{comments}");
    for route in ["pages/plantedtext", "jobs/plantedtext", "plantedtext", "jobs?cursor=plantedtext"] {
        assert!(api.get(route, token).await.0.is_client_error(), "{route}");
    }
    let dashboard = http_client().get(api.url("../../assets/plantedquery/plantedfile.js?plantedquery")).send().await;
    assert_eq!(dashboard.unwrap().status(), StatusCode::NOT_FOUND);
}

/// Refused callers, and the credentials that they used.
async fn be_refused(api: &Api) -> Vec<String> {
    let mut secrets = vec!["rt_0123456789abcdef_plantedguess".to_owned()];
    assert_eq!(api.get("jobs", &secrets[0]).await.0, StatusCode::UNAUTHORIZED);
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
        let answer = http_client().get(api.url("jobs?state=running")).header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{name}");
        secrets.extend(value.split(['=', ';', ' ']).filter(|word| word.contains("planted")).map(str::to_owned));
    }
    secrets
}

/// Callers with a signed token of the identity provider: a valid one, and a modified one.
async fn use_the_identity_provider(api: &Api) -> Vec<String> {
    let [header, claims, signature] = JWT;
    let good = JWT.join(".");
    assert_eq!(api.get("jobs", &good).await.0, StatusCode::OK);
    let begun = api.begin_import("dry_run=true", &good, export().into_bytes()).await;
    assert_eq!(api.receipt(&begun, &good).await["state"], "succeeded");
    let forged = format!("{header}.{claims}.{}", signature.chars().rev().collect::<String>());
    assert_eq!(api.get("jobs", &forged).await.0, StatusCode::UNAUTHORIZED);
    [claims, signature].map(str::to_owned).to_vec()
}

/// Sessions by token and link, tokens that are created and revoked in them, and requests that are
/// refused there.
async fn sign_in_and_out(api: &Api, token: &str, link: &str) -> Vec<String> {
    let client = http_client();
    let mut secrets = vec![link.to_owned(), "plantedsecret".to_owned()];
    for (shown, status) in [
        (json!({"token": token}), StatusCode::OK),
        (json!({"token": JWT.join(".")}), StatusCode::OK),
        (json!({"link": link}), StatusCode::OK),
        (json!({"link": link}), StatusCode::UNAUTHORIZED),
        (json!({"token": "rt_0123456789abcdef_plantedguess"}), StatusCode::UNAUTHORIZED),
        (json!({"token": "plantedsecret"}), StatusCode::UNAUTHORIZED),
        (json!({"plantedsecret": "plantedsecret"}), StatusCode::BAD_REQUEST),
    ] {
        let answer = client.post(api.url("session")).json(&shown).send().await.unwrap();
        assert_eq!(answer.status(), status, "{shown}");
        let Some(cookie) = answer.headers().get("set-cookie") else { continue };
        let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        let session: Value = answer.json().await.unwrap();
        let csrf = session["csrf"].as_str().unwrap().to_owned();
        let change = |method: Method, route: &str, csrf: &str| {
            client.request(method, api.url(route)).header("cookie", &cookie).header("x-csrf-token", csrf)
        };
        let made = change(Method::POST, "tokens", &csrf).json(&json!({"name": "plantedtoken"})).send().await.unwrap();
        assert_eq!(made.status(), StatusCode::CREATED);
        let made: Value = made.json().await.unwrap();
        secrets.push(made["token"].as_str().unwrap().to_owned());
        let route = format!("tokens/{}", made["id"].as_str().unwrap());
        assert_eq!(change(Method::DELETE, &route, &csrf).send().await.unwrap().status(), StatusCode::NO_CONTENT);
        let forged = change(Method::DELETE, "session", "plantedcsrf").send().await.unwrap();
        assert_eq!(forged.status(), StatusCode::FORBIDDEN);
        let ended = change(Method::DELETE, "session", &csrf).send().await.unwrap();
        assert_eq!(ended.status(), StatusCode::NO_CONTENT);
        secrets.extend([cookie.split_once('=').unwrap().1.to_owned(), csrf]);
    }
    secrets
}
