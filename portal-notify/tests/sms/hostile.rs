//! Servers that do not behave: whatever happens after a connection came about, the message may have been sent.

use std::time::Duration;

use portal_core::sms::{SmsError, SmsSender};
use portal_notify::sms::{HttpGateway, HttpGatewaySettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::message;

fn gateway(address: &str) -> HttpGateway {
    let settings = HttpGatewaySettings {
        url: format!("http://{address}/send"),
        secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into(),
    };
    let times = (Duration::from_millis(500), Duration::from_millis(700));
    HttpGateway::new(&settings)
        .unwrap()
        .with_times(times.0, times.1)
        .unwrap()
}

/// The outcome of sending to a server that does this with each connection, and how many there were.
async fn sent_to<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> (Result<String, SmsError>, usize)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (count, counted) = tokio::sync::watch::channel(0_usize);
    let server = tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            count.send_modify(|count| *count += 1);
            tokio::spawn(serve(connection));
        }
    });
    let outcome = gateway(&address).send(&message("Hello")).await;
    server.abort();
    (outcome, *counted.borrow())
}

/// Reads until the request's end, which its body has: a closing brace.
async fn read_request(connection: &mut TcpStream) {
    let mut read = Vec::new();
    while !read.ends_with(b"}") {
        let mut piece = [0; 4096];
        match connection.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(count) => read.extend_from_slice(&piece[..count]),
        }
    }
}

fn assert_unknown((outcome, connections): (Result<String, SmsError>, usize)) {
    assert!(matches!(outcome, Err(SmsError::Unknown(_))), "{outcome:?}");
    assert_eq!(connections, 1, "never twice");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let outcome = gateway(&address).send(&message("Hello")).await;
    assert!(matches!(outcome, Err(SmsError::NotSent(_))), "{outcome:?}");
}

#[tokio::test]
async fn there_is_no_such_host() {
    let outcome = gateway("localhost:1").send(&message("Hello")).await;
    assert!(matches!(outcome, Err(SmsError::NotSent(_))), "{outcome:?}");
}

#[tokio::test]
async fn the_server_hangs() {
    let hang = async |mut connection: TcpStream| {
        read_request(&mut connection).await;
        std::future::pending::<()>().await;
    };
    assert_unknown(sent_to(hang).await);
}

#[tokio::test]
async fn the_server_takes_the_request_and_drops() {
    assert_unknown(
        sent_to(|mut connection| async move {
            read_request(&mut connection).await;
        })
        .await,
    );
}

#[tokio::test]
async fn the_answer_breaks_off() {
    assert_unknown(
        sent_to(|mut connection| async move {
            read_request(&mut connection).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\": ";
            connection.write_all(answer).await.unwrap();
        })
        .await,
    );
}

#[tokio::test]
async fn the_answer_never_ends() {
    assert_unknown(
        sent_to(|mut connection| async move {
            read_request(&mut connection).await;
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            let _ = connection.write_all(head).await;
            let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
            while connection.write_all(&chunk).await.is_ok() {}
        })
        .await,
    );
}

#[tokio::test]
async fn the_answer_is_no_http() {
    assert_unknown(
        sent_to(|mut connection| async move {
            read_request(&mut connection).await;
            let _ = connection.write_all(b"220 mail.example.com ESMTP\r\n").await;
        })
        .await,
    );
}
