//! Requests that are slow, huge or deep.

use std::time::{Duration, Instant};

use portal_server::config::Limits;
use tokio::io::AsyncWriteExt;

use crate::wire::{ORIGIN, answer, exchange, get, head, open, post_json, serve};

/// How many slow sockets: `PORTAL_TEST_SLOW_SOCKETS` sets it for a long run (mind `ulimit -n`).
fn slow_sockets() -> usize {
    let set = std::env::var("PORTAL_TEST_SLOW_SOCKETS").ok();
    set.map_or(300, |text| {
        text.parse().expect("PORTAL_TEST_SLOW_SOCKETS is a number")
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_sockets_keep_nobody_out() {
    let most = slow_sockets();
    let limits = Limits {
        // Fewer than there are slow ones: they have to make room.
        connections: most / 3,
        header_time: Duration::from_secs(3),
        ..Limits::default()
    };
    let address = serve(limits).await;
    let mut slow = Vec::with_capacity(most);
    for number in 0..most {
        let mut stream = open(address).await;
        slow.push(tokio::spawn(async move {
            // A third say nothing at all; the others say a letter of a header now and then.
            if number % 3 > 0 {
                let _ = stream
                    .write_all(b"GET / HTTP/1.1\r\nHost: portal.test\r\nX-Slow: ")
                    .await;
                while stream.write_all(b"a").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
            answer(&mut stream).await
        }));
    }
    let mut times = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        let health = get(address, "/healthz").await;
        assert_eq!((health.status, health.body.as_str()), (200, "ok"));
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    assert!(
        times[98] < Duration::from_millis(500),
        "p99 of health: {:?}",
        times[98]
    );
    for slow in slow {
        // Every one of them is closed, and none was let through.
        let answered = slow.await.unwrap();
        assert!(
            answered.is_none_or(|answer| answer.status == 408),
            "a slow socket was answered"
        );
    }
}

#[tokio::test]
async fn huge_headers_are_refused() {
    let address = serve(Limits::default()).await;
    let long = "a".repeat(200_000);
    let many: Vec<(&str, &str)> = vec![("X-Many", "x"); 200];
    for request in [
        head("GET /healthz", ORIGIN, &[("X-Long", &long)]),
        head("GET /healthz", ORIGIN, &many),
        head(&format!("GET /healthz?{long}"), ORIGIN, &[]),
    ] {
        let answer = exchange(address, request.as_bytes()).await;
        let status = answer.as_ref().map(|answer| answer.status);
        assert!(matches!(status, None | Some(414 | 431)), "{answer:?}");
    }
    assert_eq!(get(address, "/healthz").await.status, 200);
}

#[tokio::test]
async fn huge_bodies_are_refused() {
    let address = serve(Limits::default()).await;
    let body = format!(r#"{{"email":"{}","password":"x"}}"#, "a".repeat(2 << 20));
    let declared = post_json(address, "/api/v1/auth/sign-in", None, &body).await;
    let headers = [
        ("Content-Type", "application/json"),
        ("Transfer-Encoding", "chunked"),
    ];
    let undeclared = head("POST /api/v1/auth/sign-in", ORIGIN, &headers)
        + &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let undeclared = exchange(address, undeclared.as_bytes()).await;
    for answer in [declared, undeclared] {
        // Who goes on sending may be cut off before they hear why.
        assert!(
            answer.as_ref().is_none_or(|answer| answer.status == 413),
            "{answer:?}"
        );
    }
    // Who waits hears it.
    let headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", "99999999"),
    ];
    let mut stream = open(address).await;
    let waiting = head("POST /api/v1/auth/sign-in", ORIGIN, &headers);
    stream.write_all(waiting.as_bytes()).await.unwrap();
    stream.write_all(&body.as_bytes()[..=(1 << 20)]).await.unwrap();
    let told = answer(&mut stream).await.expect("an answer");
    assert_eq!(told.status, 413, "{told:?}");
    assert_eq!(get(address, "/healthz").await.status, 200);
}

#[tokio::test]
async fn deep_json_is_refused_and_nothing_overflows() {
    let address = serve(Limits::default()).await;
    let lists = "[".repeat(10_000) + &"]".repeat(10_000);
    let objects = r#"{"email":"#.repeat(10_000) + "1" + &"}".repeat(10_000);
    let within = format!(r#"{{"email":{lists},"password":"x"}}"#);
    let unknown = format!(r#"{{"email":"a@b.test","password":"x","more":{lists}}}"#);
    for body in [lists, objects, within, unknown] {
        let answer = post_json(address, "/api/v1/auth/sign-in", None, &body)
            .await
            .expect("an answer");
        assert!(matches!(answer.status, 400 | 422), "{answer:?}");
        assert!(
            answer.head.contains("application/problem+json"),
            "{}",
            answer.head
        );
    }
    assert_eq!(get(address, "/healthz").await.status, 200);
}
