//! Nothing returns an upload.

use std::path::Path;
use std::time::Duration;

use rethread_tests::{Side, System, Wire, on_both_sides, status_of};
use serde_json::Value;

on_both_sides!(nothing_returns_an_upload);

/// Stands in the file many times, in a place that is not imported.
const MARKER: &str = "marker-of-the-upload-5fd1c0";

/// An export that keeps a system busy for a moment; nothing of the marker belongs to a comment.
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

/// Every route that reads something, by the server's own description, with the job's id wherever an id belongs.
async fn described_routes(system: &System, token: &str, job: &str) -> Vec<String> {
    let (_, description) = system.api().get("openapi.json", token).await;
    let paths = description["paths"].as_object().cloned().unwrap_or_default();
    let filled = |path: &String| {
        let parts = path.split('/').map(|part| if part.starts_with('{') { job } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    paths.keys().map(filled).collect()
}

/// Routes, folders and keys that might return it.
fn guesses(job: &str, stored: &[String]) -> Vec<String> {
    let mut paths: Vec<String> =
        ["", "/events", "/receipt", "/findings", "/findings?format=csv", "/file", "/upload", "/slices/0"]
            .iter()
            .map(|rest| format!("/api/v1/jobs/{job}{rest}"))
            .collect();
    for folder in
        ["/api/v1/uploads", "/api/v1/imports", "/api/v1/blobs", "/api/v1/exports", "/uploads", "/blobs", "/assets"]
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

/// Asks for a path by hand, so that no client makes it decent, and returns what comes within a moment.
async fn ask(system: &System, method: &str, path: &str, headers: &str) -> String {
    let mut wire = Wire::connect(system.api().address(), [127, 0, 0, 1]).await.unwrap();
    let request = format!("{method} {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n{headers}\r\n");
    // A request line that makes no sense may end the connection before it is whole.
    let _ = wire.send(request).await;
    // Live events never end while the job does not.
    let patience = if path.contains("/events") { Duration::from_millis(500) } else { Duration::from_secs(30) };
    wire.rest_within(patience).await
}

/// Looks for the upload everywhere, as an admin of its account, as one of another and as nobody.
async fn look_everywhere(system: &System, tokens: [&str; 2], job: &str, when: &str) {
    let stored = system.uploads().await;
    let mut paths = described_routes(system, tokens[0], job).await;
    paths.extend(guesses(job, &stored));
    let bearers = tokens.map(|token| format!("authorization: Bearer {token}\r\n"));
    let mut answers = 0;
    for path in &paths {
        for headers in [
            bearers[0].clone(),
            format!("{}range: bytes=0-\r\naccept: */*\r\n", bearers[0]),
            bearers[1].clone(),
            String::new(),
        ] {
            let said = ask(system, "GET", path, &headers).await;
            assert!(!said.contains(MARKER), "{when}: GET {path} returned the upload:\n{said:.2000}");
            answers += usize::from(status_of(&said) != 0);
        }
        for method in ["HEAD", "OPTIONS", "TRACE", "PROPFIND", "COPY"] {
            let said = ask(system, method, path, &bearers[0]).await;
            assert!(!said.contains(MARKER), "{when}: {method} {path} returned the upload:\n{said:.2000}");
        }
    }
    assert!(answers > paths.len(), "{when}: the server answered");
    for address in system.upload_addresses().await {
        for (name, value) in
            [("x-none", "0"), ("range", "bytes=0-"), ("authorization", "AWS4-HMAC-SHA256 Credential=x")]
        {
            let answer = reqwest::Client::new().get(&address).header(name, value).send().await.unwrap();
            assert!(answer.status().is_client_error(), "{when}: {address}: {}", answer.status());
            assert!(!answer.text().await.unwrap().contains(MARKER), "{when}: {address}");
        }
    }
}

async fn nothing_returns_an_upload(side: Side) {
    let system = System::start(side).await;
    let (api, token, other) = (system.api(), system.token("default"), system.token("other"));
    let tokens = [token.as_str(), other.as_str()];

    // Received in part.
    let mut partial = Wire::connect(api.address(), [127, 0, 0, 1]).await.unwrap();
    let beginning = &export()[..200_000];
    let head = format!(
        "POST /api/v1/imports HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\ncontent-length: 10000000\r\n\r\n"
    );
    partial.send(head.as_bytes()).await.unwrap();
    partial.send(beginning).await.unwrap();
    let receiving = rethread_tests::wait_for("the upload to have begun", || async {
        let (_, jobs) = api.get("jobs", &token).await;
        let job = jobs["jobs"][0].clone();
        (job["progress"]["bytes_stored"].as_u64().unwrap_or(0) > 0 || !system.uploads().await.is_empty())
            .then(|| job["id"].as_str().map(str::to_owned))?
    })
    .await;
    look_everywhere(&system, tokens, &receiving, "while it is received").await;
    drop(partial);

    // Whole, and waiting for its admin's word: it stays for as long as it is looked for.
    let waiting = api.begin_import("check=true", &token, export()).await;
    rethread_tests::wait_for("the check to be done", || async {
        (api.job(&waiting, &token).await["state"] == "waiting").then_some(())
    })
    .await;
    assert!(!system.uploads().await.is_empty(), "the upload is there to be found");
    look_everywhere(&system, tokens, &waiting, "while it is kept").await;
    let before = system.uploads().await;

    // Imported, and gone.
    let (status, confirmed) = api.post(&format!("jobs/{waiting}/confirm"), &token, Vec::new()).await;
    assert!(status.is_success(), "{confirmed:#}");
    let receipt = api.receipt(&waiting, &token).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    assert_eq!(receipt["outcome"]["created"], Value::from(2_000), "{receipt:#}");
    assert_eq!(system.uploads().await, Vec::<String>::new());
    for path in guesses(&waiting, &before) {
        let said = ask(&system, "GET", &path, &format!("authorization: Bearer {token}\r\n")).await;
        assert!(!said.contains(MARKER), "after the job: GET {path} returned the upload");
    }
}
