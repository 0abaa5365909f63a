//! Forms that are refused: each says what is wrong beside its field and on top, and keeps what was typed.

use axum::http::StatusCode;
use portal_core::client::ClientDraft;
use portal_core::policy::Role;

use crate::on_every_store;
use crate::world::{PDF, World, filled, form, look, matter_draft, refused, send};

const LONG: &str = "a very long name that goes on and on, far beyond what fits in any column of any table or \
    on any page of any portal that anybody has ever seen, and then some more of it, for good measure and \
    because people paste things, a very long name that goes on and on";

on_every_store! {
    async fn a_clients_form_keeps_what_was_typed(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let typed = [
            ("given_names", LONG), ("email", "not an address"), ("phone", "call me"), ("date_of_birth", "31.12.1990"),
            ("passport_issued_on", "2030-01-01"), ("passport_expires_on", "2020-01-01"),
        ];
        let page = refused(&mut desk, "client-wrong", "/staff/clients", &form(&typed)).await;
        for (field, value) in typed {
            assert_eq!(page.attribute(&format!("#{field}"), "value"), value);
        }
        for field in ["given_names", "email", "phone", "date_of_birth", "passport_expires_on"] {
            assert!(!page.words(&format!("#{field}-error")).is_empty(), "{field}");
            assert_eq!(page.attribute(&format!("#{field}"), "aria-invalid"), "true");
            assert!(page.attributes("[role=alert] a", "href").contains(&format!("#{field}")), "{field}");
        }
        let page = refused(&mut desk, "client-nowhere", "/staff/clients", &form(&[("given_names", "Ana"), ("time_zone", "Mars/Olympus")])).await;
        assert_eq!(page.attributes("#time_zone option[selected]", "value"), ["Mars/Olympus"]);
        assert!(page.words("#time_zone-error").contains("no such time zone"), "{}", page.words("[role=alert]"));
        let edit = format!("/staff/clients/{}/edit", world.amina.id);
        let page = look(&mut desk, "client-zone", &edit).await;
        assert!(page.attributes("#time_zone option[selected]", "value").is_empty());
        assert_eq!(page.words("#time_zone option[value='']"), "As the practice (Australia/Sydney)");
        let page = send(&mut desk, &edit, &filled(&page, &edit, &[("time_zone", "America/New_York")])).await;
        assert!(page.text().contains("America/New York"), "{}", page.text());
        let page = look(&mut desk, "client-zone", &edit).await;
        assert_eq!(page.attributes("#time_zone option[selected]", "value"), ["America/New_York"]);
        let draft = ClientDraft { reference: "C-1".into(), given_names: "Ana".into(), ..ClientDraft::default() };
        world.portal.add_client(&world.owner, &draft).await.unwrap();
        let page = refused(&mut desk, "client-taken", "/staff/clients", &form(&[("given_names", "Eva"), ("reference", "c-1")])).await;
        assert_eq!(page.words("#reference-error"), "Another client has this reference.");
    }

    async fn a_stale_form_changes_nothing_and_keeps_its_input(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        // Two windows are open on each record; the second is sent first.
        let request = world.ask(&world.amina, "Passport").await;
        let template = send(&mut desk, "/staff/templates", &form(&[("name", "Visa"), ("title", "Passport"), ("wanted", "1")])).await;
        let template = template.attribute("form[action$='/items']", "action").replace("/items", "");
        let client = format!("/staff/clients/{}/edit", world.amina.id);
        let request = world.path(&format!("/requests/{}/edit", request.id));
        for (path, action, field, id) in [
            (client.clone(), client, "given_names", "given_names"),
            (world.path("/edit"), world.path("/edit"), "title", "title"),
            (request.clone(), request, "title", "title"),
            ("/staff/settings".into(), "/staff/settings".into(), "name", "name"),
            (template.clone(), template, "name", "name"),
        ] {
            let old = look(&mut desk, "stale-before", &path).await;
            send(&mut desk, &action, &filled(&old, &action, &[(field, "First")])).await;
            let page = refused(&mut desk, "stale", &action, &filled(&old, &action, &[(field, "Second")])).await;
            assert!(page.words("[role=alert]").contains("Somebody changed this"), "{path}: {}", page.words("[role=alert]"));
            let form = format!("form[action='{action}'] #{id}");
            assert_eq!(page.attribute(&form, "value"), "Second", "{path}");
            // Saving again is a decision, and works.
            let saved = send(&mut desk, &action, &filled(&page, &action, &[])).await;
            assert!(saved.text().contains("Second"), "{path}");
        }
    }

    async fn nothing_is_decided_about_what_was_not_seen(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (_, amina) = world.enter(&world.amina).await;
        let seen = world.provide(&amina, &request, "seen.pdf", PDF).await;
        let mut desk = world.desk(Role::Owner).await;
        let href = world.path(&format!("/requests/{}", request.id));
        let old = look(&mut desk, "request-old", &href).await;
        world.provide(&amina, &request, "unseen.pdf", PDF).await;
        for step in ["accept", "return"] {
            let action = format!("{href}/{step}");
            let sent = filled(&old, &action, &[("reason", "Blurred")]);
            let page = refused(&mut desk, "request-stale", &action, &sent).await;
            assert!(page.words("[role=alert]").contains("Somebody changed this"));
            assert_eq!(page.words("#files-title .count"), "2");
            if step == "return" {
                assert_eq!(page.words("#reason"), "Blurred");
            }
        }
        let action = format!("/staff/documents/{}/accept", seen.id);
        let stale = form(&[("version", "0")]);
        refused(&mut desk, "document-stale", &action, &stale).await;
        let without = refused(&mut desk, "document-no-version", &action, "").await;
        assert!(without.words("[role=alert]").contains("Somebody changed this"));
    }

    async fn returning_needs_a_reason(world: World) {
        let request = world.ask(&world.amina, "Passport").await;
        let (_, amina) = world.enter(&world.amina).await;
        let document = world.provide(&amina, &request, "passport.pdf", PDF).await;
        let mut desk = world.desk(Role::Owner).await;
        for path in [world.path(&format!("/requests/{}", request.id)), format!("/staff/documents/{}", document.id)] {
            let page = look(&mut desk, "to-return", &path).await;
            let action = format!("{path}/return");
            let page = refused(&mut desk, "return-no-reason", &action, &filled(&page, &action, &[("reason", "  ")])).await;
            assert!(page.words("#reason-error").contains("Say why"), "{}", page.text());
            let long = "x".repeat(1_001);
            let page = refused(&mut desk, "return-long", &action, &filled(&page, &action, &[("reason", &long)])).await;
            assert_eq!(page.words("#reason"), long);
        }
    }

    async fn a_matters_form_says_everything_at_once(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let page = refused(&mut desk, "matter-empty", "/staff/matters", "").await;
        for field in ["client", "reference", "title", "owner_id"] {
            assert!(!page.words(&format!("#{field}-error")).is_empty(), "{field}");
        }
        let owner = world.staff(Role::Owner).id.to_string();
        let auditor = world.staff(Role::Auditor).id.to_string();
        let good = [("client", "amina@mail.test"), ("reference", "HM-9"), ("title", "Visa"), ("owner_id", owner.as_str())];
        for (field, value, said) in [
            ("reference", "hm-2041", "Another matter has this reference."),
            ("client", "Haddad", "There is no such client"),
            ("parent", "HM-404", "There is no matter with this reference."),
            ("owner_id", auditor.as_str(), "not an active staff member"),
            ("attributes", "a: b\u{202e}c", "invisible control characters"),
        ] {
            let mut sent: Vec<(&str, &str)> = good.into_iter().filter(|(name, _)| *name != field).collect();
            sent.push((field, value));
            let page = refused(&mut desk, "matter-wrong", "/staff/matters", &form(&sent)).await;
            assert!(page.words(&format!("#{field}-error")).contains(said), "{field}: {}", page.words("[role=alert]"));
            assert_eq!(page.attribute("#title", "value"), "Visa");
        }
        // A matter cannot belong to its own part.
        let part = world.portal.open_matter(&world.owner, &portal_core::matter::MatterDraft {
            parent_id: Some(world.matter.id),
            ..matter_draft("HM-2042", world.staff(Role::Owner))
        }).await.unwrap();
        let page = look(&mut desk, "matter-edit", &world.path("/edit")).await;
        let page = refused(&mut desk, "matter-circle", &world.path("/edit"), &filled(&page, &world.path("/edit"), &[("parent", &part.reference)])).await;
        assert!(page.words("#parent-error").contains("cannot belong to itself"));
        assert!(look(&mut desk, "matter-parent", &world.path("")).await.text().contains("HM-2042"));
    }

    async fn a_request_and_a_template_say_which_number_is_none(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let amina = world.amina.id.to_string();
        let sent = form(&[("client_id", &amina), ("title", ""), ("wanted", "many"), ("due_on", "soon"), ("group", "Identity")]);
        let page = refused(&mut desk, "request-wrong", &world.path("/requests"), &sent).await;
        assert_eq!(page.attribute("#wanted", "value"), "many");
        assert_eq!(page.attribute("#due_on", "value"), "soon");
        for field in ["wanted", "due_on"] {
            assert!(!page.words(&format!("#{field}-error")).is_empty(), "{field}");
        }
        let sent = form(&[("client_id", &amina), ("title", ""), ("wanted", "51")]);
        let page = refused(&mut desk, "request-wrong-rules", &world.path("/requests"), &sent).await;
        for field in ["title", "wanted"] {
            assert!(!page.words(&format!("#{field}-error")).is_empty(), "{field}");
        }
        let page = refused(&mut desk, "template-wrong", "/staff/templates", &form(&[("wanted", "0"), ("due_after_days", "9999")])).await;
        for field in ["name", "title", "wanted", "due_after_days"] {
            assert!(!page.words(&format!("#{field}-error")).is_empty(), "{field}: {}", page.words("[role=alert]"));
        }
        let template = send(&mut desk, "/staff/templates", &form(&[("name", "Visa"), ("title", "Passport")])).await;
        let action = template.attribute("form[action$='/items']", "action");
        let page = refused(&mut desk, "template-twice", &action, &filled(&template, &action, &[("title", "passport")])).await;
        assert!(page.words("#title-error").contains("Give one another title"));
        refused(&mut desk, "template-taken", "/staff/templates", &form(&[("name", "visa"), ("title", "X")])).await;
        let only = action.replace("/items", "/items/0/0/remove");
        let page = send(&mut desk, &only, &filled(&template, &only, &[])).await;
        assert!(page.words(".notice.tone-danger").contains("at least one request"), "{}", page.text());
    }

    async fn templates_are_changed_item_by_item(world: World) {
        let mut desk = world.desk(Role::Manager).await;
        let page = send(&mut desk, "/staff/templates", &form(&[("name", "Visa"), ("title", "Passport"), ("group", "Identity")])).await;
        let add = page.attribute("form[action$='/items']", "action");
        let page = send(&mut desk, &add, &filled(&page, &add, &[("title", "Photo"), ("group", "Identity")])).await;
        let up = page.attributes("form[action$='/up']", "action");
        assert_eq!(up.len(), 1, "the first one has nowhere to go");
        let page = send(&mut desk, &up[0], &filled(&page, &up[0], &[])).await;
        assert_eq!(page.all(".rows__title"), ["Photo", "Passport"]);
        let edit = page.attributes("a.rows__title", "href");
        let form_page = look(&mut desk, "template-item", &edit[1]).await;
        let page = send(&mut desk, &edit[1], &filled(&form_page, &edit[1], &[("group", "Travel"), ("wanted", "3")])).await;
        assert_eq!(page.all("section h2"), ["Identity", "Travel"]);
        assert!(page.text().contains("At least 3 files"));
        let root = add.replace("/items", "");
        let archive = format!("{root}/archive");
        let page = send(&mut desk, &archive, &filled(&page, &archive, &[])).await;
        assert!(page.words("h1 + .badge").contains("Archived"));
        assert!(look(&mut desk, "templates-none", "/staff/templates").await.all("li[data-item]").is_empty());
        assert_eq!(look(&mut desk, "templates-archived", "/staff/templates?show=archived").await.all("li[data-item]").len(), 1);
        assert_eq!(desk.get(&format!("{root}/items/7/0")).await.status, StatusCode::NOT_FOUND);
    }

    async fn people_and_settings_refuse_what_makes_no_sense(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let page = refused(&mut desk, "people-wrong", "/staff/people", &form(&[("name", ""), ("email", "x"), ("role", "member"), ("password", "short")])).await;
        for field in ["name", "email", "password"] {
            assert!(!page.words(&format!("#{field}-error")).is_empty(), "{field}");
        }
        assert!(!page.text().contains("value=\"short\""), "no password comes back");
        let taken = form(&[("name", "X"), ("email", "ADMIN@harbour.test"), ("role", "member"), ("password", "long enough for anybody")]);
        let page = refused(&mut desk, "people-taken", "/staff/people", &taken).await;
        assert_eq!(page.words("#email-error"), "Another staff member has this email address.");
        let people = look(&mut desk, "people", "/staff/people").await;
        let me = format!("/staff/people/{}", world.staff(Role::Owner).id);
        let page = send(&mut desk, &me, &filled(&people, &me, &[("role", "member")])).await;
        assert!(page.words(".notice.tone-danger").contains("at least one active owner"));

        let page = look(&mut desk, "settings", "/staff/settings").await;
        // There is no second factor here, so none can be needed.
        assert_eq!(page.all("#approval_factor_needed[disabled]").len(), 1);
        assert!(page.words("#approval_factor_needed-help").contains("cannot be switched on"));
        let sent = filled(&page, "/staff/settings", &[("approval_factor_needed", "true")]);
        let without = refused(&mut desk, "settings-no-factor", "/staff/settings", &sent).await;
        assert!(without.words("#approval_factor_needed-error").contains("no second factor"));
        let sent = filled(&page, "/staff/settings", &[
            ("name", ""), ("brand_colour", "red"), ("country", "Australia"), ("time_zone", "Mars/Olympus"), ("link_minutes", "9"), ("upload_most_mb", "x"),
        ]);
        let page = refused(&mut desk, "settings-wrong", "/staff/settings", &sent).await;
        for field in ["time_zone", "upload_most_mb"] {
            assert!(!page.words(&format!("#{field}-error")).is_empty(), "{field}");
        }
        let sent = filled(&page, "/staff/settings", &[("time_zone", "Europe/Berlin"), ("upload_most_mb", "9999")]);
        let page = refused(&mut desk, "settings-wrong-rules", "/staff/settings", &sent).await;
        for field in ["name", "brand_colour", "country", "link_minutes", "upload_most_mb"] {
            assert!(!page.words(&format!("#{field}-error")).is_empty(), "{field}: {}", page.words("[role=alert]"));
        }
        let sent = filled(&page, "/staff/settings", &[
            ("name", "Hafen"), ("brand_colour", "#1f5fbf"), ("country", "de"), ("link_minutes", "30"), ("upload_most_mb", "50"),
        ]);
        let page = send(&mut desk, "/staff/settings", &sent).await;
        assert_eq!(page.words("[role=status]"), "The settings are changed.");
        assert_eq!(page.words(".staff-side .brand span:last-child"), "Hafen");
        let sheet = desk.get(&page.attribute("link[href*='/assets/brand/']", "href")).await;
        assert!(sheet.header("content-type").starts_with("text/css") && sheet.text().contains("--accent"));
    }

    async fn buttons_that_cannot_do_it_say_why(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let (access, _) = world.enter(&world.amina).await;
        let remove = world.path(&format!("/participants/{}/remove", world.amina.id));
        let page = send(&mut desk, &remove, "").await;
        assert!(page.words(".notice.tone-danger").contains("Revoke it first"));
        let enable = world.path(&format!("/access/{}/enable", world.amina.id));
        let page = send(&mut desk, &enable, "").await;
        assert!(page.words(".notice.tone-danger").contains("active already"));
        let again = look(&mut desk, "access-said-once", &world.path("/access")).await;
        assert!(again.all(".notice").is_empty(), "it is said once");
        let invite = format!("/staff/accesses/{}/invite", access.id);
        for _ in 0..2 {
            send(&mut desk, &invite, "").await;
        }
        let page = send(&mut desk, &invite, "").await;
        assert!(page.words(".notice.tone-danger").contains("Several links were sent"), "{}", page.text());
        let page = send(&mut desk, &world.path("/close"), "").await;
        assert!(page.words("h1 + .badge").contains("Closed"));
        let page = send(&mut desk, &world.path("/close"), "").await;
        assert!(page.words(".notice.tone-danger").contains("closed"));
        send(&mut desk, &world.path("/reopen"), "").await;
        let page = look(&mut desk, "access-closed", &world.path("/access")).await;
        let restore = page.attribute("form[action$='/restore']", "action");
        let page = send(&mut desk, &restore, "").await;
        assert!(page.words("[role=status]").contains("can sign in again"));
    }

    async fn bodies_that_are_no_forms_are_refused(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let answer = desk.upload("/staff/clients", &[crate::browser::file("x.pdf", PDF)]).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let huge = format!("given_names={}", "x".repeat(8 << 20));
        assert_eq!(desk.post("/staff/clients", &huge).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        let odd = desk.post("/staff/clients", "given_names=%ff%fe%00&family_name=%").await;
        assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(desk.get("/staff/clients/not-an-id").await.status, StatusCode::NOT_FOUND);
    }
}
