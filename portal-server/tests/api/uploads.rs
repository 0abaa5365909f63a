//! Uploads in several goes, as tus clients do them.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use portal_core::{BlobKey, Digest};
use serde_json::json;

use crate::on_both_databases;
use crate::world::{Answer, PDF, Who, World, metadata};

const BYTES: &str = "application/offset+octet-stream";

async fn client(world: &World) -> String {
    world.token(Who::Client).await.unwrap()
}

async fn patch(world: &World, token: &str, path: &str, offset: usize, bytes: impl Into<Body>) -> Answer {
    let ask = world.tus(Method::PATCH, path).token(token);
    let ask = ask.header("upload-offset", &offset.to_string());
    ask.raw(BYTES, bytes.into()).send().await
}

async fn head(world: &World, token: &str, path: &str) -> Answer {
    world.tus(Method::HEAD, path).token(token).send().await
}

fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{answer:?}"
    );
    assert_eq!(answer.header("tus-resumable"), "1.0.0", "{answer:?}");
    let problem = answer.json();
    (
        answer.status.as_u16(),
        problem["type"].as_str().unwrap().to_owned(),
    )
}

async fn content(world: &World, token: &str, document: &str) -> Bytes {
    let path = format!("/api/v1/documents/{document}/content");
    let answer = world.get(&path).token(token).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.json());
    answer.bytes
}

/// A body that gives `bytes` and then nothing more, for ever.
fn stuck(bytes: &'static [u8]) -> Body {
    let bytes = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(bytes))]);
    Body::from_stream(bytes.chain(stream::pending()))
}

/// Waits until a go is under way, and sees that another is refused meanwhile.
async fn until_it_is_held(world: &World, token: &str, path: &str) {
    let key = BlobKey {
        practice: world.practice,
        id: path.rsplit('/').next().unwrap().parse().unwrap(),
    };
    let held = async {
        while world.fakes.blobs.part(key).is_none() {
            tokio::task::yield_now().await;
        }
    };
    let within = tokio::time::timeout(Duration::from_secs(20), held).await;
    within.expect("the first go begins");
    let other = patch(world, token, path, 0, PDF).await;
    assert_eq!(problem(&other), (423, "/problems/upload-busy".into()));
}

on_both_databases! {
    async fn a_file_comes_in_several_goes_and_is_a_document(world: World) {
        let token = client(world).await;
        let path = world.begin_upload(&token, "my passport.pdf", PDF.len()).await;
        let stands = head(world, &token, &path).await;
        assert_eq!((stands.status.as_u16(), stands.header("upload-offset")), (200, "0"));
        assert_eq!(stands.header("upload-length"), PDF.len().to_string());
        assert!(stands.header("upload-metadata").starts_with("filename "), "{stands:?}");
        assert!(stands.header("upload-expires").ends_with(" GMT"), "{stands:?}");
        assert_eq!(stands.header("cache-control"), "no-store");
        assert_eq!(stands.header("tus-resumable"), "1.0.0");

        let first = patch(world, &token, &path, 0, &PDF[..20]).await;
        assert_eq!((first.status.as_u16(), first.header("upload-offset")), (204, "20"));
        assert!(first.header("upload-expires").ends_with(" GMT"), "{first:?}");
        assert_eq!(first.header("portal-document-id"), "");
        let last = patch(world, &token, &path, 20, &PDF[20..]).await;
        assert_eq!((last.status.as_u16(), last.header("upload-offset")), (204, &*PDF.len().to_string()));
        let document = last.header("portal-document-id");
        assert_eq!(content(world, &token, document).await, PDF);

        for answer in [head(world, &token, &path).await, patch(world, &token, &path, PDF.len(), "").await] {
            assert_eq!(answer.header("portal-document-id"), document);
            assert_eq!(answer.header("upload-offset"), PDF.len().to_string());
        }
        let shown = world.get(&path).token(&token).send().await.json();
        assert_eq!(shown["document_id"], *document);
        assert_eq!((&shown["received"], &shown["file_name"]), (&json!(PDF.len()), &json!("my passport.pdf")));
        let found = world.get(&format!("/api/v1/documents/{document}")).token(&token).send().await.json();
        assert_eq!(found["request_id"], *world.request);
    }

    async fn a_creation_can_bring_bytes_along(world: World) {
        let token = client(world).await;
        let metadata = metadata(&[("name", "a.pdf"), ("request_id", &world.request), ("filetype", "application/pdf")]);
        let begin = |bytes: &'static [u8]| {
            let ask = world.tus(Method::POST, "/api/v1/uploads").token(&token);
            let ask = ask.header("upload-length", &PDF.len().to_string()).header("upload-metadata", &metadata);
            ask.raw(BYTES, bytes).send()
        };
        let part = begin(&PDF[..7]).await;
        assert_eq!((part.status.as_u16(), part.header("upload-offset")), (201, "7"));
        let rest = patch(world, &token, part.header("location"), 7, &PDF[7..]).await;
        assert_eq!(content(world, &token, rest.header("portal-document-id")).await, PDF);
        let whole = begin(PDF).await;
        assert_eq!(whole.status, 201);
        assert_eq!(content(world, &token, whole.header("portal-document-id")).await, PDF);
        let named = world.tus(Method::POST, "/api/v1/uploads").token(&token).header("upload-length", "9");
        let named = named.header("upload-metadata", &metadata).raw("application/json", "{}").send().await;
        assert_eq!((named.status.as_u16(), named.header("upload-offset")), (201, "0"));
        let page = begin(b"<html><script>alert(1)</script></html>..........").await;
        assert_eq!(problem(&page).0, 415, "{page:?}");
    }

    async fn staff_file_on_a_matter(world: World) {
        let token = world.owner_token().await;
        let metadata = metadata(&[
            ("filename", "notes.pdf"),
            ("matter_id", &world.matter.id.to_string()),
            ("client_id", &world.client.id.to_string()),
            ("confidentiality", "participants"),
        ]);
        let ask = world.tus(Method::POST, "/api/v1/uploads").token(&token);
        let ask = ask.header("upload-length", &PDF.len().to_string()).header("upload-metadata", &metadata);
        let answer = ask.raw(BYTES, PDF).send().await;
        assert_eq!(answer.status, 201, "{:?}", answer.json());
        let path = format!("/api/v1/documents/{}", answer.header("portal-document-id"));
        let document = world.get(&path).token(&token).send().await.json();
        assert_eq!(document["confidentiality"], "participants");
        assert_eq!(document["client_id"], world.client.id.to_string());
        assert_eq!(document["request_id"], json!(null));
    }

    async fn whoever_speaks_otherwise_is_told_how(world: World) {
        let abilities = world.ask(Method::OPTIONS, "/api/v1/uploads").send().await;
        assert_eq!(abilities.status, 204);
        assert_eq!(abilities.header("tus-version"), "1.0.0");
        assert_eq!(abilities.header("tus-extension"), "creation,creation-with-upload,checksum,expiration,termination");
        assert_eq!(abilities.header("tus-checksum-algorithm"), "sha1,sha256");
        assert_eq!(abilities.header("tus-max-size"), "", "how much a practice takes is its own affair");
        let token = client(world).await;
        let known = world.ask(Method::OPTIONS, "/api/v1/uploads").token(&token).send().await;
        assert_eq!(known.header("tus-max-size"), (100_u32 << 20).to_string());

        let path = world.begin_upload(&token, "a.pdf", PDF.len()).await;
        for version in ["0.2.2", "1.0.1", "", "1.0.0, 0.2.2"] {
            for method in [Method::HEAD, Method::PATCH, Method::DELETE, Method::POST] {
                let ask = world.ask(method.clone(), &path).token(&token).header("upload-offset", "0");
                let answer = ask.header("tus-resumable", version).raw(BYTES, PDF).send().await;
                assert_eq!(answer.status, 412, "{method} {version:?}");
                assert_eq!(answer.header("tus-version"), "1.0.0", "{method} {version:?}");
            }
        }
        let wrong_type = world.tus(Method::PATCH, &path).token(&token).header("upload-offset", "0");
        let wrong_type = wrong_type.raw("application/octet-stream", PDF).send().await;
        assert_eq!(problem(&wrong_type), (415, "/problems/unsupported-media-type".into()));
        for offset in ["", "-1", "0x0", "18446744073709551616"] {
            let answer = world.tus(Method::PATCH, &path).token(&token).header("upload-offset", offset);
            let answer = answer.raw(BYTES, PDF).send().await;
            assert_eq!(problem(&answer), (400, "/problems/malformed-header".into()), "{offset:?}");
        }
        for offset in [1, PDF.len()] {
            let answer = patch(world, &token, &path, offset, PDF).await;
            assert_eq!(problem(&answer), (409, "/problems/wrong-offset".into()), "{offset}");
        }
        let too_long = patch(world, &token, &path, 0, [PDF, b"x"].concat()).await;
        assert_eq!(problem(&too_long), (413, "/problems/upload-too-long".into()));
        assert_eq!(head(world, &token, &path).await.header("upload-offset"), "0");
        // Senders that can do neither PATCH nor DELETE.
        let instead = |method: &str| world.tus(Method::POST, &path).token(&token).header("x-http-method-override", method);
        let answer = instead("PATCH").header("upload-offset", "0").raw(BYTES, &PDF[..5]).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("upload-offset")), (204, "5"));
        assert_eq!(instead("PUT").send().await.status, 405);
        assert_eq!(instead("DELETE").send().await.status, 204);
        let gone = patch(world, &token, &path, 5, &PDF[5..]).await;
        assert_eq!(problem(&gone), (410, "/problems/upload-over".into()));
        assert_eq!(head(world, &token, &path).await.status, 410);
        let nowhere = format!("/api/v1/uploads/{}", world.matter.id);
        assert_eq!(problem(&patch(world, &token, &nowhere, 0, PDF).await).0, 404);
    }

    async fn what_cannot_become_a_document_is_not_begun(world: World) {
        let token = client(world).await;
        let request = ("request_id", &*world.request);
        let matter_id = world.matter.id.to_string();
        let document = ("replaces", &*world.document);
        let begin = async |length: &str, metadata: &str| {
            let ask = world.tus(Method::POST, "/api/v1/uploads").token(&token);
            let ask = ask.header("upload-length", length).header("upload-metadata", metadata);
            let answer = ask.send().await;
            assert_eq!(answer.header("location"), "", "{answer:?}");
            problem(&answer)
        };
        let good = metadata(&[("filename", "a.pdf"), request]);
        assert_eq!(begin("104857601", &good).await, (413, "/problems/file-too-large".into()));
        assert_eq!(begin("0", &good).await, (422, "/problems/empty-file".into()));
        assert_eq!(begin("", &good).await, (400, "/problems/malformed-header".into()));
        for wrong in ["filename", "filename !", "filename YQ==,filename YQ==", ","] {
            assert!(matches!(begin("9", wrong).await.0, 400 | 422), "{wrong}");
        }
        assert_eq!(begin("9", &format!("{good},x {}", STANDARD.encode([7; 4_000]))).await.0, 422);
        for (pairs, status) in [
            (vec![("filename", "a.exe"), request], 415),
            (vec![request], 422),
            (vec![("filename", "a.pdf")], 422),
            (vec![("filename", "a.pdf"), request, ("matter_id", &*matter_id)], 422),
            (vec![("filename", "a.pdf"), ("request_id", "x")], 422),
            (vec![("filename", "a.pdf"), request, ("replaces", "x")], 422),
            (vec![("filename", "a.pdf"), request, ("replaces", &*matter_id)], 404),
            (vec![("filename", "a.pdf"), ("matter_id", &*matter_id), document], 404),
            (vec![("filename", "a.pdf"), ("matter_id", &*matter_id), ("confidentiality", "x")], 422),
            (vec![("filename", "a.pdf"), ("matter_id", &*matter_id)], 404),
            (vec![("filename", "a.pdf"), ("request_id", &*matter_id)], 404),
        ] {
            assert_eq!(begin("9", &metadata(&pairs)).await.0, status, "{pairs:?}");
        }
        let no_length = world.tus(Method::POST, "/api/v1/uploads").token(&token).header("upload-metadata", &good);
        let later = no_length.header("upload-defer-length", "1").send().await;
        assert_eq!(problem(&later).0, 400, "the length is not said later");
    }

    async fn a_creation_that_is_repeated_is_done_once(world: World) {
        let token = client(world).await;
        let begin = |name: &str, length: &str| {
            let ask = world.tus(Method::POST, "/api/v1/uploads").token(&token).header("idempotency-key", "once");
            let metadata = metadata(&[("filename", name), ("request_id", &world.request)]);
            ask.header("upload-length", length).header("upload-metadata", &metadata).send()
        };
        let first = begin("a.pdf", "9").await;
        let again = begin("a.pdf", "9").await;
        assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
        assert_eq!(first.header("location"), again.header("location"));
        for other in [begin("b.pdf", "9").await, begin("a.pdf", "10").await] {
            assert_eq!(other.status, 422);
            assert_eq!(other.wrong_field(), ("Idempotency-Key".into(), "reused".into()));
        }
    }

    async fn checksums_are_compared(world: World) {
        let token = client(world).await;
        let path = world.begin_upload(&token, "a.pdf", PDF.len()).await;
        let send = |checksum: String| {
            let ask = world.tus(Method::PATCH, &path).token(&token).header("upload-offset", "0");
            ask.header("upload-checksum", &checksum).raw(BYTES, PDF).send()
        };
        for (checksum, expected) in [
            (format!("sha1 {}", STANDARD.encode([0; 20])), (460, "/problems/checksum-mismatch")),
            (format!("sha256 {}", STANDARD.encode([0; 32])), (460, "/problems/checksum-mismatch")),
            (format!("md5 {}", STANDARD.encode([0; 16])), (400, "/problems/unknown-checksum")),
            ("sha256 x".into(), (400, "/problems/malformed-header")),
        ] {
            assert_eq!(problem(&send(checksum).await), (expected.0, expected.1.to_owned()));
            assert_eq!(head(world, &token, &path).await.header("upload-offset"), "0");
        }
        let answer = send(format!("sha256 {}", STANDARD.encode(Digest::of(PDF).0))).await;
        assert_eq!(answer.status, 204);
        assert_eq!(content(world, &token, answer.header("portal-document-id")).await, PDF);
    }

    async fn a_go_whose_connection_is_dead_gives_way_to_whoever_asks_where_to_go_on(world: World) {
        let token = client(world).await;
        let path = world.begin_upload(&token, "a.pdf", PDF.len()).await;
        let first = patch(world, &token, &path, 0, stuck(&PDF[..20]));
        let asked = async {
            until_it_is_held(world, &token, &path).await;
            // What anybody else asks disturbs nobody.
            let owner = world.owner_token().await;
            assert_eq!(head(world, &owner, &path).await.status, 404);
            assert_eq!(world.get(&path).token(&token).send().await.status, 200);
            let stands = head(world, &token, &path).await;
            assert_eq!(stands.header("upload-offset"), "20");
            patch(world, &token, &path, 20, &PDF[20..]).await
        };
        let (first, rest) = tokio::join!(first, asked);
        assert_eq!(problem(&first), (409, "/problems/upload-interrupted".into()));
        assert_eq!(content(world, &token, rest.header("portal-document-id")).await, PDF);
        // And to whoever gives the upload up.
        let path = world.begin_upload(&token, "a.pdf", PDF.len()).await;
        let first = patch(world, &token, &path, 0, stuck(&PDF[..20]));
        let given_up = async {
            until_it_is_held(world, &token, &path).await;
            world.tus(Method::DELETE, &path).token(&token).send().await
        };
        let (_, given_up) = tokio::join!(first, given_up);
        assert_eq!(given_up.status, 204);
        assert_eq!(head(world, &token, &path).await.status, 410);
    }

    async fn an_upload_expires(world: World) {
        let token = client(world).await;
        let path = world.begin_upload(&token, "a.pdf", PDF.len()).await;
        patch(world, &token, &path, 0, &PDF[..20]).await;
        assert!(world.fakes.blobs.unfinished() > 0);
        world.fakes.clock.advance(portal_core::Duration::hours(25));
        let token = client(world).await;
        let late = patch(world, &token, &path, 20, &PDF[20..]).await;
        assert_eq!(problem(&late), (410, "/problems/upload-over".into()));
        assert_eq!(head(world, &token, &path).await.status, 410);
        portal_server::workers::tidy_once(&world.portal).await.unwrap();
        assert_eq!(world.fakes.blobs.unfinished(), 0, "its bytes are swept");
        assert_eq!(head(world, &token, &path).await.status, 410);
        world.fakes.clock.advance(portal_core::Duration::days(31));
        portal_server::workers::tidy_once(&world.portal).await.unwrap();
        let token = client(world).await;
        assert_eq!(head(world, &token, &path).await.status, 404, "forgotten");
    }

    async fn who_lost_their_access_sends_no_more(world: World) {
        let token = client(world).await;
        let path = world.begin_upload(&token, "a.pdf", PDF.len()).await;
        patch(world, &token, &path, 0, &PDF[..20]).await;
        world.portal.revoke_access(&world.owner, world.access.id).await.unwrap();
        let refused = patch(world, &token, &path, 20, &PDF[20..]).await;
        assert!(matches!(problem(&refused).0, 401 | 404), "{refused:?}");
        let page = portal_core::PageRequest::default();
        let filter = portal_core::document::DocumentFilter::default();
        let documents = world.portal.documents(&world.owner, &filter, &page).await.unwrap();
        assert_eq!(documents.items.len(), 1, "the one that the world begins with");
    }

    async fn a_full_storage_says_so_and_uploads_go_on_once_there_is_room(world: World) {
        let token = client(world).await;
        let path = world.begin_upload(&token, "a.pdf", PDF.len()).await;
        patch(world, &token, &path, 0, &PDF[..20]).await;
        world.fakes.blobs.fail_after(30, portal_core::BlobError::Full);
        let full = patch(world, &token, &path, 20, &PDF[20..]).await;
        assert_eq!(problem(&full), (507, "/problems/storage-full".into()));
        assert_eq!(full.header("retry-after"), "300");
        let form = world.post(&format!("/api/v1/requests/{}/documents", world.request)).token(&token);
        let form = form.files(&[("b.pdf", PDF)]).send().await;
        assert_eq!((form.status.as_u16(), &form.json()["type"]), (507, &json!("/problems/storage-full")));
        assert_eq!(head(world, &token, &path).await.header("upload-offset"), "20");
        world.fakes.blobs.mend();
        let rest = patch(world, &token, &path, 20, &PDF[20..]).await;
        assert_eq!(content(world, &token, rest.header("portal-document-id")).await, PDF);
    }
}
