//! Clean values and workflows as staff keep them, and what a matter's page says of them.

use axum::http::StatusCode;
use portal_core::WorkflowId;
use portal_core::matter::MatterDraft;
use portal_core::policy::Role;
use portal_core::workflow::{
    Automation, Channel, Criterion, DimensionDraft, Requirement, TaxonomyDraft, WorkflowDraft,
};

use crate::on_every_store;
use crate::world::{World, filled, form, look, matter_draft, refused, send};

pub(crate) fn taxonomy() -> TaxonomyDraft {
    let areas = DimensionDraft::new("Practice area")
        .value("Immigration")
        .value_below("Immigration", "T-Visa")
        .alias("T nonimmigrant status");
    let stages = DimensionDraft::new("Case stage")
        .value("Intake")
        .value("Documents")
        .value("Filing")
        .alias("Filing (USCIS)");
    TaxonomyDraft {
        dimensions: vec![areas, stages],
    }
}

pub(crate) fn workflow() -> WorkflowDraft {
    WorkflowDraft {
        name: "T-Visa, filing".into(),
        criteria: vec![
            Criterion::one_of("Practice area", ["T-Visa"]),
            Criterion::one_of("Case stage", ["Filing"]),
        ],
        requirements: vec![Requirement::new("Passport bio page")],
        automations: vec![Automation::new(Channel::Sms).saying("en", "We need a document.")],
        ..WorkflowDraft::default()
    }
}

/// A taxonomy and a workflow that is on.
pub(crate) async fn with_rules(world: &World) -> WorkflowId {
    let saved = world.portal.save_taxonomy(&world.owner, None, &taxonomy()).await;
    saved.unwrap();
    let added = world
        .portal
        .add_workflow(&world.owner, &workflow())
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    added.id
}

/// The matter as the system of record writes it now.
pub(crate) async fn written(world: &World, area: &str, stage: &str) {
    let draft = MatterDraft {
        practice_area: area.into(),
        stage: stage.into(),
        ..matter_draft("HM-2041", &world.staff[0])
    };
    let changed = world
        .portal
        .update_matter(&world.owner, world.matter.id, None, &draft);
    changed.await.unwrap();
    world.portal.drain().await.unwrap();
}

on_every_store! {
    async fn the_list_says_what_each_matches_and_what_is_odd(world: World) {
        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "workflows-none", "/staff/workflows").await;
        assert!(page.text().contains("No workflows yet"));
        let id = with_rules(world).await;
        written(world, " t visa ", "FILING (USCIS)").await;
        let copy = WorkflowDraft { name: "The same again".into(), ..workflow() };
        world.portal.add_workflow(&world.owner, &copy).await.unwrap();
        let page = look(&mut desk, "workflows", "/staff/workflows").await;
        let text = page.text();
        assert!(text.contains("A matter in T-Visa enters Filing"), "{text}");
        assert!(text.contains("Matches 1 matter today"), "{text}");
        assert!(page.all("li[data-item] .finding").iter().any(|finding| finding.contains("matches exactly the same as")), "{text}");

        let off = format!("/staff/workflows/{id}/off");
        let form_of_then = filled(&page, &off, &[]);
        let page = send(&mut desk, &off, &form_of_then).await;
        assert_eq!(page.words("[role=status]"), "T-Visa, filing is off.");
        assert!(page.text().contains("Would match 1 matter today"));
        // The page that was open in another window is an old one.
        let on = format!("/staff/workflows/{id}/on");
        let page = send(&mut desk, &on, &form_of_then).await;
        assert!(page.words(".notice.tone-danger").contains("Somebody changed T-Visa, filing"), "{}", page.text());
        let page = look(&mut desk, "workflow", &format!("/staff/workflows/{id}")).await;
        assert_eq!(page.words("h1 + .badge"), "Off");
        let page = send(&mut desk, &on, &filled(&page, &on, &[])).await;
        assert_eq!(page.words("[role=status]"), "T-Visa, filing is on.");
        let remove = format!("/staff/workflows/{id}/remove");
        let page = look(&mut desk, "workflow-on", &format!("/staff/workflows/{id}")).await;
        assert!(page.text().contains("We need a document."));
        let page = send(&mut desk, &remove, &filled(&page, &remove, &[])).await;
        assert_eq!(page.words("[role=status]"), "T-Visa, filing is removed.");
        assert_eq!(desk.get(&format!("/staff/workflows/{id}")).await.status, StatusCode::NOT_FOUND);
        // Who may not change workflows is not told of matters that they may not see.
        let mut member = world.desk(Role::Member).await;
        let page = look(&mut member, "workflows-member", "/staff/workflows").await;
        assert!(!page.text().contains("today") && page.all("main form").is_empty());
    }

    async fn a_dry_run_says_who_gets_what_and_switches_on(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let saved = world.portal.save_taxonomy(&world.owner, None, &taxonomy()).await;
        saved.unwrap();
        written(world, "T-Visa", "Filing").await;
        let draft = WorkflowDraft { enabled: false, ..workflow() };
        let id = world.portal.add_workflow(&world.owner, &draft).await.unwrap().id;
        let path = format!("/staff/workflows/{id}/dry-run");
        let page = look(&mut desk, "dry-run", &path).await;
        let said = page.all("li[data-item] .finding").join(" | ");
        assert!(said.contains("Passport bio page, of Amina Haddad"), "{said}");
        assert!(said.contains("No text message to Amina Haddad: no telephone number is known"), "{said}");
        assert!(!said.contains("Omar"), "only the principal: {said}");
        assert_eq!(page.words("section:has(#sends-title) dl"), "Not sent: no telephone number1");
        // With a number it goes, until they write STOP to us.
        let phone = portal_core::client::ClientDraft { phone: "0412 345 678".into(), ..world.amina.draft() };
        world.portal.update_client(&world.owner, world.amina.id, None, &phone).await.unwrap();
        let page = look(&mut desk, "dry-run-goes", &path).await;
        assert!(page.all("li[data-item] .finding").join(" | ").contains("A text message to Amina Haddad"));
        assert_eq!(page.all("li[data-item] .finding use[href$='#message']").len(), 1);
        assert!(page.all("li[data-item] .finding use[href$='#mail']").is_empty());
        assert!(page.words("section:has(#sends-title) dl").starts_with("Text messages1, 1 segment, 0.08 AUD"));
        let stop = portal_core::sms::InboundSms {
            provider_id: "1".into(),
            from: portal_core::text::Phone::parse("from", "0412 345 678", "AU").unwrap(),
            to: "+61480000000".into(),
            text: "STOP".into(),
            is_part: false,
        };
        world.portal.receive_sms(world.practice.id, "fake", stop).await.unwrap();
        let page = look(&mut desk, "dry-run-stopped", &path).await;
        let said = page.all("li[data-item] .finding").join(" | ");
        assert!(said.contains("No text message to Amina Haddad: they asked for no more text messages"), "{said}");
        let on = format!("/staff/workflows/{id}/on");
        send(&mut desk, &on, &filled(&page, &on, &[("apply", "ask")])).await;
        world.portal.drain().await.unwrap();
        let page = look(&mut desk, "checklist-by-workflow", &world.path("/checklist")).await;
        assert!(page.text().contains("Passport bio page"));
        let page = look(&mut desk, "dry-run-after", &path).await;
        assert!(page.all(&format!("form[action='{on}']")).is_empty());
        assert_eq!(page.all("li[data-item] .finding").len(), 1, "only the message that is held back");
    }

    async fn a_taxonomy_is_built_by_forms(world: World) {
        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "taxonomy-none", "/staff/taxonomy").await;
        assert!(page.text().contains("No dimensions yet"));
        let add = "/staff/taxonomy/dimensions";
        let page = refused(&mut desk, "taxonomy-dimension-wrong", add, &filled(&page, add, &[("name", " - ")])).await;
        assert!(page.words("#name-error").contains("letter or a digit"));
        let page = send(&mut desk, add, &filled(&page, add, &[("name", "Case stage")])).await;
        let values = "/staff/taxonomy/values";
        let page = send(&mut desk, values, &filled(&page, values, &[("value_name", "Decision")])).await;
        let page = send(&mut desk, values, &filled(&page, values, &[("value_name", "Filing")])).await;
        let old = filled(&page, values, &[("value_name", "Somebody else's")]);
        let page = send(&mut desk, values, &filled(&page, values, &[("value_name", "Filed online"), ("parent", "Filing")])).await;
        assert_eq!(page.all("li[data-item] .rows__title"), ["Decision", "Filing", "Filed online"]);
        assert_eq!(page.all("li[data-item] .depth-1").len(), 1);
        let twice = filled(&page, values, &[("value_name", "FILING")]);
        let page = refused(&mut desk, "taxonomy-value-twice", values, &twice).await;
        assert!(page.words("#value_name-error").contains("Two values are called"));
        let page = refused(&mut desk, "taxonomy-stale", values, &old).await;
        assert!(page.words("[role=alert]").contains("Somebody changed this in the meantime"));

        let up = "/staff/taxonomy/value/up";
        let page = send(&mut desk, up, &filled(&page, up, &[])).await;
        assert_eq!(page.all("li[data-item] .rows__title"), ["Filing", "Filed online", "Decision"]);
        let edit = "/staff/taxonomy/value?dimension=Case+stage&value=Filing";
        let own = "/staff/taxonomy/value";
        let page = look(&mut desk, "taxonomy-value", edit).await;
        let sent = filled(&page, own, &[("aliases", "Decision"), ("parent", "Filed online")]);
        let page = refused(&mut desk, "taxonomy-value-wrong", own, &sent).await;
        assert!(page.words("#aliases-error").contains("already stands for"));
        assert!(page.words("#parent-error").contains("its own parent"));
        let sent = filled(&page, own, &[("name", "Lodgement"), ("aliases", "Filing (USCIS)\r\n\r\n lodging "), ("parent", "")]);
        let page = send(&mut desk, own, &sent).await;
        assert!(page.words("li[data-item]").contains("Also Filing (USCIS), lodging, Filing"), "{}", page.words("li[data-item]"));
        let remove = "/staff/taxonomy/value/remove";
        let edit = "/staff/taxonomy/value?dimension=Case+stage&value=lodgement";
        let page = look(&mut desk, "taxonomy-value-renamed", edit).await;
        let page = send(&mut desk, remove, &filled(&page, remove, &[])).await;
        assert_eq!(page.all("li[data-item] .rows__title"), ["Decision", "Filed online"]);
        assert_eq!(desk.get(edit).await.status, StatusCode::NOT_FOUND);

        let file = desk.get("/api/v1/taxonomies/file?format=csv").await;
        assert!(file.status == StatusCode::OK && file.text().contains("Decision"), "{}", file.text());
        let import = "/staff/taxonomy/import";
        let page = look(&mut desk, "taxonomy-import", import).await;
        let wrong = filled(&page, import, &[("text", "dimension,value,parent,alias\nOffice,Sydney,East,\n")]);
        let page = refused(&mut desk, "taxonomy-import-wrong", import, &wrong).await;
        assert!(page.words("#text-error").contains("Line 2"), "{}", page.words("#text-error"));
        let text = "dimension,value,parent,alias\nOffice,East,,\nOffice,Sydney,East,SYD\n";
        let page = send(&mut desk, import, &filled(&page, import, &[("text", text)])).await;
        assert_eq!(page.all("li[data-item] .rows__title"), ["East", "Sydney"]);
        let gone = "/staff/taxonomy/dimensions/remove";
        let page = send(&mut desk, gone, &filled(&page, gone, &[])).await;
        assert!(page.text().contains("No dimensions yet"));
    }

    async fn an_unknown_text_is_accepted_after_a_look(world: World) {
        let id = with_rules(world).await;
        written(world, "T-Visa", "Fileing").await;
        let mut desk = world.desk(Role::Owner).await;
        let page = look(&mut desk, "taxonomy-waiting", "/staff/taxonomy").await;
        assert!(page.words(".notice").contains("1 text on matters is not in the taxonomy"));
        let page = look(&mut desk, "taxonomy-review", "/staff/taxonomy/review").await;
        assert_eq!(page.words("li[data-item] .rows__title"), "Fileing");
        assert_eq!(page.words("li[data-item] .meta"), "Case stage · 1 matter");
        let suggested = page.attribute("li[data-item] a.chip", "href");
        let page = look(&mut desk, "taxonomy-accept", &suggested).await;
        assert!(page.words("main h1").contains("means Filing"));
        assert!(page.words("li[data-item]").contains("HM-2041"));
        assert_eq!(page.words("li[data-item] .meta"), "T-Visa, filing");
        // Looking did nothing.
        assert_eq!(look(&mut desk, "taxonomy-review", "/staff/taxonomy/review").await.all("li[data-item]").len(), 1);
        let accept = "/staff/taxonomy/accept";
        let page = send(&mut desk, accept, &filled(&page, accept, &[("send", "no")])).await;
        assert!(page.words("[role=status]").contains("means Filing from now on. 1 matter is being read again."));
        world.portal.drain().await.unwrap();
        let page = look(&mut desk, "taxonomy-review-done", "/staff/taxonomy/review").await;
        assert!(page.text().contains("Everything is known"));
        let page = look(&mut desk, "matter-stages", &world.path("")).await;
        assert_eq!(page.words(&format!("a[href='/staff/workflows/{id}']")), "T-Visa, filing");
        let wrong = "/staff/taxonomy/accept?dimension=Case+stage&raw=X&value=Nothing+like+it";
        let answer = desk.get(wrong).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(desk.follow(&answer).await.words(".notice.tone-danger").contains("There is no value"));
    }

    async fn a_matter_says_where_it_stands_and_why(world: World) {
        with_rules(world).await;
        written(world, " t visa ", "Intake").await;
        written(world, " t visa ", "FILING (USCIS)").await;
        let mut desk = world.desk(Role::Auditor).await;
        let page = look(&mut desk, "matter-stages", &world.path("")).await;
        let stages = page.all(".timeline__item strong");
        assert_eq!(stages[..2], ["Filing", "Intake"], "{stages:?}");
        assert!(page.words("dl.facts").contains("Filing (written “FILING (USCIS)”)"), "{}", page.words("dl.facts"));
        let why = world.path("/why");
        let page = look(&mut desk, "matter-why", &why).await;
        let said = page.all(".finding");
        assert_eq!(said, ["Holds: Practice area is T-Visa - it is T-Visa", "Holds: Case stage is Filing - it is Filing"]);
        written(world, "Family", "Intake").await;
        let page = look(&mut desk, "matter-why-none", &why).await;
        assert!(page.all(".finding").is_empty());
        let page = look(&mut desk, "matter-why-others", &format!("{why}?show=others")).await;
        assert_eq!(page.all(".finding"), [
            "Fails: Practice area is T-Visa - what is written there is not in the taxonomy yet",
            "Fails: Case stage is Filing - it is Intake",
        ]);
        let odd = form(&[("x", "1")]);
        assert_eq!(desk.post(&why, &odd).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
