use std::time::Duration;

use super::*;

/// Long enough for loopback; nothing must arrive within it.
const QUIET: Duration = Duration::from_millis(200);

/// An echo server.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.into_split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    address
}

async fn connected(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.unwrap()
}

/// Whether a new connection gets an answer. A cut link may reset the connection before the client
/// sees it established.
async fn answers_a_newcomer(proxy: &Proxy) -> bool {
    match TcpStream::connect(proxy.address()).await {
        Ok(mut stream) => said(&mut stream, "hello").await.is_ok(),
        Err(_) => false,
    }
}

async fn said(stream: &mut TcpStream, text: &str) -> std::io::Result<String> {
    stream.write_all(text.as_bytes()).await?;
    let mut answer = vec![0; text.len()];
    stream.read_exact(&mut answer).await?;
    Ok(String::from_utf8(answer).unwrap())
}

#[tokio::test]
async fn a_whole_link_passes_everything_on_and_counts_it() {
    let proxy = Proxy::to(echo().await).await;
    let mut stream = connected(&proxy).await;
    assert_eq!(said(&mut stream, "hello").await.unwrap(), "hello");
    stream.shutdown().await.unwrap();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "an end is passed on as well");
    assert_eq!(proxy.traffic(), Traffic { connections: 1, torn: 0, bytes_up: 5, bytes_down: 5 });
}

#[tokio::test]
async fn a_cut_link_tears_what_stands_and_what_comes_until_it_is_healed() {
    let proxy = Proxy::to(echo().await).await;
    let mut before = connected(&proxy).await;
    said(&mut before, "hello").await.unwrap();
    proxy.cut();
    assert!(before.read_exact(&mut [0; 1]).await.is_err());
    assert!(!answers_a_newcomer(&proxy).await);
    proxy.heal();
    assert!(answers_a_newcomer(&proxy).await);
    assert_eq!(proxy.traffic().torn, 2);
}

#[tokio::test]
async fn a_link_is_cut_in_the_middle_of_a_message() {
    let proxy = Proxy::to(echo().await).await;
    let mut stream = connected(&proxy).await;
    said(&mut stream, "hello").await.unwrap();
    proxy.cut_after(Direction::Down, 3);
    assert!(said(&mut stream, "hello").await.is_err());
    proxy.is_cut().await;
    proxy.heal();
    assert_eq!(said(&mut connected(&proxy).await, "hello").await.unwrap(), "hello");
}

#[tokio::test]
async fn a_black_hole_says_nothing_and_gives_up_what_it_took_when_it_is_healed() {
    let proxy = Proxy::to(echo().await).await;
    let mut before = connected(&proxy).await;
    said(&mut before, "hello").await.unwrap();
    proxy.black_hole();
    let mut meanwhile = connected(&proxy).await;
    for stream in [&mut before, &mut meanwhile] {
        assert!(tokio::time::timeout(QUIET, said(stream, "hello")).await.is_err());
    }
    proxy.heal();
    for stream in [&mut before, &mut meanwhile] {
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"hello");
    }
}
