//! Answers that nobody reads: what they hold is let go.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use portal_server::config::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::wire::{soon, until};

/// Counts for as long as it lives.
struct Held(Arc<AtomicUsize>);

impl Held {
    fn of(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A server whose answers have no end, and how many of them are under way.
async fn endless() -> (SocketAddr, Arc<AtomicUsize>) {
    let under_way = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&under_way);
    let answer = async move || {
        let held = Held::of(&count);
        let bytes = Bytes::from(vec![b'.'; 64 * 1024]);
        Body::from_stream(stream::repeat(bytes).map(move |bytes| {
            let _held = &held;
            Ok::<_, Infallible>(bytes)
        }))
    };
    let limits = Limits {
        idle_answer_time: Duration::from_millis(1500),
        ..Limits::default()
    };
    let router = Router::new().route("/", get(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        portal_server::serve(listener, router, &limits, std::future::pending()).await;
    });
    (address, under_way)
}

#[tokio::test]
async fn who_reads_nothing_of_an_answer_is_sent_away() {
    let (address, under_way) = endless().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: portal\r\n\r\n")
        .await
        .unwrap();
    let begun = async || under_way.load(Ordering::SeqCst) == 1;
    until(begun).await;
    until(async || under_way.load(Ordering::SeqCst) == 0).await;
    // What lies in the sockets' buffers comes, and then the end.
    let mut rest = Vec::new();
    let _ = soon(stream.read_to_end(&mut rest)).await;
}

#[tokio::test]
async fn a_stream_without_a_window_holds_nothing_either() {
    let (address, under_way) = endless().await;
    let stream = TcpStream::connect(address).await.unwrap();
    // The window of the stream is closed before the first byte; the connection itself stays lively.
    let (send, connection) = h2::client::Builder::new()
        .initial_window_size(0)
        .handshake::<_, Bytes>(stream)
        .await
        .unwrap();
    let ended = tokio::spawn(connection);
    let mut send = send.ready().await.unwrap();
    let request = axum::http::Request::get(format!("http://{address}/"))
        .body(())
        .unwrap();
    let (answer, _) = send.send_request(request, true).unwrap();
    let answer = soon(answer).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), under_way.load(Ordering::SeqCst)),
        (200, 1)
    );
    until(async || under_way.load(Ordering::SeqCst) == 0).await;
    soon(ended).await.unwrap().ok();
    drop(answer);
}

#[tokio::test]
async fn who_reads_on_is_not_sent_away() {
    let (address, under_way) = endless().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: portal\r\n\r\n")
        .await
        .unwrap();
    let mut bytes = vec![0; 16 * 1024 * 1024];
    // Twice as long as somebody may read nothing at all.
    let end = tokio::time::Instant::now() + Duration::from_secs(3);
    while tokio::time::Instant::now() < end {
        stream.read_exact(&mut bytes).await.unwrap();
    }
    assert_eq!(under_way.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_reads_slowly_is_not_sent_away() {
    let (address, under_way) = endless().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: portal\r\n\r\n")
        .await
        .unwrap();
    let mut bytes = vec![0; 32 * 1024];
    // 320 KiB a second for three times as long as somebody may read nothing at all: far less than what buffers could hold.
    let mut pace = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..45 {
        pace.tick().await;
        stream.read_exact(&mut bytes).await.unwrap();
    }
    assert_eq!(under_way.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stream_that_nobody_reads_does_not_end_those_beside_it() {
    let (address, under_way) = endless().await;
    let stream = TcpStream::connect(address).await.unwrap();
    // Of each answer 64 KiB come, and more only where they are read.
    let (send, connection) = h2::client::Builder::new()
        .initial_connection_window_size(1 << 20)
        .handshake::<_, Bytes>(stream)
        .await
        .unwrap();
    let ended = tokio::spawn(connection);
    let request = || {
        axum::http::Request::get(format!("http://{address}/"))
            .body(())
            .unwrap()
    };
    let mut send = send.ready().await.unwrap();
    let (unread, _) = send.send_request(request(), true).unwrap();
    let mut send = send.ready().await.unwrap();
    let (read, _) = send.send_request(request(), true).unwrap();
    let unread = soon(unread).await.unwrap();
    let mut body = soon(read).await.unwrap().into_body();
    // Twice as long as somebody may read nothing at all.
    let end = tokio::time::Instant::now() + Duration::from_secs(3);
    while tokio::time::Instant::now() < end {
        let bytes = soon(body.data()).await.unwrap().unwrap();
        body.flow_control().release_capacity(bytes.len()).unwrap();
    }
    assert_eq!(under_way.load(Ordering::SeqCst), 2);
    // Then nothing is read any more.
    until(async || under_way.load(Ordering::SeqCst) == 0).await;
    soon(ended).await.unwrap().ok();
    drop((unread, body));
}
