//! Files that staff add, open, share and take away as one.

use axum::http::StatusCode;
use portal_core::matter::{MatterDraft, Part};
use portal_core::policy::Role;

use crate::browser::{Part as FormPart, file};
use crate::on_every_store;
use crate::world::{PDF, PNG, World, filled, look, matter_draft, send};

const fn field<'a>(name: &'a str, bytes: &'a [u8]) -> FormPart<'a> {
    FormPart {
        name,
        file: None,
        bytes,
    }
}

on_every_store! {
    async fn staff_add_files_for_whom_they_say(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let amina = world.amina.id.to_string();
        let page = look(&mut desk, "documents-empty", &world.path("/documents")).await;
        let action = page.attribute("form[enctype]", "action");
        let sent = desk.upload(&action, &[
            field("confidentiality", b"client"), field("client_id", amina.as_bytes()),
            file("Brief \"an\" Amina.pdf", PDF), file("evil.svg", b"<svg onload=alert(1)>"),
        ]).await;
        let page = desk.follow(&sent).await;
        assert!(page.words(".notice.tone-danger").contains("1 file is stored."), "{}", page.text());
        assert!(page.words(".notice.tone-danger").contains("evil.svg"));
        assert_eq!(page.all("tr[data-item]").len(), 1);
        assert!(page.words("tr[data-item]").contains("Amina Haddad"));
        let none = desk.upload(&action, &[field("confidentiality", b"client")]).await;
        assert_eq!(desk.follow(&none).await.words(".notice.tone-danger"), "Choose a file first.");
        let wrong = desk.upload(&action, &[field("confidentiality", b"everybody"), file("x.pdf", PDF)]).await;
        assert_eq!(desk.follow(&wrong).await.words(".notice.tone-danger"), "Choose who may see the files.");
        let script = desk.script().upload(&action, &[field("confidentiality", b"staff-only"), file("note.pdf", PDF)]).await;
        assert_eq!((script.status, script.json()["stored"].as_u64()), (StatusCode::OK, Some(1)));

        // Files are saved or shown in a sandbox, under names that break nothing.
        let href = page.attribute("tr[data-item] .table__title", "href");
        let document = look(&mut desk, "document-filed", &href).await;
        let download = desk.get(&document.attribute(".page-head__actions a", "href")).await;
        assert_eq!(download.body.as_ref(), PDF);
        assert!(download.header("content-disposition").starts_with("attachment;"));
        assert!(download.header("content-security-policy").starts_with("sandbox;"));
        let picture = desk.get(&format!("{href}/picture")).await;
        assert_eq!(picture.status, StatusCode::NOT_FOUND, "a PDF is not shown inside");
    }

    async fn files_of_a_request_come_as_one(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let mut desk = world.desk(Role::Owner).await;
        let none = desk.get(&world.path("/documents.zip")).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
        let page = look(&mut desk, "request-upload", &world.path(&format!("/requests/{}", request.id))).await;
        let action = page.attribute("form[enctype]", "action");
        let sent = desk.upload(&action, &[file("passport.png", PNG)]).await;
        let page = desk.follow(&sent).await;
        assert!(page.words("#files").contains("Accepted"), "{}", page.text());
        let document = page.attribute("#files .rows__title", "href");
        let document = look(&mut desk, "document-picture", &document).await;
        let picture = desk.get(&document.attribute(".picture img", "src")).await;
        assert!(picture.header("content-disposition").starts_with("inline;"));
        assert_eq!(picture.header("x-frame-options"), "SAMEORIGIN");
        let zip = desk.get(&world.path("/documents.zip")).await;
        assert_eq!((zip.status, zip.header("content-type")), (StatusCode::OK, "application/zip"));
        assert!(zip.body.windows(12).any(|bytes| bytes == b"passport.png"));
        let other = desk.get(&world.path(&format!("/documents.zip?client={}", world.omar.id))).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
    }

    async fn a_file_is_shared_with_somebody_on_a_related_matter_and_taken_back(world: World) {
        let part = MatterDraft { parent_id: Some(world.matter.id), ..matter_draft("HM-2042", world.staff(Role::Owner)) };
        let part = world.portal.open_matter(&world.owner, &part).await.unwrap();
        world.put(&part, &world.omar, Part::Principal).await;
        let access = world.portal.enable_access(&world.owner, part.id, world.omar.id, false).await.unwrap();
        let request = world.ask(&world.amina, "Passport").await;
        let (_, amina) = world.enter(&world.amina).await;
        let document = world.provide(&amina, &request, "passport.pdf", PDF).await;
        let mut desk = world.desk(Role::Owner).await;
        let href = format!("/staff/documents/{}", document.id);
        let page = look(&mut desk, "document-share", &href).await;
        let share = format!("{href}/share");
        assert!(page.text().contains("Omar Haddad - HM-2042"));
        let sent = filled(&page, &share, &[("access_id", &access.id.to_string())]);
        let page = send(&mut desk, &share, &sent).await;
        assert_eq!(page.words("[role=status]"), "They can see this file now.");
        let unshare = format!("{href}/unshare");
        let page = send(&mut desk, &unshare, &filled(&page, &unshare, &[])).await;
        assert!(page.attributes("form[action$='/unshare']", "action").is_empty());
        let none = desk.post(&share, "").await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!none.words("#access_id-error").is_empty());

        // What a client sent stays visible to them; its category can change.
        let sent = filled(&none, &href, &[("category", "Identity"), ("confidentiality", "staff-only")]);
        let refused = desk.post(&href, &sent).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.attribute("#category", "value"), "Identity");
        let sent = filled(&none, &href, &[("category", "Identity")]);
        let page = send(&mut desk, &href, &sent).await;
        assert_eq!(page.attribute("#category", "value"), "Identity");
    }

    async fn captured_mail_runs_nothing_and_is_there_only_in_a_demo(world: World) {
        let (_, _) = world.enter(&world.amina).await;
        let mut anybody = world.browser();
        let list = look(&mut anybody, "outbox-anybody", "/dev/outbox").await;
        let mail = look(&mut anybody, "outbox-anybody-mail", &list.attribute("li[data-item] a", "href")).await;
        assert!(mail.attributes(".url", "href").iter().any(|href| href.contains("/p/")));
        let html = anybody.get(&mail.attribute("iframe", "src")).await;
        assert!(html.header("content-security-policy").contains("default-src 'none'"));
        assert_eq!(mail.attributes("iframe[sandbox]", "src").len(), 1);
        assert_eq!(anybody.get("/dev/outbox/999").await.status, StatusCode::NOT_FOUND);
        let state = portal_server::AppState::new(world.portal.clone(), portal_server::Presentation::default()).unwrap();
        let mut production = crate::browser::Browser::new(portal_server::router(state));
        assert_eq!(production.get("/dev/outbox").await.status, StatusCode::NOT_FOUND);
    }
}
