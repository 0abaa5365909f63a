//! Approvals on the client's pages, with scripts off: seen, answered once, refused from an old page.

use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::stream;
use portal_core::ClientId;
use portal_core::approval::{Approval, ApprovalDraft, ApprovalState};
use portal_core::document::{Confidentiality, Document, Interrupted, UploadTarget};
use portal_core::practice::{PracticeDraft, PracticeSettings};

use crate::browser::Browser;
use crate::on_every_store;
use crate::world::{PDF, World};

async fn filed(world: &World, replaces: Option<&Document>, bytes: &'static [u8]) -> Document {
    let target = UploadTarget::Matter {
        matter: world.matter.id,
        client: Some(world.amina.id),
        confidentiality: Confidentiality::Client,
        replaces: replaces.map(|document| document.id),
    };
    let bytes = stream::iter([Ok::<_, Interrupted>(Bytes::from_static(bytes))]);
    let stored = world
        .portal
        .upload(&world.owner, target, "draft.pdf", bytes)
        .await;
    stored.unwrap()
}

async fn ask(world: &World, title: &str, documents: &[&Document], people: &[ClientId]) -> Approval {
    let draft = ApprovalDraft {
        title: title.into(),
        description: "Please read it.\nAll of it.".into(),
        documents: documents.iter().map(|document| document.id).collect(),
        people: people.to_vec(),
        ..ApprovalDraft::default()
    };
    let asked = world
        .portal
        .ask_approval(&world.owner, world.matter.id, &draft)
        .await;
    asked.unwrap().approval
}

async fn state(world: &World, approval: &Approval) -> ApprovalState {
    world
        .portal
        .approval(&world.owner, approval.id)
        .await
        .unwrap()
        .approval
        .state
}

fn answer(shown: &str, decision: &str, comment: &str) -> String {
    format!("shown={shown}&decision={decision}&comment={comment}")
}

on_every_store! {
    async fn what_waits_comes_first_and_is_answered_once(world: World) {
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let document = filed(world, None, PDF).await;
        let approval = ask(world, "Your statement", &[&document], &[world.amina.id]).await;
        let home = phone.get(&base).await;
        assert_eq!(home.words("#approvals-title"), "Please look at this and answer");
        assert!(home.words(".tabbar a[href$='/approvals']").ends_with('1'));
        let href = home.attribute("#to-do .rows__row", "href");
        let page = phone.get(&href).await;
        assert_eq!(page.words("h1"), "Your statement");
        assert_eq!(page.attribute("input[name=shown]", "value"), approval.shown_hash().to_string());
        let file = phone.get(&page.attribute(".file__name a", "href")).await;
        assert_eq!((file.status, file.body.as_ref()), (StatusCode::OK, PDF));

        let none = phone.post(&href, "").await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(none.words("[role=alert]").contains("Press Approve or Decline."));
        let shown = page.attribute("input[name=shown]", "value");
        let long = phone.post(&href, &answer(&shown, "approved", &"x".repeat(2_001))).await;
        assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(long.words("#comment-error").contains("at most 2000"));
        assert_eq!(long.words("#comment").len(), 2_000, "what was typed is kept as far as it goes");
        let huge = phone.post(&href, &answer(&shown, "approved", &"x".repeat(3 << 20))).await;
        assert!(huge.status.is_client_error(), "{}", huge.status);
        let wrong = phone.post(&href, &answer(&"0".repeat(64), "approved", "")).await;
        assert_eq!((wrong.status, wrong.words("[role=alert] .notice__title").as_str()), (StatusCode::CONFLICT, "Your answer was not taken"));
        assert_eq!(state(world, &approval).await, ApprovalState::Open);

        let done = phone.post(&href, &answer(&shown, "approved", "Yes%21")).await;
        assert_eq!(done.location(), href);
        let page = phone.follow(&done).await;
        assert!(page.words("[role=status]").contains("You approved “Your statement”."));
        assert_eq!(page.words("blockquote"), "Yes!");
        assert!(page.attributes("main form", "action").is_empty());
        let twice = phone.post(&href, &answer(&shown, "declined", "")).await;
        assert_eq!((twice.status, twice.words("[role=alert] .notice__title").as_str()), (StatusCode::CONFLICT, "This was answered before"));
        assert_eq!(state(world, &approval).await, ApprovalState::Approved);
        let found = phone.get(&format!("{base}/approvals?q=STATEMENT")).await;
        assert_eq!(found.words(".rows .badge"), "You approved");
    }

    async fn an_old_page_leads_to_the_new_one(world: World) {
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let document = filed(world, None, PDF).await;
        let approval = ask(world, "Draft", &[&document], &[world.amina.id]).await;
        let href = format!("{base}/approvals/{}", approval.id);
        let shown = approval.shown_hash().to_string();
        filed(world, Some(&document), b"%PDF-1.7\nsecond\n%%EOF\n").await;
        let refused = phone.post(&href, &answer(&shown, "approved", "Mine")).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.words("[role=alert]").contains("We have replaced what you were looking at"));
        let next = refused.attribute("[role=alert] a", "href");
        let page = phone.get(&next).await;
        assert!(page.words(".file .meta").contains("Version 2"));
        assert_ne!(page.attribute("input[name=shown]", "value"), shown);
        // Opened later, the old one says the same.
        assert_eq!(phone.get(&href).await.attribute(".notice a", "href"), next);
    }

    async fn several_are_answered_at_once(world: World) {
        let (_, base, mut phone) = world.enter(&world.amina).await;
        let mut body = String::from("decision=approved&comment=All");
        let mut asked = Vec::new();
        for number in 0..5 {
            let approval = ask(world, &format!("Invoice {number}"), &[], &[world.amina.id]).await;
            for part in ["&item=", &approval.id.to_string(), "+", &approval.shown_hash().to_string()] {
                body.push_str(part);
            }
            asked.push(approval);
        }
        let here = format!("{base}/approvals");
        let page = phone.get(&here).await;
        assert_eq!(page.attributes("input[name=item]", "value").len(), 5);
        let nothing = phone.post(&here, "decision=approved&comment=All").await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(nothing.words("[role=alert]").contains("Choose which ones you answer."));
        let done = phone.post(&here, &body).await;
        let page = phone.follow(&done).await;
        assert!(page.words("[role=status]").contains("You approved 5 of them."));
        for approval in &asked {
            let (_, evidence) = world.portal.evidence(&world.owner, approval.id).await.unwrap();
            assert_eq!((evidence.len(), evidence[0].comment.as_str()), (1, "All"));
        }
    }

    async fn a_second_factor_is_asked_for_where_the_practice_needs_it(world: World) {
        let (_, base, mut plain) = world.enter(&world.amina).await;
        let (portal, router) = world.with_factor();
        let settings = PracticeSettings { approval_factor_needed: true, ..world.practice.settings.clone() };
        let draft = PracticeDraft { settings, ..world.practice.draft() };
        let approval = ask(world, "Your statement", &[], &[world.amina.id]).await;
        let other = ask(world, "Your invoice", &[], &[world.amina.id]).await;
        let href = format!("{base}/approvals/{}", approval.id);
        let (mut phone, here) = (Browser::new(router), format!("{base}/approvals"));
        phone.cookies = plain.cookies.clone();
        assert!(phone.get(&href).await.all("#factor").is_empty(), "nothing is asked for that nobody needs");
        portal.update_practice(&world.owner, None, &draft).await.unwrap();

        let page = phone.get(&href).await;
        assert_eq!(page.words("label[for=factor]"), "Code from your book");
        let shown = page.attribute("input[name=shown]", "value");
        world.fakes.codes.give(world.amina.id, "first");
        world.fakes.codes.give(world.amina.id, "second");
        world.fakes.codes.give(world.omar.id, "his");
        for (factor, said) in [("", "Please fill in “Code from your book” too"), ("his", "is not right"), ("%3Cb%3E", "is not right")] {
            let body = format!("{}&factor={factor}", answer(&shown, "approved", "Mine"));
            let page = phone.post(&href, &body).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN);
            assert!(page.words("[role=alert]").contains(said) && page.words("#factor-error").to_lowercase().contains("nothing was answered"));
            assert_eq!((page.words("#comment").as_str(), page.attribute("#factor", "value").as_str()), ("Mine", ""));
        }
        let long = phone.post(&href, &format!("{}&factor={}", answer(&shown, "approved", ""), "x".repeat(4_097))).await;
        assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(long.words("#factor-error").contains("at most 4096"));
        // Several at once, with one factor for all.
        let several = format!("decision=declined&comment=All&item={}+{}", other.id, other.shown_hash());
        assert_eq!(phone.get(&here).await.words("label[for=factor]"), "Code from your book");
        let none = phone.post(&here, &several).await;
        assert_eq!((none.status, none.words("#comment").as_str()), (StatusCode::FORBIDDEN, "All"));
        assert!(none.words("#factor-error").contains("Please fill in"));
        assert_eq!(none.attributes("input[name=item][checked]", "value").len(), 1, "what was ticked stays ticked");
        for approval in [&approval, &other] {
            assert_eq!(state(world, approval).await, ApprovalState::Open);
            assert!(world.portal.evidence(&world.owner, approval.id).await.unwrap().1.is_empty());
        }

        // A server that has lost its factor says so, and offers no answer.
        let stuck = plain.get(&href).await;
        assert_eq!(stuck.words(".notice__title"), "You cannot answer here at the moment");
        assert!(stuck.attributes("main form", "action").is_empty());
        assert!(plain.get(&here).await.attributes("main form[method=post]", "action").is_empty());
        let stuck = plain.post(&href, &answer(&shown, "approved", "")).await;
        assert_eq!(stuck.status, StatusCode::FORBIDDEN);
        assert!(stuck.words("[role=alert]").contains("cannot take a second factor"), "{}", stuck.words("main"));

        let done = phone.post(&href, &format!("{}&factor=first", answer(&shown, "approved", "Mine"))).await;
        assert!(phone.follow(&done).await.words("[role=status]").contains("You approved “Your statement”."));
        let done = phone.post(&here, &format!("{several}&factor=second")).await;
        assert!(phone.follow(&done).await.words("[role=status]").contains("You declined 1 of them."));
        let kept = phone.get(&format!("{href}/evidence")).await;
        assert!(kept.words("main").contains("Second factor with the answerrecovery-code"), "{}", kept.words("main"));
    }

    async fn what_is_kept_is_shown_to_whoever_answered(world: World) {
        let (access, base, mut phone) = world.enter(&world.amina).await;
        let (_, other, mut omar) = world.enter(&world.omar).await;
        let document = filed(world, None, PDF).await;
        let people = [world.amina.id, world.omar.id];
        let approval = ask(world, "Your <b>statement</b>", &[&document], &people).await;
        let href = format!("{base}/approvals/{}", approval.id);
        let evidence = format!("{href}/evidence");
        let before = phone.get(&evidence).await;
        assert_eq!((before.status, before.words("main h2").as_str()), (StatusCode::OK, "No answer yet"));
        let shown = approval.shown_hash().to_string();
        phone.post(&href, &answer(&shown, "declined", "No%2C%20<i>never</i>")).await;
        let page = phone.get(&href).await;
        assert_eq!(page.attribute("aside a", "href"), evidence);
        let page = phone.get(&evidence).await;
        assert_eq!(page.words("blockquote"), "No, <i>never</i>");
        let words = page.words("main");
        let (_, kept) = world.portal.evidence(&world.owner, approval.id).await.unwrap();
        for told in [
            "You declined this today".to_owned(),
            "Answered byAmina Haddad".to_owned(),
            format!("draft.pdf, version 1{}", document.current.sha256),
            format!("“evidence”{}", kept[0].hash()),
            format!("SHA-256 {shown}"),
            kept[0].circumstances.audit_entry.to_string(),
            String::from_utf8(approval.shown()).unwrap(),
        ] {
            assert!(words.contains(&told), "{told} in {words}");
        }
        // The same as a file, which the browser's cookie opens.
        let json = phone.get(&page.attribute("a[download]", "href")).await;
        assert_eq!(json.status, StatusCode::OK);
        let json = json.json();
        assert_eq!(json["items"].as_array().unwrap().len(), 1);
        assert_eq!(json["items"][0]["canonical"]["sha256"], kept[0].hash().to_string());
        // Another who is asked sees that they did not answer, and nothing of hers.
        let theirs = omar.get(&format!("{other}/approvals/{}/evidence", approval.id)).await;
        assert_eq!(theirs.words("main h2"), "No answer yet");
        assert!(!theirs.text().contains("never"));
        assert_eq!(omar.get(&evidence).await.status, StatusCode::NOT_FOUND);
        // Staff who look as the client see what the client sees.
        let preview = world.portal.preview(&world.owner, access.id).await.unwrap();
        let mut staff = world.browser();
        staff.cookies.insert("__Host-portal".into(), preview.token.reveal());
        assert_eq!(staff.get(&evidence).await.words("blockquote"), "No, <i>never</i>");
        assert_eq!(world.browser().get(&evidence).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn nobody_else_sees_or_answers_it(world: World) {
        let (access, base, _) = world.enter(&world.amina).await;
        let (_, other, mut omar) = world.enter(&world.omar).await;
        let approval = ask(world, "Draft", &[], &[world.amina.id]).await;
        let shown = approval.shown_hash().to_string();
        for path in [format!("{other}/approvals/{}", approval.id), format!("{base}/approvals/{}", approval.id)] {
            assert_eq!(omar.get(&path).await.status, StatusCode::NOT_FOUND);
            assert_eq!(omar.post(&path, &answer(&shown, "approved", "")).await.status, StatusCode::NOT_FOUND);
        }
        assert!(!omar.get(&format!("{other}/approvals")).await.text().contains("Draft"));
        // Staff who look as the client see it, without a way to answer.
        let preview = world.portal.preview(&world.owner, access.id).await.unwrap();
        let mut staff = world.browser();
        staff.cookies.insert("__Host-portal".into(), preview.token.reveal());
        let page = staff.get(&format!("{base}/approvals/{}", approval.id)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.attributes("main form", "action").is_empty());
        let refused = staff.post(&format!("{base}/approvals/{}", approval.id), &answer(&shown, "approved", "")).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(state(world, &approval).await, ApprovalState::Open);
    }
}
