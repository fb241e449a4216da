use std::future::pending;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;

use super::*;

struct Server {
    address: SocketAddr,
    lifecycle: Lifecycle,
    ended: JoinHandle<()>,
}

async fn serve(router: Router, limits: HttpLimits) -> Server {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let lifecycle = Lifecycle::new();
    let own = lifecycle.clone();
    let ended = tokio::spawn(async move { serve_http(listener, router, limits, None, &own).await });
    Server { address, lifecycle, ended }
}

/// The server's response to `request`, up to the end of the connection.
async fn exchange(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn hello() -> Router {
    Router::new().route("/", get(async |ConnectInfo(client): ConnectInfo<SocketAddr>| client.ip().to_string()))
}

#[tokio::test]
async fn answers_and_knows_the_client() {
    let server = serve(hello(), HttpLimits::default()).await;
    let answer = exchange(&server, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
    server.lifecycle.stop();
    server.ended.await.unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_end_its_request_head_is_cut() {
    let limits = HttpLimits { header_timeout: Duration::from_millis(50), ..HttpLimits::default() };
    let server = serve(hello(), limits).await;
    // `exchange` returns because the server closes the connection.
    for slow in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: x\r\n"] {
        let answer = exchange(&server, slow).await;
        assert!(!answer.contains("200"), "{answer}");
    }
}

#[tokio::test]
async fn a_huge_request_head_is_refused() {
    let limits = HttpLimits { max_header_bytes: 8 << 10, ..HttpLimits::default() };
    let server = serve(hello(), limits).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(9 << 10));
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 431");
}

#[tokio::test]
async fn a_soft_stop_lets_a_request_end() {
    let (begun, mut has_begun) = tokio::sync::mpsc::channel::<()>(1);
    let (go_on, may_go_on) = tokio::sync::watch::channel(false);
    let router = Router::new().route(
        "/",
        get(async move || {
            let _ = begun.send(()).await;
            let _ = may_go_on.clone().wait_for(|go_on| *go_on).await;
            "done"
        }),
    );
    let server = serve(router, HttpLimits::default()).await;
    let request = exchange(&server, "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    let stop = async {
        has_begun.recv().await;
        server.lifecycle.stop();
        go_on.send_replace(true);
    };
    let (answer, ()) = tokio::join!(request, stop);
    assert!(answer.ends_with("done"), "{answer}");
    server.ended.await.unwrap();
}

#[tokio::test]
async fn the_wait_for_requests_is_bounded_and_a_hard_stop_cuts_them_at_once() {
    for drain in [Duration::from_millis(20), Duration::from_mins(10)] {
        let (begun, mut has_begun) = tokio::sync::mpsc::channel::<()>(1);
        let router = Router::new().route(
            "/",
            get(async move || {
                let _ = begun.send(()).await;
                pending::<String>().await
            }),
        );
        let server = serve(router, HttpLimits { drain, ..HttpLimits::default() }).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        has_begun.recv().await;
        server.lifecycle.stop();
        if drain > Duration::from_secs(1) {
            server.lifecycle.abort();
        }
        server.ended.await.unwrap();
    }
}

#[tokio::test]
async fn who_waits_makes_room_for_who_asks() {
    let server = serve(hello(), HttpLimits { max_connections: 2, ..HttpLimits::default() }).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
        let answer = exchange(&server, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        assert!(answer.contains("200 OK"), "{answer}");
    }
    assert_eq!(silent[0].read(&mut [0]).await.unwrap(), 0, "the oldest was cut, long before its time");
}

const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn who_finds_no_place_is_told_at_once() {
    let full = HttpLimits { max_connections: 1, ..HttpLimits::default() };
    let full_for_one = HttpLimits { max_connections_per_address: 1, ..HttpLimits::default() };
    for (limits, expected) in [(full, "HTTP/1.1 503 "), (full_for_one, "HTTP/1.1 429 ")] {
        let (begun, mut has_begun) = tokio::sync::mpsc::channel::<()>(1);
        let router = Router::new().route(
            "/",
            get(async move || {
                let _ = begun.send(()).await;
                pending::<String>().await
            }),
        );
        let server = serve(router, limits).await;
        let mut first = TcpStream::connect(server.address).await.unwrap();
        first.write_all(GET.as_bytes()).await.unwrap();
        has_begun.recv().await;
        let refused = exchange(&server, "").await;
        assert!(refused.starts_with(expected) && refused.contains("retry-after: 5\r\n"), "{refused}");
    }
}

#[tokio::test]
async fn a_connection_ends_after_its_last_request() {
    let server = serve(hello(), HttpLimits { max_requests_per_connection: 2, ..HttpLimits::default() }).await;
    let answers = exchange(&server, &"GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(5)).await;
    assert_eq!(answers.matches("200 OK").count(), 2, "{answers}");
    assert_eq!(answers.matches("connection: close").count(), 1, "{answers}");
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let server = serve(hello(), HttpLimits::default()).await;
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(200));
    let answer = exchange(&server, &head).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_cut() {
    let endless = get(async || {
        let piece = axum::body::Bytes::from(vec![0; 1 << 16]);
        let pieces = futures::stream::repeat_with(move || Ok::<_, std::convert::Infallible>(piece.clone()));
        axum::body::Body::from_stream(pieces)
    });
    let limits = HttpLimits { answer_timeout: Duration::from_millis(50), ..HttpLimits::default() };
    let server = serve(Router::new().route("/", endless), limits).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.write_all(GET.as_bytes()).await.unwrap();
    server.lifecycle.stop();
    // The server ends with its last connection, long before the drain timeout.
    server.ended.await.unwrap();
}

#[tokio::test]
async fn tls_is_served_and_a_handshake_has_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let (files, client) = tls::tests::issue(directory.path());
    let tls = Tls::open(files, "http/1.1").unwrap();
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let lifecycle = Lifecycle::new();
    let limits = HttpLimits { header_timeout: Duration::from_millis(300), ..HttpLimits::default() };
    let own = lifecycle.clone();
    tokio::spawn(async move { serve_http(listener, hello(), limits, Some(tls), &own).await });

    let mut silent = TcpStream::connect(address).await.unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let mut stream = client.connect(tls::tests::server_name(), stream).await.unwrap();
    stream.write_all(GET.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0, "a handshake that does not come is not waited for");
    lifecycle.stop();
}

#[tokio::test]
async fn a_taken_port_is_told_in_a_sentence() {
    let taken = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let error = format!("{:#}", bind(taken.local_addr().unwrap()).await.unwrap_err());
    assert!(error.contains("another program may use this port"), "{error}");
}
