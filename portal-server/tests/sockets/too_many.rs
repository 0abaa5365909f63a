//! More requests than there are places, from one client and from many.

use std::net::SocketAddr;

use portal_server::config::Limits;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::wire::{Answer, ORIGIN, exchange, get, head, open, serve, until};

/// A request whose body does not come: it keeps its place until it is dropped.
async fn stuck(address: SocketAddr, network: &str, bearer: Option<&str>) -> TcpStream {
    let mut stream = open(address).await;
    let bearer = bearer.map(|bearer| format!("Bearer {bearer}"));
    let mut headers = vec![
        ("Content-Type", "application/json"),
        ("Content-Length", "100"),
        ("X-Forwarded-For", network),
    ];
    headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
    let request = head("POST /api/v1/auth/sign-in", ORIGIN, &headers);
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn look(address: SocketAddr, network: &str, bearer: Option<&str>) -> Answer {
    let bearer = bearer.map(|bearer| format!("Bearer {bearer}"));
    let mut headers = vec![("X-Forwarded-For", network)];
    headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
    let request = head("GET /api/v1/practice", ORIGIN, &headers);
    exchange(address, request.as_bytes()).await.expect("an answer")
}

/// Whatever it answers, it was looked at.
fn is_let_in(answer: &Answer) -> bool {
    !matches!(answer.status, 429 | 503)
}

#[tokio::test]
async fn when_all_places_are_taken_one_is_told_when_to_come_back() {
    let limits = Limits {
        requests: 12,
        ..Limits::default()
    };
    let address = serve(limits).await;
    let mut held = Vec::new();
    for number in 0..12 {
        held.push(stuck(address, &format!("198.51.100.{number}"), None).await);
    }
    until(async || !is_let_in(&look(address, "203.0.113.1", None).await)).await;
    let refused = look(address, "203.0.113.1", None).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.head.contains("\r\nretry-after: "), "{}", refused.head);
    assert_eq!(
        get(address, "/healthz").await.status,
        200,
        "health is answered all the same"
    );
    drop(held);
    until(async || is_let_in(&look(address, "203.0.113.1", None).await)).await;
}

#[tokio::test]
async fn one_network_takes_half_of_the_places_and_one_session_a_quarter() {
    let limits = Limits {
        requests: 40,
        ..Limits::default()
    };
    let address = serve(limits).await;
    let mut session = Vec::new();
    for number in 0..10 {
        session.push(stuck(address, &format!("198.51.100.{number}"), Some("one")).await);
    }
    until(async || !is_let_in(&look(address, "203.0.113.1", Some("one")).await)).await;
    let refused = look(address, "203.0.113.1", Some("one")).await;
    assert_eq!(refused.status, 429, "{refused:?}");
    assert!(refused.head.contains("\r\nretry-after: "), "{}", refused.head);
    assert!(is_let_in(&look(address, "203.0.113.1", Some("another")).await));
    drop(session);
    until(async || is_let_in(&look(address, "203.0.113.1", Some("one")).await)).await;

    let mut network = Vec::new();
    for number in 0..20 {
        // With a session made up for each.
        network.push(stuck(address, "203.0.113.1", Some(&number.to_string())).await);
    }
    until(async || !is_let_in(&look(address, "203.0.113.1", None).await)).await;
    assert_eq!(look(address, "203.0.113.1", Some("more")).await.status, 429);
    assert!(
        is_let_in(&look(address, "203.0.113.2", None).await),
        "others are served"
    );
    drop(network);
    until(async || is_let_in(&look(address, "203.0.113.1", None).await)).await;
}
