//! Requests and answers as they lie on the wire, and a portal to send them to.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use portal_core::testing::{Fakes, MemoryStore};
use portal_server::config::Limits;
use portal_server::{AppState, Presentation};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long anything may take at most before a test fails.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, what)
        .await
        .expect("it happens in time")
}

pub(crate) async fn open(address: SocketAddr) -> TcpStream {
    soon(TcpStream::connect(address))
        .await
        .expect("the server takes connections")
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        Some(Self {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        })
    }

    /// A member of a JSON body that is text.
    pub(crate) fn member(&self, name: &str) -> String {
        let body = &self.body[self.body.find('{').unwrap()..=self.body.rfind('}').unwrap()];
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        json[name]
            .as_str()
            .unwrap_or_else(|| panic!("{name} in {json}"))
            .to_owned()
    }
}

/// The answer, if there is one before the connection ends.
pub(crate) async fn answer(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    // A connection that is reset has said what it wanted to say.
    let _ = soon(stream.read_to_end(&mut bytes)).await;
    Answer::read(&bytes)
}

/// Sends all of it, or as much as the other side takes, and reads the answer.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> Option<Answer> {
    let mut stream = open(address).await;
    let _ = soon(stream.write_all(request)).await;
    answer(&mut stream).await
}

pub(crate) fn head(first: &str, origin: &str, headers: &[(&str, &str)]) -> String {
    let mut head =
        format!("{first} HTTP/1.1\r\nHost: portal.test\r\nOrigin: {origin}\r\nConnection: close\r\n");
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head + "\r\n"
}

pub(crate) const ORIGIN: &str = "https://portal.test";

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    let request = head(&format!("GET {path}"), ORIGIN, &[]);
    exchange(address, request.as_bytes()).await.expect("an answer")
}

pub(crate) async fn get_as(address: SocketAddr, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let request = head(&format!("GET {path}"), ORIGIN, &[("Authorization", &bearer)]);
    exchange(address, request.as_bytes()).await.expect("an answer")
}

pub(crate) async fn post_json(
    address: SocketAddr,
    path: &str,
    token: Option<&str>,
    body: &str,
) -> Option<Answer> {
    let length = body.len().to_string();
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![
        ("Content-Type", "application/json"),
        ("Content-Length", length.as_str()),
    ];
    headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
    let request = head(&format!("POST {path}"), ORIGIN, &headers) + body;
    exchange(address, request.as_bytes()).await
}

/// A portal in this process, on a store in memory. The proxy at 127.0.0.1 is believed, so that tests come from any
/// network they like.
pub(crate) async fn serve(limits: Limits) -> SocketAddr {
    let portal = Fakes::default().portal(Arc::new(MemoryStore::default()));
    let presentation = Presentation {
        limits: limits.clone(),
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..Presentation::default()
    };
    let router = portal_server::router(AppState::new(portal, presentation).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        portal_server::serve(listener, router, &limits, std::future::pending()).await;
    });
    address
}

/// Tries until it is so.
pub(crate) async fn until(mut so: impl AsyncFnMut() -> bool) {
    soon(async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}
