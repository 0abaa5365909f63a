//! A client's way through the pages, with scripts off.

use axum::http::StatusCode;
use portal_core::access::AccessState;
use portal_core::checklist::RequestState;

use crate::browser::{file, form_data};
use crate::on_every_store;
use crate::world::{PDF, PNG, World};

on_every_store! {
    async fn the_stage_is_shown_in_clean_words_with_its_steps(world: World) {
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let home = phone.get(&base).await;
        assert_eq!(home.words(".stage__now"), "Documents being collected");
        assert!(home.all(".stepper__step").is_empty());
        let stages = portal_core::workflow::DimensionDraft::new("Case stage")
            .value("Intake")
            .value("Documents")
            .alias("Documents being collected")
            .value("Decision");
        let draft = portal_core::workflow::TaxonomyDraft { dimensions: vec![stages] };
        world.portal.save_taxonomy(&world.owner, None, &draft).await.unwrap();
        let home = phone.get(&base).await;
        assert_eq!(home.words(".stage__now"), "Documents");
        assert_eq!(home.all(".stepper__step"), ["Intake, done", "Documents", "Decision"]);
        assert_eq!(home.words("[aria-current=step]"), "Documents");
        assert!(home.words(".stage").contains("Next: Decision"));
    }

    async fn from_asking_for_a_link_to_an_accepted_page(world: World) {
        let request = world.ask(&world.amina, "Passport bio page").await;
        let access = world.portal.enable_access(&world.owner, world.matter.id, world.amina.id, false).await.unwrap();
        let base = World::path(&access);
        let mut phone = world.browser();

        // Outside: one button, no name of anybody.
        let door = phone.get(&base).await;
        assert_eq!(door.status, StatusCode::OK);
        assert_eq!(door.words("h1"), "Open your portal");
        assert!(!door.text().contains("Amina") && !door.text().contains("Partner visa"));
        let asked = phone.post(&door.attribute("main form", "action"), "").await;
        assert_eq!((asked.status, asked.words("h1").as_str()), (StatusCode::OK, "Check your email"));
        world.portal.drain().await.unwrap();

        // The browser that asked needs one press, and no code.
        let mail = world.last_mail(&world.amina);
        let link = phone.get(&mail.path).await;
        assert_eq!(link.words("h1"), "Continue to your portal");
        assert!(link.attributes("main input", "name").is_empty());
        let pressed = phone.post(&link.attribute("main form", "action"), "").await;
        assert_eq!(pressed.location(), base);
        let home = phone.follow(&pressed).await;
        assert_eq!(home.words("h1"), "Good evening, Amina");
        assert_eq!(home.words(".next h2"), "Passport bio page");
        assert_eq!(home.attribute("body", "data-live"), format!("{base}/live"));
        assert!(home.text().contains("Documents being collected"));

        // Two files in one form; the second input was left empty.
        let action = home.attribute("form[data-upload]", "action");
        let sent = phone.upload(&action, &[file("", b""), file("front.pdf", PDF), file("back.png", PNG)]).await;
        let page = phone.follow(&sent).await;
        assert_eq!(page.words("[role=status]"), "2 files sent. We will check them and let you know.");
        assert_eq!(page.words("#files-title"), "What you sent 2");
        let again = phone.get(&format!("{base}/requests/{}", request.id)).await;
        assert_eq!(again.words("[role=status]"), "", "it is said once");

        // Staff returns one; the client sees why, beside the file and on top, and what to do.
        let front = page.all(".file__name").iter().position(|name| name == "front.pdf").unwrap();
        let documents = world.portal.store().documents(
            world.practice.id,
            &portal_core::document::DocumentFilter::default(),
            &portal_core::PageRequest::default(),
        ).await.unwrap().items;
        let front_document = documents.iter().find(|d| d.current.name.as_str() == "front.pdf").unwrap();
        world.portal.return_document(&world.owner, front_document.id, "The bottom edge is cut off.").await.unwrap();
        let home = phone.get(&base).await;
        assert!(home.words(".next").contains("The bottom edge is cut off."), "{}", home.words(".next"));
        let page = phone.get(&format!("{base}/requests/{}", request.id)).await;
        assert_eq!(page.words("#head .badge"), "Please send again");
        assert_eq!(page.words(".file__reason"), "The bottom edge is cut off.");
        assert!(page.all(".file")[front].contains("Please send again"));

        // Replacing it: the earlier version stays to be seen.
        let replaces = page.attribute("li.file form input[name=replaces]", "value");
        assert_eq!(replaces, front_document.id.to_string());
        let field = crate::browser::Part { name: "replaces", file: None, bytes: replaces.as_bytes() };
        let action = page.attribute("li.file form", "action");
        let sent = phone.upload(&action, &[field, file("front again.pdf", PDF)]).await;
        let page = phone.follow(&sent).await;
        assert_eq!(page.words("#files-title"), "What you sent 2");
        assert_eq!(page.words("#head .badge"), "Being checked");
        assert_eq!(page.words(".file__earlier summary"), "1 earlier version");
        let earlier = phone.get(&page.attribute(".file__earlier a", "href")).await;
        assert_eq!((earlier.status, earlier.body.as_ref()), (StatusCode::OK, PDF));
        assert!(earlier.header("content-disposition").contains("front.pdf"));

        // Staff accepts: the page says so and takes no more.
        world.portal.step_request(&world.owner, request.id, &portal_core::checklist::RequestStep::Accept).await.unwrap();
        let page = phone.get(&format!("{base}/requests/{}", request.id)).await;
        assert_eq!(page.words("#head .badge"), "Accepted");
        assert!(page.attributes("form[data-upload]", "action").is_empty());
        let late = phone.upload(&action, &[file("late.pdf", PDF)]).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", late.text());
        let home = phone.get(&base).await;
        assert!(home.text().contains("All done for now"));

        // What a download address is worth after access is revoked: nothing, at once.
        let documents = phone.get(&format!("{base}/documents")).await;
        let open = phone.get(&documents.attribute(".file__name a", "href")).await;
        let ticket = open.location();
        assert_eq!(phone.get(&ticket).await.status, StatusCode::OK);
        world.portal.revoke_access(&world.owner, access.id).await.unwrap();
        assert_eq!(phone.get(&ticket).await.status, StatusCode::GONE);
        assert_eq!(phone.script().get(&format!("{base}/live")).await.status, StatusCode::UNAUTHORIZED);
        for path in [format!("{base}/documents"), format!("{base}/requests"), base.clone()] {
            let mut same_phone = phone.clone();
            let over = same_phone.get(&path).await;
            assert_eq!((over.status, over.words("h1").as_str()), (StatusCode::UNAUTHORIZED, "You are signed out"));
            assert!(!over.text().contains("Amina") && !over.text().contains("Partner visa"), "{path}");
            assert!(!same_phone.cookies.contains_key("__Host-portal"), "a dead session is forgotten");
        }
        let access = world.portal.access(&world.owner, access.id).await.unwrap().access;
        assert_eq!(access.state, AccessState::Revoked);
    }

    async fn an_expired_session_keeps_nothing_open_and_loses_no_upload_silently(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (_, base, mut phone) = world.enter(&world.amina).await;
        world.fakes.clock.advance(portal_core::Duration::hours(13));
        let action = format!("{base}/requests/{}/documents", request.id);
        let page = phone.clone().upload(&action, &[file("a.pdf", PDF)]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert_eq!(page.attribute("main form", "action"), format!("{base}/request-link"));
        let script = phone.script().upload(&action, &[file("a.pdf", PDF)]).await;
        assert_eq!((script.status, script.json()["detail"].as_str().unwrap()), (StatusCode::UNAUTHORIZED, "Please sign in."));
        assert!(world.fakes.blobs.keys().is_empty());
        let over = phone.get(&base).await;
        assert_eq!(over.words("h1"), "You are signed out");
        // The second look is an ordinary door.
        assert_eq!(phone.get(&base).await.words("h1"), "Open your portal");
    }

    async fn an_open_tab_does_not_keep_a_session_alive(world: World) {
        let (_, base, phone) = world.enter(&world.amina).await;
        for _ in 0..12 {
            world.fakes.clock.advance(portal_core::Duration::minutes(59));
            assert_eq!(phone.script().get(&format!("{base}/live")).await.status, StatusCode::NO_CONTENT);
        }
        world.fakes.clock.advance(portal_core::Duration::minutes(13));
        assert_eq!(phone.script().get(&format!("{base}/live")).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn each_file_has_its_own_outcome(world: World) {
        let request = world.ask(&world.amina, "Bank statements").await;
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let action = format!("{base}/requests/{}/documents", request.id);
        let files = [
            file("good.pdf", PDF),
            file("really a picture.pdf", PNG),
            file("empty.pdf", b""),
            file("also good.png", PNG),
            file("setup.exe", b"MZ\x90\0"),
        ];
        let page = phone.upload(&action, &files).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let outcomes = page.all(".uploads__item");
        assert_eq!(outcomes.len(), 5, "{outcomes:?}");
        for (name, said) in [
            ("good.pdf", "Sent"),
            ("also good.png", "Sent"),
            ("really a picture.pdf", "looks like a PNG image"),
            ("empty.pdf", "is empty"),
            ("setup.exe", "cannot be taken here"),
        ] {
            assert!(outcomes.iter().any(|line| line.starts_with(name) && line.contains(said)), "{name}: {outcomes:?}");
        }
        assert_eq!(page.words("#files-title"), "What you sent 2");
        assert_eq!(world.fakes.blobs.keys().len(), 2, "what was refused is not kept");

        // Nothing chosen: said beside the form, and nothing else changes.
        let page = phone.upload(&action, &[file("", b"")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.all(".uploads__item"), ["Choose a file first."]);

        // As our script sends them: one each, answered in JSON.
        let mut script = phone.script();
        let sent = script.upload(&action, &[file("third.pdf", PDF)]).await;
        assert_eq!(sent.status, StatusCode::CREATED);
        assert_eq!(sent.json()["files"][0]["name"], "third.pdf");
        let refused = script.upload(&action, &[file("fake.pdf", PNG)]).await;
        assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(refused.header("content-type"), "application/problem+json");
        assert!(refused.json()["detail"].as_str().unwrap().contains("fake.pdf"));
        let mixed = script.upload(&action, &[file("fourth.pdf", PDF), file("fake.pdf", PNG)]).await;
        assert_eq!(mixed.status, StatusCode::MULTI_STATUS);
        assert_eq!(mixed.json()["files"].as_array().unwrap().len(), 2);
        assert_eq!(world.fakes.blobs.keys().len(), 4);
    }

    async fn an_upload_that_breaks_off_anywhere_leaves_nothing(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (_, base, phone) = world.enter(&world.amina).await;
        let action = format!("{base}/requests/{}/documents", request.id);
        let whole = form_data(&[file("passport.pdf", PDF)]);
        // Without its last boundary the form is incomplete, wherever it ends.
        for cut in (0..whole.len() - 6).step_by(3) {
            let body = axum::body::Body::from(whole[..cut].to_vec());
            let answer = phone.clone().upload_body(&action, body).await;
            assert!(answer.status.is_client_error(), "cut at {cut}: {}", answer.status);
        }
        assert!(world.fakes.blobs.keys().is_empty());
        assert_eq!(world.fakes.blobs.unfinished(), 0);
        let ctx = world.context(&phone).await.unwrap();
        let now = world.portal.request(&ctx, request.id).await.unwrap();
        assert_eq!(now.state, RequestState::Outstanding);
        let page = phone.clone().get(&format!("{base}/documents")).await;
        assert!(page.text().contains("0 documents"));
    }

    async fn leaving_ends_the_session_here_and_everywhere(world: World) {
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let mut laptop = world.browser();
        laptop.post(&format!("{base}/request-link"), "").await;
        world.portal.drain().await.unwrap();
        world.confirm(&mut laptop, &world.amina).await;

        let before = phone.clone();
        let home = phone.get(&base).await;
        let out = phone.post(&home.attribute("form[action*='sign-out?']", "action"), "").await;
        let door = phone.follow(&out).await;
        assert_eq!(door.words("[role=status]"), "You are signed out.");
        assert_eq!(before.script().get(&format!("{base}/live")).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(laptop.script().get(&format!("{base}/live")).await.status, StatusCode::NO_CONTENT);

        phone.post(&format!("{base}/request-link"), "").await;
        world.portal.drain().await.unwrap();
        world.confirm(&mut phone, &world.amina).await;
        let home = laptop.get(&base).await;
        laptop.post(&home.attribute("form[action*='sign-out-everywhere']", "action"), "").await;
        assert_eq!(phone.script().get(&format!("{base}/live")).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn several_matters_are_chosen_from_on_one_page(world: World) {
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let only = phone.get("/p").await;
        assert_eq!(only.location(), base);
        let second = world.another_matter("HM-3000", &world.amina).await;
        let other = world.invite(&second, &world.amina).await;
        world.ask_on(&second, &world.amina, "Birth certificate").await;
        let page = phone.get("/p").await;
        assert_eq!(page.words("h1"), "Good evening, Amina");
        assert!(page.text().contains("Which of your applications"));
        let cards = page.attributes("a.choice", "href");
        assert_eq!(cards, [World::path(&other), base.clone()], "something to do comes first");
        assert!(page.words("a.choice").contains("1 to provide"));
        let home = phone.get(&cards[0]).await;
        assert!(home.text().contains("HM-3000"));
        assert_eq!(home.attributes(".menu a[href='/p']", "href").len(), 1);

        let mut nobody = world.browser();
        let out = nobody.get("/p").await;
        assert_eq!(out.status, StatusCode::UNAUTHORIZED);
        assert_eq!(nobody.get("/p/live").await.status, StatusCode::UNAUTHORIZED);
    }
}
