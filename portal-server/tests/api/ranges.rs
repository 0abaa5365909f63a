//! Parts of a file (RFC 9110, section 14), through the API and by a signed address.

use axum::http::Method;

use crate::on_both_databases;
use crate::world::{Answer, PDF, Who, World};

async fn ask(world: &World, method: Method, path: &str, token: &str, headers: &[(&str, &str)]) -> Answer {
    let mut ask = world.ask(method, path).token(token);
    for (name, value) in headers {
        ask = ask.header(name, value);
    }
    ask.send().await
}

fn part(answer: &Answer) -> (u16, String, &[u8]) {
    let length = answer.header("content-length");
    assert_eq!(length, answer.bytes.len().to_string(), "{answer:?}");
    let range = answer.header("content-range").to_owned();
    (answer.status.as_u16(), range, &answer.bytes)
}

on_both_databases! {
    async fn a_part_of_a_file_is_sent_when_it_is_asked_for(world: World) {
        let token = world.token(Who::Client).await.unwrap();
        let content = format!("/api/v1/documents/{}/content", world.document);
        let signed = format!("/api/v1/documents/{}/signed-url", world.document);
        let signed = world.get(&signed).token(&token).send().await.json();
        let signed = signed["url"].as_str().unwrap().strip_prefix("https://portal.test").unwrap().to_owned();
        let size = PDF.len();
        for path in [&content, &signed] {
            let whole = ask(world, Method::GET, path, &token, &[]).await;
            assert_eq!(part(&whole), (200, String::new(), PDF), "{path}");
            assert_eq!(whole.header("accept-ranges"), "bytes");
            let tag = whole.header("etag").to_owned();
            assert!(tag.len() == 66 && tag.starts_with('"'), "{tag}");

            for (range, sent) in [
                ("bytes=0-0", 0..1),
                ("bytes=5-9", 5..10),
                ("bytes=10-", 10..size),
                ("bytes=-7", size - 7..size),
                ("bytes=-5000", 0..size),
                ("bytes=40-99999999999999999999999999", 40..size),
                ("Bytes=5-9", 5..10),
            ] {
                let answer = ask(world, Method::GET, path, &token, &[("range", range)]).await;
                let said = format!("bytes {}-{}/{size}", sent.start, sent.end - 1);
                assert_eq!(part(&answer), (206, said, &PDF[sent]), "{path} {range}");
                assert_eq!(answer.header("etag"), tag);
                assert_eq!(answer.header("content-type"), "application/pdf");
                assert!(answer.header("content-disposition").starts_with("attachment"));
            }
            for impossible in [&*format!("bytes={size}-"), "bytes=5000-6000", "bytes=-0", "bytes=99999999999999999999999-"] {
                let answer = ask(world, Method::GET, path, &token, &[("range", impossible)]).await;
                assert_eq!(answer.status, 416, "{path} {impossible}");
                assert_eq!(answer.header("content-range"), format!("bytes */{size}"), "{path} {impossible}");
            }
            // Several parts, and what is no range, are answered with the whole.
            for other in ["bytes=0-1,3-4", "lines=1-2", "bytes=9-5", "bytes=+1-5", "bytes= 1-5", "bytes=a-", "bytes"] {
                let answer = ask(world, Method::GET, path, &token, &[("range", other)]).await;
                assert_eq!(part(&answer), (200, String::new(), PDF), "{path} {other}");
            }
            // A part of another version than the one that the caller has is of no use.
            for (known, status) in [
                (&*tag, 206),
                ("\"another\"", 200),
                (&*format!("W/{tag}"), 200),
                ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
            ] {
                let headers = [("range", "bytes=1-2"), ("if-range", known)];
                let answer = ask(world, Method::GET, path, &token, &headers).await;
                assert_eq!(answer.status.as_u16(), status, "{path} {known}");
                let headers = [("range", "bytes=5000-"), ("if-range", known)];
                let answer = ask(world, Method::GET, path, &token, &headers).await;
                assert_eq!(answer.status == 416, status == 206, "{path} {known}");
            }
            // Ranges are GET's alone.
            let headers = [("range", "bytes=1-2")];
            let answer = ask(world, Method::HEAD, path, &token, &headers).await;
            assert_eq!((answer.status.as_u16(), answer.header("content-length")), (200, &*size.to_string()), "{path}");
            assert!(answer.bytes.is_empty());
        }
    }
}
