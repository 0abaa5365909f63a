//! A workflow built by its form, with scripts off: every step is a form sent, and nothing typed is lost.

use axum::http::StatusCode;
use portal_core::client::ClientDraft;
use portal_core::policy::Role;
use portal_core::workflow::{Automation, Channel, Criterion, Requirement, WorkflowDraft};
use portal_core::{PageRequest, WorkflowId};

use crate::browser::{Answer, Browser};
use crate::on_every_store;
use crate::workflows::{taxonomy, with_rules, workflow, written};
use crate::world::{World, filled, look, refused, send};

const NEW: &str = "/staff/workflows/new";

fn edit(id: WorkflowId) -> String {
    format!("/staff/workflows/{id}/edit")
}

/// Presses a button that keeps nothing, with the form as the page has it and some typed over.
async fn pressed(
    desk: &mut Browser,
    page: &Answer,
    action: &str,
    button: &str,
    typed: &[(&str, &str)],
) -> Answer {
    let typed: Vec<(&str, &str)> = typed.iter().copied().chain([("do", button)]).collect();
    let answer = desk.post(action, &filled(page, action, &typed)).await;
    assert_eq!(answer.status, StatusCode::OK, "{button}: {}", answer.text());
    crate::rendered::page(&format!("staff-live-workflow-{}", &button[..3]), &answer.text());
    answer
}

async fn kept(world: &World) -> Vec<portal_core::rulebook::KeptWorkflow> {
    let page = world
        .portal
        .workflows(&world.owner, &PageRequest::first(50))
        .await
        .unwrap();
    page.items
}

/// Saves it with the rest of the draft that `change` makes of it.
async fn somebody_saves(world: &World, id: WorkflowId, change: impl FnOnce(&mut WorkflowDraft)) {
    let mut draft = world.portal.workflow(&world.owner, id).await.unwrap().draft;
    change(&mut draft);
    world
        .portal
        .update_workflow(&world.owner, id, None, &draft)
        .await
        .unwrap();
}

const FILING: [(&str, &str); 6] = [
    ("name", "Immigration - T-Visa + Filing"),
    ("c0_test", "one-of"),
    ("c0_value", "T-Visa"),
    ("c1_test", "one-of"),
    ("c1_value", "Filing"),
    ("r0_title", "Passport bio page"),
];

on_every_store! {
    async fn a_workflow_is_built_looked_at_and_switched_on(world: World) {
        world.portal.save_taxonomy(&world.owner, None, &taxonomy()).await.unwrap();
        written(world, " t visa ", "FILING (USCIS)").await;
        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "workflows-first", "/staff/workflows").await;
        assert_eq!(page.attribute(".empty a.button", "href"), NEW);
        let page = look(&mut desk, "workflow-new", NEW).await;
        // Values are chosen from the taxonomy and never typed.
        assert_eq!(page.attributes("input[name=c0_value]", "type"), ["checkbox", "checkbox"]);
        assert_eq!(page.attributes("select[name=c0_below] option", "value"), ["", "Immigration"]);
        assert!(page.words("#trial-count").contains("Once it says which matters it is for"));

        let page = pressed(&mut desk, &page, NEW, "add-sms", &FILING).await;
        assert_eq!(page.attributes("[autofocus]", "id"), ["a0_l0_language"]);
        assert_eq!(page.attribute("#a0_l0_language", "value"), "en");
        assert_eq!(page.attribute("#name", "value"), "Immigration - T-Visa + Filing");
        assert_eq!(page.attributes("input[name=c0_value][checked]", "value"), ["T-Visa"]);
        let text = ("a0_l0_text", "Hi {{ client.first_name }}, please see {{ matter.reference }}.");
        let page = pressed(&mut desk, &page, NEW, "add-requirement", &[text]).await;
        assert_eq!(page.attributes("[autofocus]", "id"), ["r1_title"]);
        let second = [("r1_title", "Reisepass"), ("r1_wanted", "2"), ("r1_due", "14"), ("r1_group", "Identity")];
        let page = pressed(&mut desk, &page, NEW, "preview", &second).await;
        assert_eq!(page.words("#trial-count"), "A matter in T-Visa enters Filing.1 open matter matches it todayOf 1 open matter.");
        assert_eq!(page.words("#trial-rest a"), "HM-2041");
        assert_eq!(page.words("#a0_l0_preview .preview--phone"), "Hi Amina, please see HM-2041.");
        assert_eq!(page.words("#a0_l0_preview .meta"), "With HM-2041 · 1 segment · 29 of 160 characters · GSM-7 · 0.08 AUD");
        assert!(page.all("code").contains(&"{{ portal.url }}".to_owned()));
        assert!(kept(world).await.is_empty(), "nothing is kept before it is saved");

        // A mistake is told beside its field and on top, and nothing is lost.
        let wrong = [("a0_l0_text", "Hi {{ client.frist_name }}"), ("r1_wanted", "many"), ("a0_from", "21"), ("do", "check")];
        let page = refused(&mut desk, "workflow-wrong", NEW, &filled(&page, NEW, &wrong)).await;
        assert!(page.words("#a0_l0_text-error").contains("Did you mean client.first_name?"));
        assert!(page.words("#r1_wanted-error").contains("whole number"));
        assert_eq!(page.words("#a0_until-error"), "Give both hours, or none.");
        assert_eq!(page.attributes("[role=alert] a", "href"), ["#r1_wanted", "#a0_until", "#a0_l0_text"]);
        assert_eq!(page.words("#a0_l0_text"), "Hi {{ client.frist_name }}");
        assert_eq!(page.attribute("#r1_wanted", "value"), "many");
        assert_eq!(page.attribute("#r1_title", "value"), "Reisepass");

        let right = [text, ("r1_wanted", "2"), ("a0_until", "8"), ("a0_delay", "2"), ("a0_delay_unit", "hours"), ("do", "save")];
        let page = send(&mut desk, NEW, &filled(&page, NEW, &right)).await;
        assert_eq!(page.words("[role=status]"), "Immigration - T-Visa + Filing is saved as a draft. This is what it would do.");
        let said = page.all("li[data-item] .finding").join(" | ");
        assert!(said.contains("Passport bio page, of Amina Haddad") && said.contains("Reisepass"), "{said}");
        assert!(said.contains("No text message to Amina Haddad: no telephone number is known"), "{said}");
        let all = kept(world).await;
        let draft = &all[0].draft;
        assert!(!draft.enabled, "a draft matches nothing");
        assert_eq!((draft.requirements[1].wanted, draft.requirements[1].due_in_days), (2, Some(14)));
        assert_eq!(draft.automations[0].delay_minutes, 120);
        let on = format!("/staff/workflows/{}/on", all[0].id);
        send(&mut desk, &on, &filled(&page, &on, &[("apply", "ask")])).await;
        world.portal.drain().await.unwrap();
        assert!(kept(world).await[0].draft.enabled);
        assert!(look(&mut desk, "checklist-built", &world.path("/checklist")).await.text().contains("Reisepass"));

        // One that is on can be changed, and made a draft again.
        let own = edit(all[0].id);
        let page = look(&mut desk, "workflow-edit", &own).await;
        assert_eq!(page.words("#a0_l0_text"), "Hi {{ client.first_name }}, please see {{ matter.reference }}.");
        assert_eq!(page.attributes("#state option", "value"), ["", "draft"]);
        let page = send(&mut desk, &own, &filled(&page, &own, &[("priority", "7"), ("do", "save")])).await;
        assert_eq!(page.words("[role=status]"), "Immigration - T-Visa + Filing is changed.");
        assert_eq!((kept(world).await[0].draft.priority, kept(world).await[0].draft.enabled), (7, true));
        let page = look(&mut desk, "workflow-edit-on", &own).await;
        send(&mut desk, &own, &filled(&page, &own, &[("state", "draft"), ("do", "save")])).await;
        assert!(!kept(world).await[0].draft.enabled);
    }

    async fn parts_are_added_and_taken_out_without_scripts(world: World) {
        let id = with_rules(world).await;
        let own = edit(id);
        let mut desk = world.desk(Role::Owner).await;
        let page = look(&mut desk, "workflow-parts", &own).await;
        let page = pressed(&mut desk, &page, &own, "add-requirement", &[("name", "Typed before")]).await;
        let page = pressed(&mut desk, &page, &own, "add-requirement", &[("r1_title", "Second")]).await;
        let page = pressed(&mut desk, &page, &own, "remove-r0", &[("r2_title", "Third")]).await;
        assert_eq!(page.attributes("input[name$=_title]", "name"), ["r1_title", "r2_title"]);
        let page = pressed(&mut desk, &page, &own, "add-language-a0", &[]).await;
        assert_eq!(page.attributes("[autofocus]", "id"), ["a0_l1_language"]);
        let page = pressed(&mut desk, &page, &own, "add-email", &[("a0_l1_language", "ar"), ("a0_l1_text", "نحتاج إلى مستند")]).await;
        assert!(page.words("#a0_l1_preview .meta").contains("UCS-2"), "{}", page.words("#a0_l1_preview"));
        let page = pressed(&mut desk, &page, &own, "remove-a1", &[("a1_l0_text", "Not wanted")]).await;
        let page = pressed(&mut desk, &page, &own, "add-task", &[]).await;
        let task = [("a1_l0_subject", "Call {{ client.name }}"), ("a1_due", "3")];
        let page = pressed(&mut desk, &page, &own, "add-criterion", &[("more_of", "Practice area"), task[0], task[1]]).await;
        // Only a second condition of a dimension can be taken out.
        assert_eq!(page.attributes("button[value^=remove-c]", "value"), ["remove-c2"]);
        let none = [("c0_test", "below"), ("c0_below", "Immigration"), ("c2_value", "Immigration"), ("do", "save")];
        send(&mut desk, &own, &filled(&page, &own, &none)).await;
        let draft = kept(world).await.remove(0).draft;
        assert_eq!(draft.name, "Typed before");
        assert_eq!(draft.requirements.iter().map(|own| own.title.as_str()).collect::<Vec<_>>(), ["Second", "Third"]);
        assert_eq!(draft.automations[0].text.keys().collect::<Vec<_>>(), ["ar", "en"]);
        assert_eq!((draft.automations[1].channel, draft.automations[1].due_in_days), (Channel::Task, Some(3)));
        assert_eq!(draft.criteria, [
            Criterion::below("Practice area", "Immigration"),
            Criterion::one_of("Case stage", ["Filing"]),
            Criterion::none_of("Practice area", ["Immigration"]),
        ]);
    }

    async fn two_who_change_one_workflow_lose_nothing(world: World) {
        let id = with_rules(world).await;
        let own = edit(id);
        let mut desk = world.desk(Role::Manager).await;
        let opened = look(&mut desk, "workflow-two", &own).await;
        somebody_saves(world, id, |draft| {
            draft.name = "Renamed".into();
            draft.requirements.push(Requirement::new("Birth certificate"));
        }).await;
        // Steps that keep nothing do not hide it.
        let opened = pressed(&mut desk, &opened, &own, "preview", &[("name", "Mine"), ("r0_title", "Passport, all pages")]).await;
        let page = refused(&mut desk, "workflow-conflict", &own, &filled(&opened, &own, &[("do", "save")])).await;
        let changed = page.all(".notice.tone-warning li");
        assert_eq!(changed.len(), 2, "{changed:?}");
        assert_eq!(changed[0], "Name: T-Visa, filing → Renamed Your form says something else.");
        assert!(changed[1].starts_with("Document is new: Birth certificate"), "{changed:?}");
        assert!(page.words("[role=alert]").contains("Somebody changed this workflow"));
        assert_eq!(page.attribute("#name", "value"), "Mine");
        assert_eq!(page.attribute("#r0_title", "value"), "Passport, all pages");
        assert_eq!(kept(world).await[0].draft.name, "Renamed", "nothing of it was saved");
        send(&mut desk, &own, &filled(&page, &own, &[("do", "save")])).await;
        assert_eq!(kept(world).await[0].draft.name, "Mine");

        let opened = look(&mut desk, "workflow-removed", &own).await;
        world.portal.remove_workflow(&world.owner, id, None).await.unwrap();
        let page = refused(&mut desk, "workflow-gone", &own, &filled(&opened, &own, &[("priority", "3"), ("do", "save")])).await;
        assert!(page.words("[role=alert]").contains("Somebody removed this workflow"));
        send(&mut desk, NEW, &filled(&page, NEW, &[("do", "save")])).await;
        let again = kept(world).await.remove(0);
        assert_eq!((again.draft.name.as_str(), again.draft.priority, again.draft.enabled), ("Mine", 3, false));
    }

    async fn what_would_be_sent_anew_is_said_while_it_is_written(world: World) {
        let id = with_rules(world).await;
        let own = edit(id);
        let mut desk = world.desk(Role::Admin).await;
        let page = look(&mut desk, "workflow-edit", &own).await;
        let other = [("a0_l0_text", "We need another document.")];
        let nobody = pressed(&mut desk, &page, &own, "preview", &other).await;
        assert!(!nobody.words("#a0_found").contains("other words"), "nobody got it: {}", nobody.words("#a0_found"));
        let client = world.portal.client(&world.owner, world.amina.id).await.unwrap();
        let phone = ClientDraft { phone: "0412 345 678".into(), ..client.draft() };
        world.portal.update_client(&world.owner, client.id, None, &phone).await.unwrap();
        written(world, " t visa ", "FILING (USCIS)").await;
        let page = look(&mut desk, "workflow-edit", &own).await;
        let renamed = pressed(&mut desk, &page, &own, "preview", &[("name", "Another name"), ("priority", "7")]).await;
        assert!(!renamed.words("#a0_found").contains("other words"), "{}", renamed.words("#a0_found"));
        let rewritten = pressed(&mut desk, &page, &own, "preview", &other).await;
        assert_eq!(
            rewritten.words("#a0_found"),
            "It went out already in other words on 1 open matter, in the stage that it is in now. When workflows are applied and \
             send, 1 message goes out there again, as it says now. Another name or priority sends nothing again."
        );
        let once = pressed(&mut desk, &page, &own, "preview", &[other[0], ("a0_again", "once")]).await;
        assert!(!once.words("#a0_found").contains("other words"), "{}", once.words("#a0_found"));
        // It is said as well of one that is off, for the day that it is switched on.
        somebody_saves(world, id, |draft| draft.enabled = false).await;
        let page = look(&mut desk, "workflow-edit", &own).await;
        let off = pressed(&mut desk, &page, &own, "preview", &other).await;
        assert!(off.words("#a0_found").contains("Once it is switched on, when workflows are applied"), "{}", off.words("#a0_found"));
        somebody_saves(world, id, |draft| draft.enabled = true).await;
        let page = look(&mut desk, "workflow-edit", &own).await;
        // Saved under another name, it is the same edition; with other words it is another.
        let before = kept(world).await.remove(0);
        send(&mut desk, &own, &filled(&page, &own, &[("name", "Another name"), ("do", "save")])).await;
        let renamed = kept(world).await.remove(0);
        assert_eq!((renamed.draft.name.as_str(), &renamed.editions), ("Another name", &before.editions));
        let page = look(&mut desk, "workflow-edit", &own).await;
        send(&mut desk, &own, &filled(&page, &own, &[("a0_l0_text", "We need another document."), ("do", "save")])).await;
        let written = kept(world).await.remove(0);
        assert_eq!(written.editions, [written.version]);
    }

    async fn what_is_odd_stands_beside_what_causes_it(world: World) {
        let id = with_rules(world).await;
        let mut desk = world.desk(Role::Admin).await;
        // A copy says everything that its original does, and is a draft.
        let page = look(&mut desk, "workflow", &format!("/staff/workflows/{id}")).await;
        let copy = page.attribute("a[href*='new?from=']", "href");
        let page = look(&mut desk, "workflow-copy", &copy).await;
        assert_eq!(page.attribute("#name", "value"), "T-Visa, filing (copy)");
        let page = pressed(&mut desk, &page, NEW, "preview", &[("r0_title", "Passport, all pages"), ("r0_key", "passport-bio-page")]).await;
        assert!(page.words("#a0_found").contains("both write to the principal by text message"), "{}", page.words("#a0_found"));
        assert!(page.words("#r0_found").contains("in different ways"), "{}", page.words("#r0_found"));
        assert!(page.words("#trial-rest").contains("matches exactly the same as"), "{}", page.words("#trial-rest"));
        assert!(page.words("#trial-rest").contains("2 findings stand beside what causes them"));
        // Names are told apart when it is saved.
        let taken = filled(&page, NEW, &[("name", " T-VISA, filing"), ("do", "save")]);
        let page = refused(&mut desk, "workflow-name-taken", NEW, &taken).await;
        assert_eq!(page.words("#name-error"), "Another workflow has this name.");

        // A value that the taxonomy lost is shown, and can be taken out.
        let mut less = taxonomy();
        less.dimensions[1].values.retain(|value| value.name != "Filing");
        world.portal.save_taxonomy(&world.owner, None, &less).await.unwrap();
        let own = edit(id);
        let page = look(&mut desk, "workflow-stale", &own).await;
        assert!(page.all(".criterion label").contains(&"Filing (cannot be chosen any more)".to_owned()));
        let page = refused(&mut desk, "workflow-stale-check", &own, &filled(&page, &own, &[("c1_value", "Filing"), ("do", "check")])).await;
        assert!(page.words("#c1_test-error").contains("There is no value"), "{}", page.words("#c1_test-error"));
        send(&mut desk, &own, &filled(&page, &own, &[("c1_value", "Intake"), ("do", "save")])).await;
        assert_eq!(kept(world).await[0].draft.criteria[1], Criterion::one_of("Case stage", ["Intake"]));
    }

    async fn a_practice_without_values_is_led_to_its_taxonomy(world: World) {
        let mut desk = world.desk(Role::Owner).await;
        let page = look(&mut desk, "workflow-no-taxonomy", NEW).await;
        assert!(page.text().contains("The taxonomy has no dimensions yet"));
        let sent = filled(&page, NEW, &[("name", "N"), ("r0_title", "Passport"), ("do", "save")]);
        let page = refused(&mut desk, "workflow-no-criteria", NEW, &sent).await;
        assert!(page.words("[role=alert]").contains("Say which matters it is for"));
        assert!(kept(world).await.is_empty());
        let other = desk.get(&format!("{NEW}?from={}", world.matter.id)).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
        let nobody = WorkflowDraft { automations: vec![Automation::new(Channel::Sms)], ..workflow() };
        let refused = world.portal.try_workflow(&world.owner, Some(WorkflowId(world.matter.id.0)), &nobody).await;
        assert!(refused.is_err(), "there is no such workflow");
    }
}
