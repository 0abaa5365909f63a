//! Approvals on the staff's pages: asked from a matter, found in the queue, withdrawn, with a file that gets a new version.

use std::sync::Arc;

use axum::http::StatusCode;
use portal_core::approval::{Answer, ApprovalDraft, Decision};
use portal_core::policy::Role;
use portal_core::{Parts, Portal};
use portal_server::{AppState, Presentation};

use crate::browser::{Browser, Part, file};
use crate::on_every_store;
use crate::world::{PDF, World, filled, look, refused, send};

on_every_store! {
    async fn staff_ask_find_and_withdraw(world: World) {
        let (_, _) = world.enter(&world.amina).await;
        let mut desk = world.desk(Role::Manager).await;
        let tab = world.path("/approvals");
        let page = look(&mut desk, "matter-without-approvals", &tab).await;
        assert!(page.text().contains("Nothing asked"));
        let form = world.path("/approvals/new");
        let page = look(&mut desk, "approval-form", &form).await;
        let wrong = filled(&page, &tab, &[("title", " "), ("due_on", "tomorrow"), ("remind_every_days", "often")]);
        let page = refused(&mut desk, "approval-wrong", &tab, &wrong).await;
        assert!(page.all("main [aria-invalid=true]").len() >= 2, "{}", page.words("main"));
        let person = world.amina.id.to_string();
        let good = [("title", "Your <b>statement</b>"), ("due_on", ""), ("remind_every_days", "3"), ("kind", "statement"), ("person", &person)];
        let page = send(&mut desk, &tab, &filled(&page, &tab, &good)).await;
        assert!(page.words("[role=status]").contains("is asked by email."), "{}", page.words("main"));
        assert_eq!(page.words("h1"), "Your <b>statement</b>");

        let queue = look(&mut desk, "approvals", "/staff/approvals").await;
        assert_eq!(queue.all("li[data-item] .rows__title"), ["Your <b>statement</b>"]);
        assert!(look(&mut desk, "approvals-none", "/staff/approvals?q=nothing").await.text().contains("No approval matches"));
        for found in ["q=STATEMENT", "kind=statement", "state=all", "since=2000-01-01&until=2100-01-01"] {
            let page = desk.get(&format!("/staff/approvals?{found}")).await;
            assert_eq!(page.all("li[data-item]").len(), 1, "{found}");
        }
        for empty in ["kind=invoice", "state=approved", "until=2000-01-01", &format!("client={}", world.omar.id)] {
            let page = desk.get(&format!("/staff/approvals?{empty}")).await;
            assert_eq!((page.status, page.all("li[data-item]").len()), (StatusCode::OK, 0), "{empty}");
        }
        let own = queue.attribute("li[data-item] a.rows__title", "href");
        let page = look(&mut desk, "approval-page", &own).await;
        let withdraw = format!("{own}/withdraw");
        let page = send(&mut desk, &withdraw, &filled(&page, &withdraw, &[("reason", "By mistake")])).await;
        assert!(page.words("h1 + .badge").contains("Withdrawn"));
        assert!(page.text().contains("By mistake"));
        assert!(look(&mut desk, "evidence-none", &format!("{own}/evidence")).await.text().contains("No answer yet"));
        let activity = look(&mut desk, "activity-with-approvals", &world.path("/activity")).await;
        let said = activity.all(".timeline__item p");
        assert!(said.iter().any(|line| line.contains("withdrew Your <b>statement</b>")), "{said:?}");
    }
    async fn approval_is_asked_from_a_documents_page(world: World) {
        let (access, _) = world.enter(&world.amina).await;
        let mut desk = world.desk(Role::Manager).await;
        let amina = world.amina.id.to_string();
        let action = world.path("/files");
        for (name, who) in [("old.pdf", &b"client"[..]), ("draft.pdf", b"client"), ("note.pdf", b"staff-only")] {
            let field = |name, bytes| Part { name, file: None, bytes };
            let parts = [field("confidentiality", who), field("client_id", amina.as_bytes()), file(name, PDF)];
            assert_eq!(desk.upload(&action, &parts).await.status, StatusCode::SEE_OTHER);
        }
        let page = desk.get(&world.path("/documents")).await;
        let href = |name: &str| {
            let titles = page.all("tr[data-item] .table__title");
            let at = titles.iter().position(|title| title == name).unwrap();
            page.attributes("tr[data-item] .table__title", "href")[at].clone()
        };
        let (old, draft, note) = (href("old.pdf"), href("draft.pdf"), href("note.pdf"));
        let document = look(&mut desk, "document-to-approve", &draft).await;
        assert!(document.words("[aria-labelledby=approval-title]").contains("version 1"));
        let form = document.attribute("[aria-labelledby=approval-title] a", "href");
        let asking = look(&mut desk, "approval-form-of-document", &form).await;
        // The document is chosen, first of all, and so is the only one who can be asked.
        assert_eq!(asking.all("input[name=document]").len(), 2);
        let id = draft.rsplit('/').next().unwrap();
        assert_eq!(asking.attributes("input[name=document][checked]", "value"), [id]);
        assert_eq!(asking.attribute("input[name=document]", "value"), id);
        assert_eq!(asking.attributes("input[name=person][checked]", "value"), [amina.as_str()]);
        assert_eq!(asking.attribute("a.back", "href"), draft);
        // What is wrong is mended with all of that kept.
        let tab = world.path("/approvals");
        let wrong = refused(&mut desk, "approval-of-document-wrong", &tab, &filled(&asking, &tab, &[("title", "")])).await;
        assert_eq!(wrong.attributes("input[name=document][checked]", "value"), [id]);
        assert_eq!(wrong.attribute("a.back", "href"), draft);
        let page = send(&mut desk, &tab, &filled(&wrong, &tab, &[("title", "Your draft")])).await;
        assert!(page.words("[role=status]").contains("is asked by email."));
        let words = page.words("main");
        assert!(words.contains("draft.pdf") && !words.contains("old.pdf"), "{words}");

        // What clients may not see says why it cannot be asked about; an address made by hand says so too.
        let secret = look(&mut desk, "document-not-to-approve", &note).await;
        assert!(secret.all("[aria-labelledby=approval-title] a").is_empty());
        assert!(secret.words("[aria-labelledby=approval-title]").contains("for staff only"));
        let id = note.rsplit('/').next().unwrap().to_owned();
        let by_hand = look(&mut desk, "approval-form-of-secret", &world.path(&format!("/approvals/new?document={id}"))).await;
        assert!(by_hand.words("[role=alert]").contains("is for staff only"), "{}", by_hand.words("main"));
        assert!(by_hand.attributes("input[name=document][checked]", "value").is_empty());
        for strange in ["x", &access.id.to_string()] {
            let strange = desk.get(&world.path(&format!("/approvals/new?document={strange}"))).await;
            assert!(strange.words("[role=alert]").contains("Choose documents of this matter."));
        }
        // Who may not ask is offered nothing, and a closed matter says so.
        let mut auditor = world.desk(Role::Auditor).await;
        assert!(auditor.get(&draft).await.all("[aria-labelledby=approval-title]").is_empty());
        world.portal.close_matter(&world.owner, world.matter.id).await.unwrap();
        let closed = look(&mut desk, "document-of-closed-matter", &old).await;
        assert!(closed.all("[aria-labelledby=approval-title] a").is_empty());
        assert!(closed.words("[aria-labelledby=approval-title]").contains("the matter is closed"));
    }
    async fn a_practice_asks_for_a_second_factor_where_the_server_has_one(world: World) {
        let portal = Portal::new(Parts {
            second_factor: Some(Arc::new(world.fakes.codes.clone())),
            ..world.fakes.parts(world.store.clone())
        });
        let state = AppState::new(portal, Presentation::default()).unwrap();
        let mut plain = world.desk(Role::Owner).await;
        let mut desk = Browser::new(portal_server::router(state));
        desk.cookies = plain.cookies.clone();
        let settings = "/staff/settings";
        let page = look(&mut desk, "settings-factor", settings).await;
        assert!(page.words("#approval_factor_needed-help").contains("“Code from your book”"));
        let page = send(&mut desk, settings, &filled(&page, settings, &[("approval_factor_needed", "true")])).await;
        assert_eq!(page.all("#approval_factor_needed[checked]").len(), 1);
        // A server on the same store without one keeps it on, says what that means, and lets it be switched off.
        let page = look(&mut plain, "settings-factor-lost", settings).await;
        assert!(page.words("#approval_factor_needed-help").contains("nobody can answer"));
        assert_eq!(page.all("#approval_factor_needed[checked]:not([disabled])").len(), 1);
        let page = send(&mut plain, settings, &filled(&page, settings, &[("name", "Harbour")])).await;
        assert_eq!(page.all("#approval_factor_needed[checked]").len(), 1);
        let page = send(&mut plain, settings, &filled(&page, settings, &[("approval_factor_needed", "")])).await;
        assert_eq!(page.all("#approval_factor_needed[disabled]:not([checked])").len(), 1);
    }
    async fn evidence_is_shown_and_given_as_json(world: World) {
        let (access, client) = world.enter(&world.amina).await;
        let draft = ApprovalDraft {
            title: "Your statement".into(),
            people: vec![access.client_id],
            ..ApprovalDraft::default()
        };
        let asked = world.portal.ask_approval(&world.owner, world.matter.id, &draft).await.unwrap().approval;
        let answer = Answer {
            decision: Decision::Approved,
            comment: "Yes, <i>this</i>.".into(),
            shown: asked.shown_hash(),
        };
        world.portal.answer_approval(&client, asked.id, &answer, None).await.unwrap();
        let (_, kept) = world.portal.evidence(&world.owner, asked.id).await.unwrap();
        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "evidence", &format!("/staff/approvals/{}/evidence", asked.id)).await;
        assert_eq!(page.words("main h2"), "Amina Haddad approved");
        let words = page.words("main");
        for told in ["Yes, <i>this</i>.", &kept[0].hash().to_string(), &kept[0].shown_hash.to_string()] {
            assert!(words.contains(told), "{told} in {words}");
        }
        // The link to the same as JSON works with the cookie that opened the page.
        let href = page.attribute(".page-head__actions a", "href");
        let href = href.strip_prefix("https://portal.test").unwrap_or(&href);
        let json = desk.get(href).await;
        assert_eq!((json.status, json.header("content-type")), (StatusCode::OK, "application/json"));
        let json = json.json();
        assert_eq!(json["items"][0]["comment"], "Yes, <i>this</i>.");
        assert_eq!(json["items"][0]["canonical"]["sha256"], kept[0].hash().to_string());
        assert_eq!(world.browser().get(href).await.status, StatusCode::UNAUTHORIZED);
    }
}
