//! Hostile clients, while a legitimate one is served.

mod neighbour;
mod nonsense;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};
use rethread_runtime::raise_descriptor_limit;
use rethread_tests::{Rethread, Serve, Side, System, Wire, on_both_sides, sample, status_of, wait_for};
use tokio::sync::Semaphore;

use neighbour::Neighbour;

on_both_sides!(slow_clients_keep_nobody_out, floods_are_cut_short);

/// Upper limit of a gateway's resident memory, whatever arrives. A debug build, which runs all
/// roles on the embedded deployment.
const MEMORY: u64 = 256 << 20;

/// … with [`CONNECTIONS`] open, each with a partial request.
const MEMORY_OF_TEN_THOUSAND: u64 = 512 << 20;

/// Number of connections held at the same time.
const CONNECTIONS: usize = 10_000;

/// No flood gets further than this before its connection is closed. Refused input is read for a
/// moment longer, so that the client sees the reason.
const FLOOD: u64 = 512 << 20;

/// Source address of hostile clients.
const HOSTILE: Ipv4Addr = Ipv4Addr::LOCALHOST;

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

    let begun = &Semaphore::new(0);
    let slow_heads = join_all((0..300).map(|number| async move {
        // Until a body's connection has its request in progress, it can be closed to make room like
        // any other.
        drop(begun.acquire_many(3).await.unwrap());
        let mut wire = connect(server).await;
        let beginning = ["", "GET", "GET /api/v1/jobs HTTP/1.1\r\nhost: here\r\nx-slow: "][number % 3];
        // If others arrived meanwhile, the connection is already closed.
        let _ = wire.send(beginning).await;
        wire.rest().await
    }));
    let slow_bodies = join_all((0..3).map(|number| {
        let token = token.clone();
        async move {
            let mut wire = connect(server).await;
            let head = format!(
                "POST /api/v1/imports HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n\
                 expect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n"
            );
            wire.send(head).await.unwrap();
            assert!(wire.head().await.starts_with("HTTP/1.1 100 "), "from here on it has a request on its way");
            begun.add_permits(1);
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
    wait_for("the broken uploads to be gone", || async { system.files().await.is_empty().then_some(()) }).await;
    assert!(system.gateway_peak_resident_bytes() < MEMORY, "{}", system.gateway_peak_resident_bytes());
}

/// On the embedded deployment only: the client ends of all connections are in the test process too.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_connections_are_held_while_a_file_is_imported() {
    allow_connections();
    let rethread = Rethread::new();
    let token = rethread.run(&["token", "create", "--account", "default", "--name", "ann"]).stdout.trim().to_owned();
    let settings = [
        ("RETHREAD_GATEWAY__MAX_CONNECTIONS", "11000"),
        ("RETHREAD_GATEWAY__MAX_CONNECTIONS_PER_ADDRESS", "11000"),
        ("RETHREAD_GATEWAY__HEADER_TIMEOUT", "10m"),
    ];
    let serve = Serve::start(&rethread, &settings).await;
    let server = serve.api.address();
    let open = stream::iter(0..CONNECTIONS).map(|_| async move {
        let mut wire = connect(server).await;
        wire.send("GET /api/v1/jobs HTTP/1.1\r\nhost: here\r\nx-slow: ").await.unwrap();
        wire
    });
    let open: Vec<Wire> = open.buffer_unordered(200).collect().await;
    wait_for("the server to have them all", || async { (serve.open_descriptors() > CONNECTIONS).then_some(()) }).await;

    let neighbour = Neighbour::begin(serve.api.url("jobs"), &token);
    let receipt = serve.api.import("", &token, std::fs::read(sample("disqus.xml.gz")).unwrap()).await;
    assert_eq!(receipt["state"], "succeeded", "{receipt:#}");
    neighbour.was_served().await;
    assert!(serve.open_descriptors() > CONNECTIONS, "none was cut");
    assert!(serve.peak_resident_bytes() < MEMORY_OF_TEN_THOUSAND, "{}", serve.peak_resident_bytes());
    drop(open);
}

/// Raises this process's limit of file descriptors, since it holds the client ends. The server
/// raises its own.
fn allow_connections() {
    raise_descriptor_limit();
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let limit: usize = line.split_whitespace().next().unwrap().parse().unwrap_or(usize::MAX);
    assert!(
        limit >= CONNECTIONS + 1_000,
        "this system lets a process have {limit} open files at most, and the scenario needs {}; raise its hard limit \
         (ulimit -Hn)",
        CONNECTIONS + 1_000
    );
}

/// The start of a request with the given headers, each ended by `\r\n`.
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
    let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x10000], b"\r\n"].concat();
    let endless_line = vec![b'x'; 1 << 16];
    let headers = b"x: y\r\n".repeat(10_000);
    let floods: [(&str, String, &[u8], &[u16]); 12] = [
        ("a body without end", head("POST", "/api/v1/imports", &token, chunked), &chunk, &[413]),
        ("… without a token", head("POST", "/api/v1/imports", "rt_x_y", chunked), &chunk, &[401]),
        ("… where none belongs", head("POST", unknown, &token, chunked), &chunk, &[404]),
        ("… that is read by nobody", head("GET", "/api/v1/jobs", &token, chunked), &chunk, &[200]),
        ("… nowhere", head("PUT", "/nowhere", &token, chunked), &chunk, &[404]),
        (
            "… of a sign-in",
            head("POST", "/api/v1/session", &token, &format!("content-type: application/json\r\n{chunked}")),
            &chunk,
            &[400, 401, 404, 413, 415],
        ),
        (
            "a chunk's extension without end",
            head("POST", "/api/v1/imports", &token, chunked) + "5;",
            &endless_line,
            &[0, 400],
        ),
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
        // A client that is still sending may be disconnected before it has read the answer.
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
    wait_for("the broken uploads to be gone", || async { system.files().await.is_empty().then_some(()) }).await;
    assert!(system.gateway_peak_resident_bytes() < MEMORY, "{}", system.gateway_peak_resident_bytes());
}
