use std::future::pending;
use std::time::Duration;

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
    let ended = tokio::spawn(async move { serve_http(listener, router, limits, &own).await });
    Server { address, lifecycle, ended }
}

/// What the server says to `request`, until it closes the connection.
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
async fn connections_above_the_limit_wait_for_their_turn() {
    let server = serve(hello(), HttpLimits { max_connections: 1, ..HttpLimits::default() }).await;
    let first = TcpStream::connect(server.address).await.unwrap();
    let second = exchange(&server, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    tokio::pin!(second);
    tokio::select! {
        biased;
        answer = &mut second => panic!("answered while the only place was taken: {answer}"),
        () = tokio::time::sleep(Duration::from_millis(50)) => {}
    }
    drop(first);
    assert!(second.await.contains("200 OK"));
}

#[tokio::test]
async fn a_taken_port_is_told_in_a_sentence() {
    let taken = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let error = format!("{:#}", bind(taken.local_addr().unwrap()).await.unwrap_err());
    assert!(error.contains("another program may use this port"), "{error}");
}
