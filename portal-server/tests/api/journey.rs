//! The journey through the API: what works, and what is dead the moment access is revoked.

use serde_json::json;

use crate::on_both_databases;
use crate::world::{PDF, Who, World, upload};

on_both_databases! {
    async fn revoking_kills_session_token_refresh_and_signed_address(world: World) {
        let owner = world.owner_token().await;
        let locator = portal_core::Locator::of_access(world.practice, world.access.id);
        let asked = world.post(&format!("/api/v1/portal/{locator}/request-link")).send().await;
        assert_eq!(asked.status, 202);
        world.portal.drain().await.unwrap();
        let (token, code) = world.last_link(&world.client);
        let body = json!({"token": token, "code": code});
        let tokens = world.post("/api/v1/auth/redeem-link").json(&body).send().await.json();
        let again = world.post("/api/v1/auth/redeem-link").json(&body).send().await;
        assert_eq!(again.status, 410, "a link works once");
        let access = tokens["access_token"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/documents/{}/signed-url", world.document);
        let url = world.get(&path).token(&access).send().await.json()["url"].as_str().unwrap().to_owned();
        let url = url.strip_prefix("https://portal.test").unwrap();
        assert_eq!(world.get(url).send().await.bytes, PDF);
        let mut forged = url.to_owned();
        forged.replace_range(8..9, if &url[8..9] == "A" { "B" } else { "A" });
        assert_eq!(world.get(&forged).send().await.status, 410, "one bit flipped");

        let revoke = format!("/api/v1/portal-accesses/{}/revoke", world.access.id);
        assert_eq!(world.post(&revoke).token(&owner).send().await.status, 200);
        assert_eq!(world.get("/api/v1/matters").token(&access).send().await.status, 401);
        assert_eq!(world.get(url).send().await.status, 410);
        let refresh = json!({"refresh_token": tokens["refresh_token"]});
        assert_eq!(world.post("/api/v1/auth/refresh").json(&refresh).send().await.status, 401);
    }

    async fn refreshing_rotates_and_signing_out_ends(world: World) {
        let tokens = world.sign_in(world.practice, "owner@harbour.test").await;
        let old = json!({"refresh_token": tokens["refresh_token"]});
        let answer = world.post("/api/v1/auth/refresh").json(&old).send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(world.post("/api/v1/auth/refresh").json(&old).send().await.status, 401);
        let access = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(world.get("/api/v1/practice").token(&access).send().await.status, 200);
        assert_eq!(world.post("/api/v1/auth/sign-out").token(&access).send().await.status, 204);
        assert_eq!(world.get("/api/v1/practice").token(&access).send().await.status, 401);
    }

    async fn an_access_token_expires_after_fifteen_minutes(world: World) {
        let token = world.owner_token().await;
        world.fakes.clock.advance(portal_core::Duration::minutes(14));
        assert_eq!(world.get("/api/v1/practice").token(&token).send().await.status, 200);
        world.fakes.clock.advance(portal_core::Duration::minutes(1));
        let late = world.get("/api/v1/practice").token(&token).send().await;
        assert_eq!((late.status.as_u16(), late.header("www-authenticate")), (401, "Bearer"));
    }

    async fn asking_for_a_link_answers_the_same_for_everybody(world: World) {
        let good = portal_core::Locator::of_access(world.practice, world.access.id).to_string();
        let unknown = portal_core::Locator::of_access(world.practice, portal_core::AccessId(world.matter.id.0));
        let foreign = portal_core::Locator::of_access(portal_core::PracticeId(world.matter.id.0), world.access.id);
        let mut answers = Vec::new();
        for locator in [good, unknown.to_string(), foreign.to_string(), "nonsense".to_owned()] {
            let answer = world.post(&format!("/api/v1/portal/{locator}/request-link")).send().await;
            let cookie = answer.header("set-cookie").split('=').next().unwrap().to_owned();
            answers.push((answer.status, answer.bytes.clone(), cookie));
        }
        assert_eq!(answers[0].0, 202);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }

    async fn every_document_is_reachable_page_by_page(world: World) {
        let client = world.token(Who::Client).await.unwrap();
        let owner = world.owner.clone();
        for number in 0..49 {
            upload(world, &owner, &format!("{number}.pdf")).await;
        }
        let path = format!("/api/v1/requests/{}/documents", world.request);
        let mut seen = std::collections::BTreeSet::new();
        let mut cursor = String::new();
        loop {
            let page = world.get(&format!("{path}?limit=7&total=true{cursor}")).token(&client).send().await.json();
            assert_eq!(page["total"], 50);
            for item in page["items"].as_array().unwrap() {
                assert!(seen.insert(item["id"].as_str().unwrap().to_owned()), "twice");
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 50);
        let path = format!("/api/v1/matters/{}/requests", world.matter.id);
        let requests = world.get(&path).token(&client).send().await.json();
        assert_eq!(requests["items"][0]["documents"]["total"], 50);
    }

    async fn a_checklist_comes_as_one_archive(world: World) {
        let owner = world.owner.clone();
        let token = world.owner_token().await;
        upload(world, &owner, "passport.pdf").await;
        let path = format!("/api/v1/matters/{}/documents.zip", world.matter.id);
        let answer = world.get(&path).token(&token).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/zip"));
        #[expect(deprecated, reason = "its successor cannot read what lies in memory yet")]
        let archive = async_zip::base::read::mem::ZipFileReader::new(answer.bytes.to_vec()).await.unwrap();
        let entries = archive.file().entries();
        let mut names: Vec<_> = entries.iter().map(|entry| entry.filename().as_str().unwrap().to_owned()).collect();
        names.sort();
        assert_eq!(names, ["Passport/passport (2).pdf", "Passport/passport.pdf"]);
        for index in 0..2 {
            let mut entry = archive.reader_with_entry(index).await.unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end_checked(&mut bytes).await.unwrap();
            assert_eq!(bytes, PDF);
        }
    }

    async fn a_part_of_a_file_can_be_asked_for(world: World) {
        let token = world.owner_token().await;
        let path = format!("/api/v1/documents/{}/content", world.document);
        let part = world.get(&path).token(&token).header("range", "bytes=0-3").send().await;
        assert_eq!((part.status.as_u16(), part.bytes.as_ref()), (206, b"%PDF".as_slice()));
        assert_eq!(part.header("content-range"), format!("bytes 0-3/{}", PDF.len()));
        let beyond = world.get(&path).token(&token).header("range", "bytes=100000-").send().await;
        assert_eq!(beyond.status, 416);
    }

    async fn a_preview_reads_and_changes_nothing(world: World) {
        let owner = world.owner_token().await;
        let path = format!("/api/v1/portal-accesses/{}/preview", world.access.id);
        let preview = world.post(&path).token(&owner).send().await.json();
        let token = preview["access_token"].as_str().unwrap().to_owned();
        let matters = world.get("/api/v1/matters").token(&token).send().await.json();
        assert_eq!(matters["items"][0]["reference"], "HM-1");
        let path = format!("/api/v1/requests/{}/documents", world.request);
        let upload = world.post(&path).token(&token).files(&[("a.pdf", PDF)]).send().await;
        assert_eq!(upload.status, 403);
    }
}
