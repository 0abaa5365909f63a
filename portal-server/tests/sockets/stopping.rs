//! SIGTERM: what is under way ends, and nothing new begins. And what `/metrics` says of it all.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::process::{PASSWORD, Server, Shell};
use crate::wire::{Answer, ORIGIN, answer, exchange, get, head, open, post_json, until};

fn credentials() -> String {
    format!(r#"{{"email":"sam@harbour.test","password":"{PASSWORD}"}}"#)
}

pub(crate) async fn sign_in(address: SocketAddr) -> String {
    let answer = post_json(address, "/api/v1/auth/sign-in", None, &credentials())
        .await
        .unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.member("access_token")
}

async fn open_matter(address: SocketAddr, token: &str) -> String {
    let body = r#"{"reference":"HM-1","title":"Partner visa"}"#;
    let answer = post_json(address, "/api/v1/matters", Some(token), body)
        .await
        .unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.member("id")
}

/// A form with one file, and the place in its middle where an upload can be interrupted.
fn upload(token: &str, matter: &str) -> (Vec<u8>, usize) {
    let body = "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"passport.pdf\"\r\n\
        Content-Type: application/pdf\r\n\r\n%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n\r\n--cut--\r\n";
    let (bearer, length) = (format!("Bearer {token}"), body.len().to_string());
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "multipart/form-data; boundary=cut"),
        ("Content-Length", length.as_str()),
    ];
    let head = head(
        &format!("POST /api/v1/matters/{matter}/documents"),
        ORIGIN,
        &headers,
    );
    let middle = head.len() + body.len() / 2;
    ((head + body).into_bytes(), middle)
}

async fn half(address: SocketAddr, request: &[u8], middle: usize) -> TcpStream {
    let mut stream = open(address).await;
    stream.write_all(&request[..middle]).await.unwrap();
    stream
}

async fn the_rest(mut stream: TcpStream, request: &[u8], middle: usize) -> Answer {
    stream.write_all(&request[middle..]).await.unwrap();
    answer(&mut stream).await.expect("what was under way is answered")
}

/// A sign-in of which half is on its way.
fn slow_page() -> (Vec<u8>, usize) {
    let body = credentials();
    let length = body.len().to_string();
    let headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", length.as_str()),
    ];
    let head = head("POST /api/v1/auth/sign-in", ORIGIN, &headers);
    let middle = head.len() + body.len() / 2;
    ((head + &body).into_bytes(), middle)
}

/// Told to stop, and not listening any more.
async fn stop(server: &Server) {
    server.terminate();
    until(async || TcpStream::connect(server.address).await.is_err()).await;
}

async fn exit_code(server: &mut Server) -> Option<i32> {
    let mut status = None;
    until(async || {
        status = server.child.try_wait().unwrap();
        status.is_some()
    })
    .await;
    status.unwrap().code()
}

async fn what_is_under_way_ends(shell: Shell) {
    assert_eq!(shell.create_owner(PASSWORD).status, 0);
    let mut server = shell.serve();
    let address = server.address;
    let token = sign_in(address).await;
    let matter = open_matter(address, &token).await;
    let (file, middle_of_file) = upload(&token, &matter);
    let (page, middle_of_page) = slow_page();
    let uploading = half(address, &file, middle_of_file).await;
    let asking = half(address, &page, middle_of_page).await;
    // Both are under way once a later request has been answered.
    assert_eq!(get(address, "/readyz").await.status, 200);

    let told = Instant::now();
    stop(&server).await;
    let uploaded = the_rest(uploading, &file, middle_of_file).await;
    assert_eq!(uploaded.status, 201, "{uploaded:?}");
    let asked = the_rest(asking, &page, middle_of_page).await;
    assert_eq!(asked.status, 200, "{asked:?}");
    assert_eq!(exit_code(&mut server).await, Some(0));
    assert!(told.elapsed() < Duration::from_secs(25), "within the drain time");

    // What was acknowledged while it stopped is there when it starts again.
    drop(server);
    let server = shell.serve();
    let bearer = format!("Bearer {token}");
    let path = format!("GET /api/v1/matters/{matter}/documents");
    let request = head(&path, ORIGIN, &[("Authorization", &bearer)]);
    let listed = exchange(server.address, request.as_bytes()).await.unwrap();
    assert!(
        listed.status == 200 && listed.body.contains("passport.pdf"),
        "{listed:?}"
    );
}

#[tokio::test]
async fn what_is_under_way_ends_on_sqlite() {
    what_is_under_way_ends(Shell::on_sqlite()).await;
}

#[tokio::test]
async fn what_is_under_way_ends_on_postgres() {
    what_is_under_way_ends(Shell::on_postgres().await).await;
}

#[tokio::test]
async fn told_twice_it_stops_at_once() {
    let shell = Shell::on_sqlite();
    let mut server = shell.serve();
    let (page, middle) = slow_page();
    let _asking = half(server.address, &page, middle).await;
    assert_eq!(get(server.address, "/readyz").await.status, 200);
    stop(&server).await;
    assert!(
        server.child.try_wait().unwrap().is_none(),
        "it waits for what is under way"
    );
    let again = Instant::now();
    server.terminate();
    assert_eq!(exit_code(&mut server).await, Some(1));
    assert!(again.elapsed() < Duration::from_secs(5), "{:?}", again.elapsed());
}

#[tokio::test]
async fn pages_and_api_are_counted_alike() {
    let mut shell = Shell::on_sqlite();
    assert_eq!(shell.create_owner(PASSWORD).status, 0);
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    shell.set("PORTAL__SERVER__METRICS_LISTEN", &free.to_string());
    let server = shell.serve();
    let token = sign_in(server.address).await;
    let form = format!("email=sam%40harbour.test&password={}", PASSWORD.replace(' ', "+"));
    let length = form.len().to_string();
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", length.as_str()),
    ];
    let page = head("POST /staff/sign-in", ORIGIN, &headers) + &form;
    let page = exchange(server.address, page.as_bytes()).await.unwrap();
    assert_eq!(page.status, 303, "{page:?}");
    let cookie = page
        .head
        .split("set-cookie: ")
        .find_map(|rest| rest.split_once(';').map(|(cookie, _)| cookie));
    assert!(cookie.is_some(), "{}", page.head);
    let matter = open_matter(server.address, &token).await;
    let (file, _) = upload(&token, &matter);
    assert_eq!(exchange(server.address, &file).await.unwrap().status, 201);

    let counted = get(free, "/metrics").await;
    assert_eq!(counted.status, 200);
    for line in [
        "portal_sign_ins_total{who=\"staff\"} 2",
        "portal_uploads_total 1",
        "portal_mails_waiting 0",
        "route=\"/staff/sign-in\",status=\"303\"} 1",
    ] {
        assert!(counted.body.contains(line), "{line} is not in\n{}", counted.body);
    }
    assert!(!counted.body.contains(&matter), "no path, which may hold tokens");
}
