//! Malformed requests.

use reqwest::StatusCode;
use rethread_tests::{Side, System, http_client, on_both_sides, status_of, wait_for};

use super::neighbour::Neighbour;
use super::{MEMORY, connect, head};

on_both_sides!(nonsense_is_refused, resumable_uploads_that_make_no_sense_are_refused);

/// JSON that exhausts a careless reader's stack, memory or time.
fn json_bombs() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000)).into_bytes();
    let many_keys = (0..200_000).map(|number| format!("\"k{number}\":0")).collect::<Vec<_>>().join(",");
    vec![
        ("arrays in arrays", nested("[", "]")),
        ("arrays without an end", "[".repeat(60_000).into_bytes()),
        ("objects in objects", nested("{\"token\":", "}")),
        ("a token of a megabyte", format!("{{\"token\":\"{}\"}}", "x".repeat(1 << 20)).into_bytes()),
        ("a name of 60 kB", format!("{{\"name\":\"{}\"}}", "x".repeat(60_000)).into_bytes()),
        ("many keys", format!("{{{many_keys},\"token\":\"x\"}}").into_bytes()),
        ("one key many times", format!("{{{}\"token\":\"x\"}}", "\"token\":\"y\",".repeat(4_000)).into_bytes()),
        ("a long number", format!("{{\"token\":{}}}", "9".repeat(60_000)).into_bytes()),
        ("half a surrogate", b"{\"token\":\"\\ud800\"}".to_vec()),
        ("no UTF-8", b"{\"token\":\"\xff\xfe\"}".to_vec()),
        ("a control character", b"{\"token\":\"\x00\"}".to_vec()),
        ("nothing", Vec::new()),
        ("null", b"null".to_vec()),
    ]
}

/// Malformed requests.
fn malformed(token: &str) -> Vec<(&'static str, String, &'static [u16])> {
    let post = |headers: &str, body: &str| head("POST", "/api/v1/imports", token, headers) + body;
    let requests: [(&'static str, String, &'static [u16]); 12] = [
        ("two lengths", post("content-length: 5\r\ncontent-length: 6\r\n", "hello!"), &[400]),
        ("a negative length", post("content-length: -5\r\n", "hello"), &[400]),
        ("a huge length", post("content-length: 99999999999999999999999\r\n", "hello"), &[400]),
        // The number is too large for hyper, which reports that the head is too large.
        ("a length that overflows", post("content-length: 18446744073709551615\r\n", "hello"), &[400, 413, 431]),
        ("a coding that nobody knows", post("transfer-encoding: gzip\r\n", "hello"), &[400]),
        ("a chunk that overflows", post("transfer-encoding: chunked\r\n", "fffffffffffffffff\r\nhello"), &[0, 400]),
        ("a chunk of no number", post("transfer-encoding: chunked\r\n", "hello\r\n"), &[0, 400]),
        ("a header that breaks the line", head("GET", "/api/v1/jobs", token, "x: a\rb\r\n"), &[400]),
        ("a header of no name", head("GET", "/api/v1/jobs", token, ": b\r\n"), &[400]),
        ("HTTP/2 without a word", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), &[0, 400, 505]),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}".repeat(100), &[0, 400]),
        ("no HTTP", "\u{0}\u{1}\u{2}\r\n\r\n".to_owned(), &[0, 400]),
    ];
    requests.into()
}

async fn nonsense_is_refused(side: Side) {
    let system = System::start(side).await;
    let (server, token) = (system.api().address(), system.token("default"));
    let neighbour = Neighbour::begin(system.api().url("jobs"), &token);
    let client = http_client();

    for route in ["session", "tokens", "uploads", "detect", "exports", "moves"] {
        for (what, bomb) in json_bombs() {
            let request = client.post(system.api().url(route)).bearer_auth(&token).body(bomb);
            let answer = request.header("content-type", "application/json").send().await;
            // The connection may be closed while a refused body is sent.
            let status = answer.map_or(StatusCode::BAD_REQUEST, |answer| answer.status());
            let is_refused = status.is_client_error() || (route == "detect" && status.is_success());
            assert!(is_refused, "{what} to {route}: {status}");
        }
    }
    for (what, request, expected) in malformed(&token) {
        let mut wire = connect(server).await;
        wire.send(request).await.unwrap();
        let (_, said) = wire.flood(async || None).await;
        assert!(expected.contains(&status_of(&said)), "{what}: {said}");
    }

    neighbour.was_served().await;
    assert_eq!(system.files().await, Vec::<String>::new());
    assert!(system.gateway_peak_resident_bytes() < MEMORY, "{}", system.gateway_peak_resident_bytes());
}

/// Malformed creations of resumable uploads: headers, each ended by `\r\n`.
fn malformed_creations() -> Vec<(&'static str, String)> {
    let with = |headers: &str| format!("tus-resumable: 1.0.0\r\n{headers}content-length: 0\r\n");
    let metadata = |value: &str| with(&format!("upload-length: 10\r\nupload-metadata: {value}\r\n"));
    let mut creations = vec![
        ("no version", "upload-length: 10\r\ncontent-length: 0\r\n".to_owned()),
        ("another version", "tus-resumable: 9.9.9\r\nupload-length: 10\r\ncontent-length: 0\r\n".to_owned()),
        ("no length", with("")),
        ("two lengths", with("upload-length: 10\r\nupload-length: 20\r\n")),
        ("a length of nothing at all", with("upload-length: \r\n")),
        ("a length to be told later, in the wrong way", with("upload-defer-length: 2\r\n")),
        ("metadata that is no base64", metadata("file_name ???")),
        ("metadata that is no text", metadata("file_name //79")),
        ("metadata twice", metadata("dry_run dHJ1ZQ==,dry_run dHJ1ZQ==")),
        ("metadata that nobody knows", metadata("account Z2xvYmV4")),
        ("metadata of no vendor", metadata("vendor bXlzcGFjZQ==")),
        ("much metadata", metadata(&format!("map {}", "QUFB".repeat(15_000)))),
        ("nothing but commas", metadata(&",".repeat(5_000))),
    ];
    for length in
        ["-1", "+10", "1e9", "0x10", "ten", "18446744073709551616", "99999999999999999999999", "9223372036854775807"]
    {
        creations.push(("a length that is none", with(&format!("upload-length: {length}\r\n"))));
    }
    creations
}

/// Malformed continuations of an upload of ten bytes: headers and body.
fn malformed_continuations() -> Vec<(&'static str, String, &'static str)> {
    let media = "content-type: application/offset+octet-stream\r\n";
    let with =
        |headers: &str, body: &str| format!("tus-resumable: 1.0.0\r\n{headers}content-length: {}\r\n", body.len());
    let at = |offset: &str, body: &'static str| (with(&format!("{media}upload-offset: {offset}\r\n"), body), body);
    let mut continuations = vec![
        ("no version", format!("{media}upload-offset: 0\r\ncontent-length: 5\r\n"), "hello"),
        ("no media type", with("upload-offset: 0\r\n", "hello"), "hello"),
        ("another media type", with("content-type: text/plain\r\nupload-offset: 0\r\n", "hello"), "hello"),
        ("no offset", with(media, "hello"), "hello"),
        ("two offsets", with(&format!("{media}upload-offset: 0\r\nupload-offset: 5\r\n"), "hello"), "hello"),
        (
            "an unknown checksum",
            with(&format!("{media}upload-offset: 0\r\nupload-checksum: rot13 aGVsbG8=\r\n"), "hello"),
            "hello",
        ),
        ("half a checksum", with(&format!("{media}upload-offset: 0\r\nupload-checksum: sha1\r\n"), "hello"), "hello"),
        (
            "a wrong checksum",
            with(
                &format!("{media}upload-offset: 0\r\nupload-checksum: sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"),
                "hello",
            ),
            "hello",
        ),
    ];
    let (beyond, body) = at("0", "more than ten bytes");
    continuations.push(("more than was announced", beyond, body));
    for offset in ["5", "10", "11", "-1", "ten", "", "18446744073709551615", "18446744073709551616"] {
        let (headers, body) = at(offset, "hello");
        continuations.push(("a wrong offset", headers, body));
    }
    continuations
}

async fn resumable_uploads_that_make_no_sense_are_refused(side: Side) {
    let system = System::start(side).await;
    let (server, token) = (system.api().address(), system.token("default"));
    let neighbour = Neighbour::begin(system.api().url("jobs"), &token);
    let ask = async |method: &str, path: &str, headers: &str, body: &str| {
        let mut wire = connect(server).await;
        wire.send(head(method, path, &token, &format!("connection: close\r\n{headers}")) + body).await.unwrap();
        wire.rest().await
    };
    let refused = |what: &str, said: &str| assert!((400..500).contains(&status_of(said)), "{what}: {said}");

    for (what, headers) in malformed_creations() {
        refused(what, &ask("POST", "/api/v1/uploads", &headers, "").await);
    }
    let begun = "tus-resumable: 1.0.0\r\nupload-length: 10\r\ncontent-length: 0\r\n";
    let created = ask("POST", "/api/v1/uploads", begun, "").await;
    assert_eq!(status_of(&created), 201, "{created}");
    let upload = created.lines().find_map(|line| line.strip_prefix("location: ")).expect("it says where").to_owned();
    let upload = upload.split_once("/api/").map(|(_, path)| format!("/api/{path}")).unwrap();
    for (what, headers, body) in malformed_continuations() {
        refused(what, &ask("PATCH", &upload, &headers, body).await);
    }
    let version = "tus-resumable: 1.0.0\r\n";
    let five_bytes =
        format!("{version}content-type: application/offset+octet-stream\r\nupload-offset: 0\r\ncontent-length: 5\r\n");
    for id in ["01990000-0000-7000-8000-000000000000", "nonsense", "..%2f..", "%00", "-"] {
        let path = format!("/api/v1/uploads/{id}");
        refused(id, &ask("PATCH", &path, &five_bytes, "hello").await);
        refused(id, &ask("HEAD", &path, version, "").await);
        refused(id, &ask("DELETE", &path, version, "").await);
    }

    // None of them changed the upload.
    let told = ask("HEAD", &upload, version, "").await;
    assert!(told.contains("upload-offset: 0\r\n") && told.contains("upload-length: 10\r\n"), "{told}");
    let continued = ask("PATCH", &upload, &five_bytes, "hello").await;
    assert!(status_of(&continued) == 204 && continued.contains("upload-offset: 5\r\n"), "{continued}");
    let ended = ask("DELETE", &upload, version, "").await;
    assert_eq!(status_of(&ended), 204, "{ended}");
    neighbour.was_served().await;
    wait_for("the upload to be gone", || async { system.files().await.is_empty().then_some(()) }).await;
    assert!(system.gateway_peak_resident_bytes() < MEMORY, "{}", system.gateway_peak_resident_bytes());
}
