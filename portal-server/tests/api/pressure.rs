//! Transfers have room of their own: however many there are, everything else is answered.

use axum::body::Body;
use axum::http::{Method, Request, header};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use portal_core::document::DocumentFilter;
use portal_core::{BlobKey, Locator, PageRequest};
use portal_server::config::Limits;
use portal_server::{AppState, Presentation};
use tower::ServiceExt;

use crate::on_both_databases;
use crate::world::{PDF, Who, World};

const MOST: usize = 4;

/// The world's portal behind a server that takes few transfers at once.
fn small_server(world: &World) -> axum::Router {
    let limits = Limits {
        transfers: MOST,
        ..Limits::default()
    };
    let presentation = Presentation {
        limits,
        ..Presentation::default()
    };
    portal_server::router(AppState::new(world.portal.clone(), presentation).unwrap())
}

fn go_on(path: &str, token: &str, body: Body) -> Request<Body> {
    let request = Request::builder().method(Method::PATCH).uri(path);
    let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = request
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", "0");
    let request = request.header(header::CONTENT_TYPE, "application/offset+octet-stream");
    request.body(body).unwrap()
}

on_both_databases! {
    async fn uploads_that_stand_still_keep_nobody_from_the_pages(world: World) {
        let token = world.token(Who::Client).await.unwrap();
        let server = small_server(world);
        let mut ends = Vec::new();
        let mut stuck = Vec::new();
        for _ in 0..MOST {
            let path = world.begin_upload(&token, "a.pdf", PDF.len()).await;
            let (end, ended) = tokio::sync::oneshot::channel::<()>();
            // The first bytes come, and the rest when the test says so.
            let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(&PDF[..9]))]);
            let rest = stream::once(async move {
                ended.await.map_err(std::io::Error::other)?;
                Ok(Bytes::from_static(&PDF[9..]))
            });
            let body = Body::from_stream(first.chain(rest));
            stuck.push(tokio::spawn(server.clone().oneshot(go_on(&path, &token, body))));
            ends.push(end);
            let id = path.rsplit('/').next().unwrap().parse().unwrap();
            let key = BlobKey { practice: world.practice, id };
            let held = async {
                while world.fakes.blobs.part(key).is_none() {
                    tokio::task::yield_now().await;
                }
            };
            let in_time = tokio::time::timeout(std::time::Duration::from_secs(20), held).await;
            in_time.expect("the go begins");
        }
        let ask = async |path: &str| {
            let request = Request::builder().uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
            server.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
        };
        let door = format!("/p/{}", Locator::of_access(world.practice, world.access.id));
        for path in [&*door, "/healthz", "/api/v1/practice", "/api/v1/matters", "/assets/portal.css"] {
            assert_eq!(ask(path).await.status(), 200, "{path}");
        }
        // One more transfer, in or out, is told at once to come back.
        let path = world.begin_upload(&token, "late.pdf", PDF.len()).await;
        let late = server.clone().oneshot(go_on(&path, &token, Body::from(PDF))).await.unwrap();
        let content = ask(&format!("/api/v1/documents/{}/content", world.document)).await;
        for answer in [late, content] {
            assert_eq!(answer.status(), 503);
            assert!(answer.headers().contains_key(header::RETRY_AFTER));
        }
        for end in ends {
            end.send(()).unwrap();
        }
        for go in stuck {
            assert_eq!(go.await.unwrap().unwrap().status(), 204);
        }
        let late = server.clone().oneshot(go_on(&path, &token, Body::from(PDF))).await.unwrap();
        assert_eq!(late.status(), 204, "there is room again");
        let page = PageRequest::default();
        let documents = world.portal.documents(&world.owner, &DocumentFilter::default(), &page).await.unwrap();
        assert_eq!(documents.items.len(), 1 + MOST + 1);
    }
}
