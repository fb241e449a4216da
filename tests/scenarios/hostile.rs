//! Clients that mean harm, while another one is served.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};
use reqwest::StatusCode;
use rethread_runtime::raise_descriptor_limit;
use rethread_tests::{Rethread, Serve, Side, System, Wire, on_both_sides, sample, status_of, wait_for};
use tokio::task::JoinHandle;

on_both_sides!(slow_clients_keep_nobody_out, floods_are_cut_short, nonsense_is_refused);

/// What a gateway may have resident at most, whatever comes. A debug build, with all roles in it on the embedded side.
const MEMORY: u64 = 256 << 20;

/// … with ten thousand connections open, each with the beginning of a request.
const MEMORY_OF_TEN_THOUSAND: u64 = 512 << 20;

/// No flood gets further than this before it is cut. What is refused is read on for a moment, so that the client sees why.
const FLOOD: u64 = 512 << 20;

/// Where hostile clients come from.
const HOSTILE: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Where a good one does.
const GOOD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A good client, which asks all the while on new connections.
struct Neighbour {
    is_over: Arc<AtomicBool>,
    asking: JoinHandle<(usize, Duration)>,
}

impl Neighbour {
    fn begin(url: String, token: &str) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, token) = (Arc::clone(&is_over), token.to_owned());
        let client = reqwest::Client::builder().local_address(Some(GOOD.into())).pool_max_idle_per_host(0);
        let client = client.timeout(Duration::from_secs(30)).build().unwrap();
        let asking = tokio::spawn(async move {
            let (mut answers, mut slowest) = (0, Duration::ZERO);
            while !over.load(Ordering::SeqCst) {
                let begun = Instant::now();
                let answer = client.get(&url).bearer_auth(&token).send().await;
                let answer = answer.unwrap_or_else(|error| panic!("the neighbour was not answered: {error:?}"));
                assert_eq!(answer.status(), StatusCode::OK);
                slowest = slowest.max(begun.elapsed());
                answers += 1;
            }
            (answers, slowest)
        });
        Self { is_over, asking }
    }

    /// Asserts that it was served all the while.
    async fn was_served(self) {
        self.is_over.store(true, Ordering::SeqCst);
        let (answers, slowest) = self.asking.await.unwrap();
        assert!(answers > 0);
        // A generous bound for a machine that runs other tests at the same time: one that waits for a place waits longer.
        assert!(slowest < Duration::from_secs(5), "an answer took {slowest:?}, of {answers}");
    }
}

async fn connect(server: SocketAddr) -> Wire {
    Wire::connect(server, HOSTILE).await.expect("the server accepts")
}

async fn slow_clients_keep_nobody_out(side: Side) {
    let settings = [
        ("RETHREAD_GATEWAY__MAX_CONNECTIONS", "60"),
        ("RETHREAD_GATEWAY__HEADER_TIMEOUT", "2s"),
        ("RETHREAD_GATEWAY__BODY_IDLE_TIMEOUT", "2s"),
    ];
    let system = System::start_with(side, &settings).await;
    let (server, token) = (system.api().address(), system.token("default"));
    let neighbour = Neighbour::begin(system.api().url("jobs"), &token);

    let slow_heads = join_all((0..300).map(|number| async move {
        let mut wire = connect(server).await;
        let beginning = ["", "GET", "GET /api/v1/jobs HTTP/1.1\r\nhost: here\r\nx-slow: "][number % 3];
        // Where others came meanwhile the connection is cut already.
        let _ = wire.send(beginning).await;
        wire.rest().await
    }));
    let slow_bodies = join_all((0..3).map(|number| {
        let token = token.clone();
        async move {
            let mut wire = connect(server).await;
            let head = format!(
                "POST /api/v1/imports HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n\
                 transfer-encoding: chunked\r\n\r\n"
            );
            wire.send(head).await.unwrap();
            if number == 0 {
                return wire.rest().await;
            }
            // The others drip, often enough to never be silent.
            let drip = async || {
                tokio::time::sleep(Duration::from_millis(100 * number)).await;
                Some(b"1\r\nx\r\n".to_vec())
            };
            wire.flood(drip).await.1
        }
    }));
    let (slow_heads, slow_bodies) = tokio::join!(slow_heads, slow_bodies);
    for said in slow_heads {
        assert!(!said.contains(" 200 "), "{said}");
    }
    for said in slow_bodies {
        assert_eq!(status_of(&said), 408, "{said}");
    }
    neighbour.was_served().await;
    wait_for("the broken uploads to be gone", || async { system.uploads().await.is_empty().then_some(()) }).await;
    assert!(system.gateway_peak_resident_bytes() < MEMORY, "{}", system.gateway_peak_resident_bytes());
}

/// On the embedded side alone: the ends of all connections are in the test process too.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_connections_are_held_while_a_file_is_imported() {
    raise_descriptor_limit();
    let rethread = Rethread::new();
    let token = rethread.run(&["token", "create", "--account", "default", "--name", "ann"]).stdout.trim().to_owned();
    let settings = [
        ("RETHREAD_GATEWAY__MAX_CONNECTIONS", "11000"),
        ("RETHREAD_GATEWAY__MAX_CONNECTIONS_PER_ADDRESS", "11000"),
        ("RETHREAD_GATEWAY__HEADER_TIMEOUT", "10m"),
    ];
    let serve = Serve::start(&rethread, &settings).await;
    let wanted = connections_that_can_be();
    let server = serve.api.address();
    let open = stream::iter(0..wanted).map(|_| async move {
        let mut wire = connect(server).await;
        wire.send("GET /api/v1/jobs HTTP/1.1\r\nhost: here\r\nx-slow: ").await.unwrap();
        wire
    });
    let open: Vec<Wire> = open.buffer_unordered(200).collect().await;
    wait_for("the server to have them all", || async { (serve.open_descriptors() > wanted).then_some(()) }).await;

    let neighbour = Neighbour::begin(serve.api.url("jobs"), &token);
    let receipt = serve.api.import("", &token, std::fs::read(sample("disqus.xml.gz")).unwrap()).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    neighbour.was_served().await;
    assert!(serve.open_descriptors() > wanted, "none was cut");
    assert!(serve.peak_resident_bytes() < MEMORY_OF_TEN_THOUSAND, "{}", serve.peak_resident_bytes());
    drop(open);
}

/// Ten thousand, or fewer where this process may not have as many files open.
fn connections_that_can_be() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let limit: usize = line.split_whitespace().next().unwrap().parse().unwrap_or(usize::MAX);
    let wanted = limit.saturating_sub(2_000).min(10_000);
    if wanted < 10_000 {
        eprintln!("only {wanted} connections: the system allows a process {limit} open files");
    }
    wanted
}

/// The beginning of a request with the headers that are given, each ended by `\r\n`.
fn head(method: &str, path: &str, token: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n{headers}\r\n")
}

async fn floods_are_cut_short(side: Side) {
    let settings = [("RETHREAD_GATEWAY__MAX_UPLOAD_BYTES", "4194304"), ("RETHREAD_GATEWAY__HEADER_TIMEOUT", "5s")];
    let system = System::start_with(side, &settings).await;
    let (server, token) = (system.api().address(), system.token("default"));
    let neighbour = Neighbour::begin(system.api().url("jobs"), &token);

    let chunked = "transfer-encoding: chunked\r\n";
    let unknown = "/api/v1/jobs/01990000-0000-7000-8000-000000000000/cancel";
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let endless_line = vec![b'x'; 1 << 16];
    let headers = b"x: y\r\n".repeat(10_000);
    let floods: [(&str, String, &[u8], &[u16]); 12] = [
        ("a body without end", head("POST", "/api/v1/imports", &token, chunked), &chunk, &[413]),
        ("… without a token", head("POST", "/api/v1/imports", "rt_x_y", chunked), &chunk, &[401]),
        ("… where none belongs", head("POST", unknown, &token, chunked), &chunk, &[404]),
        ("… that is read by nobody", head("GET", "/api/v1/jobs", &token, chunked), &chunk, &[200]),
        ("… nowhere", head("PUT", "/nowhere", &token, chunked), &chunk, &[404]),
        ("… of a sign-in", head("POST", "/api/v1/session", &token, &format!("content-type: application/json\r\n{chunked}")), &chunk, &[400, 401, 404, 413, 415]),
        ("a chunk's extension without end", head("POST", "/api/v1/imports", &token, chunked) + "5;", &endless_line, &[0, 400]),
        ("trailers without end", head("POST", "/api/v1/imports", &token, chunked) + "0\r\n", &headers, &[0, 400]),
        ("a header without end", "GET / HTTP/1.1\r\nx: ".to_owned(), &endless_line, &[431]),
        ("headers without end", "GET / HTTP/1.1\r\n".to_owned(), &headers, &[431]),
        ("an address without end", "GET /".to_owned(), &endless_line, &[414, 431]),
        ("a method without end", String::new(), &endless_line, &[0, 400, 414, 431]),
    ];
    let cut = join_all(floods.iter().map(|(what, beginning, piece, expected)| async move {
        let mut wire = connect(server).await;
        wire.send(beginning).await.unwrap();
        let mut left = FLOOD / piece.len() as u64;
        let (sent, said) = wire
            .flood(async || {
                left = left.checked_sub(1)?;
                Some(piece.to_vec())
            })
            .await;
        assert!(sent < FLOOD, "{what}: {sent} bytes were taken");
        // A client that is still sending may be cut before it has read the answer.
        let status = status_of(&said);
        assert!(status == 0 || expected.contains(&status), "{what}: {said}");
    }));
    let many_heads = join_all((0..200).map(|_| async {
        let mut wire = connect(server).await;
        let _ = wire.send(format!("GET / HTTP/1.1\r\nx: {}", "y".repeat(70_000))).await;
        assert!(!wire.rest().await.contains(" 200 "));
    }));
    tokio::join!(cut, many_heads);

    neighbour.was_served().await;
    wait_for("the broken uploads to be gone", || async { system.uploads().await.is_empty().then_some(()) }).await;
    assert!(system.gateway_peak_resident_bytes() < MEMORY, "{}", system.gateway_peak_resident_bytes());
}

/// JSON that costs a careless reader its stack, its memory or its time.
fn json_bombs() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000)).into_bytes();
    let many_keys: String = (0..200_000).map(|number| format!("\"k{number}\":0,")).collect();
    vec![
        ("arrays in arrays", nested("[", "]")),
        ("arrays without an end", "[".repeat(60_000).into_bytes()),
        ("objects in objects", nested("{\"token\":", "}")),
        ("a token of a megabyte", format!("{{\"token\":\"{}\"}}", "x".repeat(1 << 20)).into_bytes()),
        ("a name of 60 kB", format!("{{\"name\":\"{}\"}}", "x".repeat(60_000)).into_bytes()),
        ("many keys", format!("{{{many_keys}\"token\":\"x\"}}").into_bytes()),
        ("one key many times", format!("{{{}\"token\":\"x\"}}", "\"token\":\"y\",".repeat(4_000)).into_bytes()),
        ("a long number", format!("{{\"token\":{}}}", "9".repeat(60_000)).into_bytes()),
        ("half a surrogate", b"{\"token\":\"\\ud800\"}".to_vec()),
        ("no UTF-8", b"{\"token\":\"\xff\xfe\"}".to_vec()),
        ("a control character", b"{\"token\":\"\x00\"}".to_vec()),
        ("nothing", Vec::new()),
        ("null", b"null".to_vec()),
    ]
}

/// Requests that no client means.
fn malformed(token: &str) -> Vec<(&'static str, String, &'static [u16])> {
    let post = |headers: &str, body: &str| head("POST", "/api/v1/imports", token, headers) + body;
    vec![
        ("two lengths", post("content-length: 5\r\ncontent-length: 6\r\n", "hello!"), &[400]),
        ("a negative length", post("content-length: -5\r\n", "hello"), &[400]),
        ("a huge length", post("content-length: 99999999999999999999999\r\n", "hello"), &[400]),
        ("a length that overflows", post("content-length: 18446744073709551615\r\n", "hello"), &[400, 413]),
        ("a coding that nobody knows", post("transfer-encoding: gzip\r\n", "hello"), &[400]),
        ("a chunk that overflows", post("transfer-encoding: chunked\r\n", "fffffffffffffffff\r\nhello"), &[0, 400]),
        ("a chunk of no number", post("transfer-encoding: chunked\r\n", "hello\r\n"), &[0, 400]),
        ("a header that breaks the line", head("GET", "/api/v1/jobs", token, "x: a\rb\r\n"), &[400]),
        ("a header of no name", head("GET", "/api/v1/jobs", token, ": b\r\n"), &[400]),
        ("HTTP/2 without a word", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), &[0, 400, 505]),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}".repeat(100), &[0, 400]),
        ("no HTTP", "\u{0}\u{1}\u{2}\r\n\r\n".to_owned(), &[0, 400]),
    ]
}

async fn nonsense_is_refused(side: Side) {
    let system = System::start(side).await;
    let (server, token) = (system.api().address(), system.token("default"));
    let neighbour = Neighbour::begin(system.api().url("jobs"), &token);
    let client = reqwest::Client::new();

    for route in ["session", "tokens", "uploads", "detect", "exports", "moves"] {
        for (what, bomb) in json_bombs() {
            let request = client.post(system.api().url(route)).bearer_auth(&token).body(bomb);
            let answer = request.header("content-type", "application/json").send().await;
            // A body that is refused may be cut while it is sent.
            let status = answer.map_or(StatusCode::BAD_REQUEST, |answer| answer.status());
            let is_refused = status.is_client_error() || (route == "detect" && status.is_success());
            // A name of 60 kB is the one that a careless route would keep.
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
    assert_eq!(system.uploads().await, Vec::<String>::new());
    assert!(system.gateway_peak_resident_bytes() < MEMORY, "{}", system.gateway_peak_resident_bytes());
}
