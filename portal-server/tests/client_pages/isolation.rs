//! Two people of one family on one matter see nothing of each other's.

use axum::http::StatusCode;
use portal_core::PageRequest;
use portal_core::document::DocumentFilter;

use crate::browser::file;
use crate::on_every_store;
use crate::world::{PDF, World};

on_every_store! {
    async fn nothing_crosses_within_a_family(world: World) {
        let amina_request = world.ask(&world.amina, "Aminas secret statement").await;
        let omar_request = world.ask(&world.omar, "Omars secret statement").await;
        let (amina_access, amina_base, mut amina) = world.enter(&world.amina).await;
        let (_, omar_base, mut omar) = world.enter(&world.omar).await;
        let action = format!("{amina_base}/requests/{}/documents", amina_request.id);
        amina.upload(&action, &[file("aminas secret.pdf", PDF)]).await;
        let action = format!("{omar_base}/requests/{}/documents", omar_request.id);
        omar.upload(&action, &[file("omars secret.pdf", PDF)]).await;
        let (filter, page) = (DocumentFilter::default(), PageRequest::default());
        let documents = world.portal.documents(&world.owner, &filter, &page).await.unwrap().items;
        let aminas = documents.iter().find(|d| d.client_id == Some(world.amina.id)).unwrap();

        for path in ["", "/requests", "/documents"] {
            let page = omar.get(&format!("{omar_base}{path}")).await;
            assert_eq!(page.status, StatusCode::OK);
            let text = page.text().to_lowercase();
            assert!(!text.contains("amina"), "{path}: {text}");
        }
        // Her records, through his workspace and through hers.
        let mut missing = Vec::new();
        for base in [&omar_base, &amina_base] {
            for path in [
                format!("{base}/requests/{}", amina_request.id),
                format!("{base}/documents/{}/open", aminas.id),
                format!("{base}/documents/{}/versions/1", aminas.id),
            ] {
                let answer = omar.get(&path).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
                missing.push(answer);
            }
            let action = format!("{base}/requests/{}/documents", amina_request.id);
            let answer = omar.upload(&action, &[file("planted.pdf", PDF)]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{action}");
        }
        // What one may not see answers like what does not exist.
        let nothing = omar.get(&format!("{omar_base}/requests/{}", uuid::Uuid::from_u128(5))).await;
        assert_eq!(missing[0].text(), nothing.text());
        // Her workspace's own address shows him a door, as to anybody.
        let door = omar.get(&amina_base).await;
        let strangers = world.browser().get(&amina_base).await;
        assert_eq!((door.status, door.text()), (strangers.status, strangers.text()));
        assert_eq!(omar.script().get(&format!("{amina_base}/live")).await.status, StatusCode::NOT_FOUND);
        // Nor can a file of hers be replaced by him.
        let id = aminas.id.to_string();
        let field = crate::browser::Part { name: "replaces", file: None, bytes: id.as_bytes() };
        let action = format!("{omar_base}/requests/{}/documents", omar_request.id);
        let answer = omar.upload(&action, &[field, file("planted.pdf", PDF)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.words("#files-title"), "What you sent 1");

        // Sharing is what lets one document across, and taking it back ends it, at once.
        let omar_access = world.portal.store().accesses_of_client(world.practice.id, world.omar.id).await.unwrap()[0].id;
        world.portal.share_document(&world.owner, aminas.id, omar_access, true).await.unwrap();
        let page = omar.get(&format!("{omar_base}/documents")).await;
        assert!(page.all(".file__name").contains(&"aminas secret.pdf".to_owned()));
        assert!(page.text().contains("2 documents"));
        assert!(!page.text().contains("Aminas secret statement"), "her request stays hers");
        let open = omar.get(&format!("{omar_base}/documents/{}/open", aminas.id)).await;
        let ticket = open.location();
        assert_eq!(omar.get(&ticket).await.body.as_ref(), PDF);
        world.portal.share_document(&world.owner, aminas.id, omar_access, false).await.unwrap();
        assert_eq!(omar.get(&ticket).await.status, StatusCode::GONE);
        assert!(omar.get(&format!("{omar_base}/documents")).await.text().contains("1 document"));

        // One access gone leaves the other as it is.
        world.portal.revoke_access(&world.owner, amina_access.id).await.unwrap();
        assert_eq!(omar.get(&omar_base).await.status, StatusCode::OK);
        assert_eq!(amina.get(&format!("{amina_base}/requests")).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn with_another_matter_left_only_the_revoked_one_is_closed(world: World) {
        let (access, base, mut phone) = world.enter(&world.amina).await;
        let second = world.another_matter("HM-3000", &world.amina).await;
        let other = World::path(&world.invite(&second, &world.amina).await);
        world.portal.revoke_access(&world.owner, access.id).await.unwrap();
        assert_eq!(phone.script().get(&format!("{base}/live")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(phone.script().get(&format!("{other}/live")).await.status, StatusCode::NO_CONTENT);
        let gone = phone.get(&format!("{base}/requests")).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        let way_on = gone.attribute("main a.button", "href");
        assert_eq!(phone.get(&way_on).await.location(), other);
        assert!(!gone.text().contains("HM-2041"));
        assert_eq!(phone.get(&other).await.status, StatusCode::OK);
    }
}
