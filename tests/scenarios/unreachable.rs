//! No route returns an upload.

use std::path::Path;
use std::time::Duration;

use rethread_tests::{Side, System, Wire, http_client, on_both_sides, status_of, wait_for};
use serde_json::{Value, json};

on_both_sides!(nothing_returns_an_upload);

/// Occurs in the file many times, in a place that is not imported.
const MARKER: &str = "marker-of-the-upload-5fd1c0";

/// An export that keeps a system busy for a moment; the marker is not part of any comment.
fn export() -> Vec<u8> {
    let thread = "<thread dsq:id=\"10\"><id /><forum>small</forum><link>https://small.example/a/</link><title>A</title>\
                  <createdAt>2020-01-01T00:00:00Z</createdAt></thread>";
    let post = |id: u32| {
        format!(
            "<!-- {MARKER} --><post dsq:id=\"{id}\"><message>Hello</message><createdAt>2020-01-01T00:00:00Z</createdAt>\
             <isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Bo</name></author>\
             <thread dsq:id=\"10\" /></post>"
        )
    };
    let posts: String = (1..=2_000).map(post).collect();
    let file = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<disqus xmlns=\"http://disqus.com\" \
         xmlns:dsq=\"http://disqus.com/disqus-internals\"><!-- {MARKER} --><category dsq:id=\"1\"><forum>small</forum>\
         </category>{thread}{posts}</disqus>"
    );
    file.into_bytes()
}

/// Every route, from the server's own description, with the job's id wherever an id belongs.
async fn described_routes(system: &System, token: &str, job: &str) -> Vec<String> {
    let (_, description) = system.api().get("openapi.json", token).await;
    let paths = description["paths"].as_object().expect("the API describes itself");
    let filled = |path: &String| {
        let parts = path.split('/').map(|part| if part.starts_with('{') { job } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    paths.keys().map(filled).collect()
}

/// Requests with a body or special headers that might return it: method, path, headers, body.
fn disguised(job: &str) -> Vec<(&'static str, String, String, String)> {
    let (tus, json) = ("tus-resumable: 1.0.0\r\n", "content-type: application/json\r\n");
    let upload = format!("/api/v1/uploads/{job}");
    let mut requests = Vec::new();
    for method in ["HEAD", "GET", "POST", "OPTIONS"] {
        requests.push((method, upload.clone(), tus.to_owned(), String::new()));
    }
    for meant in ["GET", "HEAD", "COPY"] {
        requests.push(("POST", upload.clone(), format!("{tus}x-http-method-override: {meant}\r\n"), String::new()));
        let path = format!("/api/v1/jobs/{job}");
        requests.push(("POST", path, format!("x-http-method-override: {meant}\r\n"), String::new()));
    }
    let concat = format!("{tus}upload-concat: final;{upload}\r\n");
    requests.push(("POST", "/api/v1/uploads".to_owned(), concat, String::new()));
    for named in [job.to_owned(), upload, format!("file://{job}"), format!("../uploads/default/{job}")] {
        requests.push(("POST", format!("/api/v1/detect?file_name={named}"), String::new(), named.clone()));
        for route in ["session", "tokens"] {
            let body = format!("{{\"token\":\"{named}\",\"name\":\"{named}\"}}");
            requests.push(("POST", format!("/api/v1/{route}"), json.to_owned(), body));
        }
    }
    requests
}

/// Routes, folders and keys that might return it.
fn guesses(job: &str, stored: &[String]) -> Vec<String> {
    let mut paths: Vec<String> = [
        "",
        "/events",
        "/events?after=0",
        "/receipt",
        "/findings",
        "/findings?format=csv",
        "/file",
        "/upload",
        "/slices/0",
    ]
    .iter()
    .map(|rest| format!("/api/v1/jobs/{job}{rest}"))
    .collect();
    paths.extend(["/", "/api/v1/jobs/events", "/api/v1/jobs?limit=100", "/api/v1/pages"].map(str::to_owned));
    for folder in ["/api/v1/uploads", "/api/v1/imports", "/api/v1/blobs", "/uploads", "/blobs", "/assets", "/assets/x"]
    {
        paths.push(folder.to_owned());
        paths.push(format!("{folder}/"));
        paths.push(format!("{folder}/{job}"));
        paths.push(format!("{folder}/default/{job}"));
        paths.push(format!("{folder}/uploads/default/{job}"));
    }
    for stored in stored {
        let stored = stored.trim_end_matches(" (unfinished)");
        let path = Path::new(stored);
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let absolute = format!("/{}", stored.trim_start_matches('/'));
        paths.extend([absolute.clone(), format!("/{absolute}"), format!("/assets{absolute}"), format!("/{file}")]);
        for up in ["..", "%2e%2e", "%2E.", "..%2f..", "%252e%252e", "..\\..", "%5c..", "....//.."] {
            let climb = [up; 12].join("/");
            for from in ["", "/assets", "/assets/x", "/api/v1", &format!("/api/v1/jobs/{job}")] {
                paths.push(format!("{from}/{climb}{absolute}"));
            }
        }
        paths.push(format!("/assets/x/{}", absolute.replace('/', "%2f")));
        paths.push(format!("{absolute}%00.html"));
        paths.push(format!("file://{absolute}"));
        paths.push(format!("http://127.0.0.1{absolute}"));
        paths.push(format!("http://169.254.169.254{absolute}"));
    }
    paths
}

/// Where to look, and with which credentials.
struct Search<'a> {
    system: &'a System,
    /// Headers that authenticate an admin of its account by token and by session, one of another
    /// account, and no one.
    callers: Vec<String>,
    routes: Vec<String>,
    job: &'a str,
    /// Names under which it is, or was, stored.
    stored: Vec<String>,
    /// Addresses of these in the bucket.
    addresses: Vec<String>,
}

impl<'a> Search<'a> {
    async fn of(system: &'a System, tokens: [&str; 2], job: &'a str) -> Self {
        let mut callers = tokens.map(|token| format!("authorization: Bearer {token}\r\n")).to_vec();
        callers.extend([session(system, tokens[0]).await, String::new()]);
        let routes = described_routes(system, tokens[0], job).await;
        let (stored, addresses) = (system.files().await, system.file_addresses().await);
        assert!(!stored.is_empty(), "the upload is there to be found");
        Self { system, callers, routes, job, stored, addresses }
    }

    /// Sends raw requests, so that no client normalises the path, and asserts that the bytes
    /// received within a moment do not contain the upload. Returns whether there was an answer.
    async fn ask(&self, when: &str, method: &str, path: &str, headers: &str, body: &str) -> bool {
        let mut wire = Wire::connect(self.system.api().address(), [127, 0, 0, 1]).await.unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        // A malformed request line may end the connection before it is complete.
        let _ = wire.send(head + body).await;
        // Live events do not end before the job does.
        let patience = if path.contains("/events") { Duration::from_millis(500) } else { Duration::from_secs(30) };
        let said = wire.rest_within(patience).await;
        assert!(!said.contains(MARKER), "{when}: {method} {path} returned the upload:\n{said:.2000}");
        status_of(&said) != 0
    }

    async fn look_everywhere(&self, when: &str) {
        let paths: Vec<String> = self.routes.iter().cloned().chain(guesses(self.job, &self.stored)).collect();
        let mut answers = 0;
        for path in &paths {
            for caller in &self.callers {
                answers += usize::from(self.ask(when, "GET", path, caller, "").await);
            }
            let piece = format!("{}range: bytes=0-\r\naccept: */*\r\nlast-event-id: 0\r\n", self.callers[0]);
            self.ask(when, "GET", path, &piece, "").await;
            for method in ["HEAD", "OPTIONS", "TRACE", "PROPFIND", "COPY"] {
                self.ask(when, method, path, &self.callers[0], "").await;
            }
        }
        assert!(answers > paths.len(), "{when}: the server answered");
        for (method, path, headers, body) in disguised(self.job) {
            for caller in &self.callers {
                assert!(self.ask(when, method, &path, &format!("{caller}{headers}"), &body).await, "{method} {path}");
            }
        }
        self.look_into_the_bucket(when).await;
    }

    /// The bucket returns nothing for unsigned requests, or for wrong signatures.
    async fn look_into_the_bucket(&self, when: &str) {
        for address in &self.addresses {
            for (name, value) in
                [("x-none", "0"), ("range", "bytes=0-"), ("authorization", "AWS4-HMAC-SHA256 Credential=x")]
            {
                let answer = http_client().get(address).header(name, value).send().await.unwrap();
                assert!(answer.status().is_client_error(), "{when}: {address}: {}", answer.status());
                assert!(!answer.text().await.unwrap().contains(MARKER), "{when}: {address}");
            }
        }
    }
}

/// Signs a browser in and returns the headers that it then sends.
async fn session(system: &System, token: &str) -> String {
    let opened = http_client().post(system.api().url("session")).json(&json!({"token": token}));
    let opened = opened.send().await.unwrap();
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let session: Value = opened.json().await.unwrap();
    format!("cookie: {cookie}\r\nx-csrf-token: {}\r\n", session["csrf"].as_str().unwrap())
}

async fn nothing_returns_an_upload(side: Side) {
    let system = System::start_with(side, &[("RETHREAD_GATEWAY__BODY_IDLE_TIMEOUT", "1h")]).await;
    let (api, token, other) = (system.api(), system.token("default"), system.token("other"));
    let tokens = [token.as_str(), other.as_str()];
    assert!(side == Side::Embedded || !system.file_addresses().await.is_empty(), "there is a bucket to ask");

    // Partly received, in pieces.
    let created = http_client().post(api.url("uploads")).bearer_auth(&token);
    let created = created.header("tus-resumable", "1.0.0").header("upload-length", 10_000_000).send().await.unwrap();
    let location = created.headers()["location"].to_str().unwrap().to_owned();
    let pieces = location.rsplit('/').next().unwrap();
    let piece = http_client().patch(api.url(&format!("uploads/{pieces}"))).bearer_auth(&token);
    let piece = piece.header("tus-resumable", "1.0.0").header("upload-offset", 0);
    let piece = piece.header("content-type", "application/offset+octet-stream").body(export()).send().await.unwrap();
    assert_eq!(piece.status(), reqwest::StatusCode::NO_CONTENT);
    Search::of(&system, tokens, pieces).await.look_everywhere("between two pieces").await;
    let ended = http_client().delete(api.url(&format!("uploads/{pieces}"))).bearer_auth(&token);
    let ended = ended.header("tus-resumable", "1.0.0").send().await.unwrap();
    assert_eq!(ended.status(), reqwest::StatusCode::NO_CONTENT);
    wait_for("the pieces to be gone", || async { system.files().await.is_empty().then_some(()) }).await;

    // Partly received, by one request that continues.
    let mut partial = Wire::connect(api.address(), [127, 0, 0, 1]).await.unwrap();
    let head = format!(
        "POST /api/v1/imports HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\ncontent-length: 50000000\r\n\r\n"
    );
    partial.send(head.as_bytes()).await.unwrap();
    // A bucket gets a part only when it is complete.
    partial.send(export().repeat(20_000_000 / export().len())).await.unwrap();
    let receiving = wait_for("the upload to have begun", || async {
        let (_, jobs) = api.get("jobs", &token).await;
        let id = jobs["jobs"][0]["id"].as_str()?.to_owned();
        (id != pieces && !system.files().await.is_empty()).then_some(id)
    })
    .await;
    Search::of(&system, tokens, &receiving).await.look_everywhere("while it is received").await;
    drop(partial);
    wait_for("the broken upload to be gone", || async { system.files().await.is_empty().then_some(()) }).await;

    // Complete, and waiting for confirmation: it stays stored during the whole search.
    let waiting = api.begin_import("check=true", &token, export()).await;
    wait_for("the check to be done", || async {
        (api.job(&waiting, &token).await["state"] == "waiting").then_some(())
    })
    .await;
    let search = Search::of(&system, tokens, &waiting).await;
    search.look_everywhere("while it is kept").await;

    // Imported, and removed from all these places.
    let (status, confirmed) = api.post(&format!("jobs/{waiting}/confirm"), &token, Vec::new()).await;
    assert!(status.is_success(), "{confirmed:#}");
    let receipt = api.receipt(&waiting, &token).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    assert_eq!(receipt["outcome"]["created"], Value::from(2_000), "{receipt:#}");
    assert_eq!(system.files().await, Vec::<String>::new());
    search.look_everywhere("after the job").await;
}
