//! Requests that come twice, and records that moved on.

use portal_core::{Digest, KeyClaim};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::on_both_databases;
use crate::world::{BOUNDARY, PDF, World, multipart};

on_both_databases! {
    async fn many_at_once_with_one_key_are_one(world: World) {
        let token = world.owner_token().await;
        let body = json!({"given_names": "Noor", "reference": "C-77"});
        let once = async || {
            let ask = world.post("/api/v1/clients").token(&token).header("idempotency-key", "k-1");
            ask.json(&body).send().await
        };
        let answers = futures_util::future::join_all((0..40).map(|_| once())).await;
        let first = answers[0].json()["id"].clone();
        for answer in &answers {
            assert_eq!(answer.status, 201, "{:?}", answer.json());
            assert_eq!(answer.json()["id"], first);
            assert_eq!(answer.header("etag"), "\"1\"");
            assert!(answer.header("location").ends_with(first.as_str().unwrap()));
        }
        let fresh = answers.iter().filter(|a| a.header("idempotency-replayed").is_empty()).count();
        assert_eq!(fresh, 1);
        let clients = world.get("/api/v1/clients?total=true").token(&token).send().await;
        assert_eq!(clients.json()["total"], 4);
    }

    async fn of_several_who_confirm_one_link_at_once_one_gets_in(world: World) {
        let accesses = world.portal.store().accesses_of_client(world.practice, world.client.id).await.unwrap();
        let locator = portal_core::Locator::of_access(world.practice, accesses[0].id);
        world.post(&format!("/api/v1/portal/{locator}/request-link")).send().await;
        world.portal.drain().await.unwrap();
        let (token, code) = world.last_link(&world.client);
        let body = json!({"token": token, "code": code});
        // As many as codes are looked at; tests/races of the stores tries a thousand.
        let confirm = async || world.post("/api/v1/auth/redeem-link").json(&body).send().await;
        let answers = futures_util::future::join_all((0..5).map(|_| confirm())).await;
        let mut told: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        told.sort_unstable();
        assert_eq!(told, [200, 410, 410, 410, 410]);
    }

    async fn a_key_serves_one_request_and_one_person(world: World) {
        let token = world.owner_token().await;
        let admin = world.token(crate::world::Who::Admin).await.unwrap();
        let add = async |token: &str, name: &str| {
            let ask = world.post("/api/v1/clients").token(token).header("idempotency-key", "k-1");
            ask.json(&json!({"given_names": name})).send().await
        };
        assert_eq!(add(&token, "Noor").await.status, 201);
        let other = add(&token, "Lina").await;
        assert_eq!((other.status.as_u16(), other.wrong_field().1), (422, "reused".to_owned()));
        let hers = add(&admin, "Noor").await;
        assert_eq!(hers.status, 201);
        assert_eq!(hers.header("idempotency-replayed"), "");
    }

    async fn a_refusal_is_repeated_too_and_a_day_later_forgotten(world: World) {
        let token = world.owner_token().await;
        let add = async |token: &str| {
            let ask = world.post("/api/v1/clients").token(token).header("idempotency-key", "k-2");
            ask.json(&json!({"given_names": ""})).send().await
        };
        let first = add(&token).await;
        assert_eq!(first.status, 422);
        let again = add(&token).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (422, "true"));
        assert_eq!(again.json()["errors"], first.json()["errors"]);
        world.fakes.clock.advance(portal_core::Duration::hours(25));
        let token = world.owner_token().await;
        assert_eq!(add(&token).await.header("idempotency-replayed"), "");
    }

    async fn an_old_version_changes_nothing(world: World) {
        let token = world.owner_token().await;
        let path = format!("/api/v1/clients/{}", world.client.id);
        let read = world.get(&path).token(&token).send().await;
        assert_eq!(read.header("etag"), "\"1\"");
        let change = async |tag: &str, name: &str| {
            let ask = world.patch(&path).token(&token).header("if-match", tag);
            ask.json(&json!({"family_name": name})).send().await
        };
        assert_eq!(change("\"1\"", "One").await.header("etag"), "\"2\"");
        let stale = change("\"1\"", "Two").await;
        assert_eq!((stale.status.as_u16(), stale.json()["type"].as_str().unwrap()), (412, "/problems/stale"));
        assert_eq!(change("\"nonsense\"", "Three").await.status, 412);
        assert_eq!(change("*", "Four").await.status, 200);
        let now = world.get(&path).token(&token).send().await;
        assert_eq!(now.json()["family_name"], "Four");
    }

    async fn a_failure_that_may_pass_is_not_kept(world: World) {
        let token = world.owner_token().await;
        // 409: somebody else has the reference, and gives it away.
        let taken = json!({"given_names": "Noor", "reference": "C-1"});
        let noor = world.post("/api/v1/clients").token(&token).json(&taken).send().await;
        let lina = json!({"given_names": "Lina", "reference": "C-1"});
        let add = async || {
            let ask = world.post("/api/v1/clients").token(&token).header("idempotency-key", "409");
            ask.json(&lina).send().await
        };
        assert_eq!(add().await.status, 409);
        let path = format!("/api/v1/clients/{}", noor.json()["id"].as_str().unwrap());
        let given_away = world.patch(&path).token(&token).json(&json!({"reference": null})).send().await;
        assert_eq!(given_away.status, 200);
        let answer = add().await;
        assert_eq!((answer.status.as_u16(), answer.header("idempotency-replayed")), (201, ""));

        // 429: an hour later it may.
        let path = format!("/api/v1/portal-accesses/{}/invite", world.access.id);
        let invite = async |token: &str, key: &str| {
            world.post(&path).token(token).header("idempotency-key", key).send().await
        };
        let mut refused = None;
        for number in 0..5 {
            let key = format!("429/{number}");
            let answer = invite(&token, &key).await;
            if answer.status == 429 {
                refused = Some(key);
                break;
            }
            assert_eq!(answer.status, 200);
        }
        let key = refused.expect("the limit is reached");
        world.fakes.clock.advance(portal_core::Duration::minutes(61));
        let token = world.owner_token().await;
        let answer = invite(&token, &key).await;
        assert_eq!((answer.status.as_u16(), answer.header("idempotency-replayed")), (200, ""));

        // 400: an upload breaks off, and comes again with the same key and length.
        let whole = multipart(&[("passport.pdf", PDF)]);
        let length = whole.len().to_string();
        let broken_off = whole[..whole.len() - 40].to_vec();
        let path = format!("/api/v1/requests/{}/documents", world.request);
        let upload = async |body: Vec<u8>| {
            let ask = world.post(&path).token(&token).header("idempotency-key", "400");
            let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
            ask.header("content-length", &length).raw(&content_type, body).send().await
        };
        let first = upload(broken_off).await;
        assert_eq!(first.json()["type"], "/problems/upload-interrupted", "{:?}", first.json());
        let answer = upload(whole.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.header("idempotency-replayed")), (201, ""));
        let again = upload(whole).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
        assert_eq!(again.json(), answer.json());
    }

    async fn what_was_cut_off_is_never_done_again(world: World) {
        let token = world.owner_token().await;
        let body = json!({"given_names": "Noor"}).to_string();
        // A server claims the key, and dies.
        let mut fingerprint = Sha256::new();
        // Between the path and the body stand three headers of uploads.
        for part in ["POST", "/api/v1/clients", "", "", "", &body] {
            fingerprint.update(u64::try_from(part.len()).unwrap().to_be_bytes());
            fingerprint.update(part);
        }
        let fingerprint = Digest(fingerprint.finalize().into());
        let key = format!("staff/{}/k-3", world.owner.staff().unwrap().0);
        let now = world.portal.now();
        let until = now + portal_core::Duration::minutes(1);
        let claim = world.portal.new_claim(fingerprint, until);
        let claim = world.portal.store().claim_key(world.practice, &key, claim, now).await;
        assert_eq!(claim, Ok(KeyClaim::Fresh));

        world.fakes.clock.advance(portal_core::Duration::minutes(1));
        let add = async |token: &str, body: &str| {
            let ask = world.post("/api/v1/clients").token(token).header("idempotency-key", "k-3");
            ask.raw("application/json", body.to_owned()).send().await
        };
        for _ in 0..2 {
            let answer = add(&token, &body).await;
            let kind = answer.json()["type"].clone();
            assert_eq!((answer.status.as_u16(), kind), (409, json!("/problems/outcome-unknown")));
        }
        let other = add(&token, &json!({"given_names": "Lina"}).to_string()).await;
        assert_eq!(other.wrong_field().1, "reused");
        let clients = world.get("/api/v1/clients?total=true").token(&token).send().await;
        assert_eq!(clients.json()["total"], 3, "nothing was added");
        world.fakes.clock.advance(portal_core::Duration::hours(25));
        let token = world.owner_token().await;
        assert_eq!(add(&token, &body).await.status, 201);
    }
}
