//! The inbox: what came in, answered from one place, with what became of each message.

use axum::http::StatusCode;
use portal_core::client::ClientDraft;
use portal_core::conversation::Conversation;
use portal_core::policy::Role;

use crate::on_every_store;
use crate::phones::a_text_to_amina;
use crate::world::{World, filled, form, look, refused, send};

const AMINA: &str = "+61491570156";
const STRANGER: &str = "+61491570157";

/// Somebody writes on their telephone, as a developer plays it.
async fn writes(world: &World, from: &str, text: &str) {
    world.fakes.clock.advance(portal_core::Duration::minutes(1));
    let mut anybody = world.browser();
    send(
        &mut anybody,
        "/dev/outbox/texts",
        &form(&[("from", from), ("text", text)]),
    )
    .await;
}

on_every_store! {
    async fn an_automation_and_a_reply_stand_in_one_conversation(world: World) {
        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "inbox-none", "/staff/inbox").await;
        assert!(page.text().contains("No conversations yet"));
        a_text_to_amina(world).await;
        writes(world, AMINA, "Which document? \u{1f4c4}").await;
        writes(world, STRANGER, "مرحبا، هل هذا مكتب المحامي؟").await;
        let page = look(&mut desk, "inbox", "/staff/inbox").await;
        assert_eq!(page.all(".inbox__list .rows__title"), [STRANGER, "Amina Haddad"]);
        assert_eq!(page.words(".staff-side a[href='/staff/inbox'] .count"), "2");
        let href = page.attributes(".inbox__list a.rows__row", "href")[1].clone();
        let page = look(&mut desk, "inbox-conversation", &href).await;
        assert_eq!(page.all(".message__text"), ["We need a document.", "Which document? \u{1f4c4}"]);
        assert_eq!(page.words(".message .badge"), "Sent");

        world.fakes.clock.advance(portal_core::Duration::minutes(1));
        let action = format!("{href}/reply");
        let sent = filled(&page, &action, &[("text", "Your passport, please.")]);
        let page = send(&mut desk, &action, &sent).await;
        assert!(page.text().contains("is on its way (1 segment)"), "{}", page.text());
        let page = send(&mut desk, &action, &sent).await;
        assert_eq!(page.all(".message__text").len(), 3, "sent twice is written once");
        // Another answer from the same form, as the way back in a browser leaves it: not lost, and not stuck.
        let stuck = sent.replace("Your+passport%2C+please.", "And+a+photo");
        assert_ne!(stuck, sent);
        let page = refused(&mut desk, "inbox-sent-before", &action, &stuck).await;
        assert!(page.words("[role=alert]").contains("not yet: send it again"), "{}", page.words("[role=alert]"));
        assert_eq!(page.words("textarea[name=text]"), "And a photo");
        world.fakes.clock.advance(portal_core::Duration::minutes(1));
        let again = filled(&page, &action, &[]);
        let page = send(&mut desk, &action, &again).await;
        assert_eq!(page.all(".message__text").len(), 4);
        let read = format!("form[action='{href}/read']");
        assert!(page.attributes(&read, "action").is_empty(), "nothing is unread");
        assert_eq!(page.words(".staff-side a[href='/staff/inbox'] .count"), "1", "answering reads it");
        world.portal.drain().await.unwrap();
        let phone = look(&mut world.browser(), "inbox-phone", "/dev/outbox").await;
        assert!(phone.all(".phone__bubble").contains(&"Your passport, please.".to_owned()));

        writes(world, AMINA, "STOP").await;
        let page = look(&mut desk, "inbox-stopped", &href).await;
        let sent = filled(&page, &action, &[("text", "One more thing")]);
        let page = refused(&mut desk, "inbox-refused", &action, &sent).await;
        assert!(page.words("[role=alert]").contains("they asked for no more text messages"), "{}", page.words("[role=alert]"));
        assert_eq!(page.words("textarea[name=text]"), "One more thing", "what was typed is kept");
        let read = filled(&page, &format!("{href}/read"), &[]);
        let page = send(&mut desk, &format!("{href}/read"), &read).await;
        assert!(page.text().contains("Read by manager Keller"), "{}", page.text());
        assert!(page.attributes(&format!("form[action='{href}/read']"), "action").is_empty(), "it is read");
    }

    async fn an_unknown_number_is_given_to_somebody_and_then_to_its_client(world: World) {
        writes(world, STRANGER, "It's Amina, with a new number").await;
        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "inbox-unknown-list", "/staff/inbox?show=unknown").await;
        let href = page.attribute(".inbox__list a.rows__row", "href");
        let href = href.split('?').next().unwrap();
        let page = look(&mut desk, "inbox-unknown", &format!("{href}?find=amina")).await;
        assert!(page.attributes(&format!("form[action='{href}/reply']"), "action").is_empty(), "nobody is answered yet");
        assert_eq!(page.all(".inbox__link .rows__title"), ["Amina Haddad"]);
        let member = world.staff(Role::Member);
        let assign = format!("{href}/assign");
        let page = send(&mut desk, &assign, &form(&[("staff", &member.id.to_string())])).await;
        assert!(page.text().contains("member Keller answers this conversation."), "{}", page.text());
        let mut theirs = world.desk(Role::Member).await;
        let page = look(&mut theirs, "inbox-mine", "/staff/inbox?show=mine").await;
        assert_eq!(page.all(".inbox__list .rows__title"), [STRANGER]);

        let link = format!("{href}/link");
        let wrong = desk.post(&link, &form(&[("client", "x")])).await;
        assert_eq!(wrong.status, StatusCode::SEE_OTHER);
        let page = send(&mut desk, &link, &form(&[("client", &world.amina.id.to_string())])).await;
        assert_eq!(page.words("#conversation-title"), "Amina Haddad");
        assert_eq!(page.all(".message__text"), ["It's Amina, with a new number"]);
        let client = look(&mut desk, "client-with-messages", &format!("/staff/clients/{}", world.amina.id)).await;
        assert!(client.attributes("a", "href").contains(&format!("/staff/inbox/{}", Conversation::id_of(world.amina.id))));
    }

    async fn a_number_that_was_given_to_the_wrong_client_is_taken_back(world: World) {
        let draft = ClientDraft { phone: AMINA.into(), ..world.amina.draft() };
        world.portal.update_client(&world.owner, world.amina.id, None, &draft).await.unwrap();
        writes(world, AMINA, "It's me").await;
        writes(world, STRANGER, "Wrong number, I think").await;
        let mut desk = world.desk(Role::Manager).await;
        let number = format!("/staff/inbox/{}", Conversation::id_of_number(&portal_core::text::Phone::parse("p", STRANGER, "").unwrap()));
        let hers = format!("/staff/inbox/{}", world.amina.id);
        let page = send(&mut desk, &format!("{number}/link"), &form(&[("client", &world.amina.id.to_string())])).await;
        assert_eq!(page.all(".message__text"), ["It's me", "Wrong number, I think"]);
        assert!(page.text().contains("manager Keller said so"), "{}", page.text());
        assert!(page.all(".message__who").iter().any(|who| who.contains(&format!("from {STRANGER}"))));
        let unlink = format!("{number}/unlink");
        let sent = filled(&page, &unlink, &[]);
        // Somebody else was quicker, and gave it back too.
        let page = send(&mut desk, &unlink, &sent).await;
        assert_eq!(page.words("#conversation-title"), STRANGER);
        assert_eq!(page.all(".message__text"), ["Wrong number, I think"]);
        let page = send(&mut desk, &format!("{number}/link"), &form(&[("client", &world.amina.id.to_string())])).await;
        assert_eq!(page.all(".message__text").len(), 2);
        let page = send(&mut desk, &unlink, &sent).await;
        assert!(page.text().contains("Somebody changed this in the meantime"), "{}", page.text());
        assert_eq!(page.words("#conversation-title"), "Amina Haddad");
        let again = filled(&page, &unlink, &[]);
        send(&mut desk, &unlink, &again).await;
        let page = look(&mut desk, "inbox-unlinked", &hers).await;
        assert_eq!(page.all(".message__text"), ["It's me"]);
        // A member who answers the number may not put it into the conversation of somebody whom they do not work for.
        let member = world.staff(Role::Member).id.to_string();
        send(&mut desk, &format!("{number}/assign"), &form(&[("staff", &member)])).await;
        let mut theirs = world.desk(Role::Member).await;
        let page = send(&mut theirs, &format!("{number}/link"), &form(&[("client", &world.amina.id.to_string())])).await;
        assert!(page.text().contains("You do not work for this client"), "{}", page.text());
        assert_eq!(theirs.get(&hers).await.status, StatusCode::NOT_FOUND);
    }

    async fn who_answers_is_told_and_led_there(world: World) {
        writes(world, STRANGER, "Hello").await;
        let mut desk = world.desk(Role::Manager).await;
        let page = look(&mut desk, "inbox-told", "/staff/inbox").await;
        let href = page.attribute(".inbox__list a.rows__row", "href");
        let read = format!("{href}/read");
        send(&mut desk, &read, &form(&[])).await;
        let member = world.staff(Role::Member).id.to_string();
        send(&mut desk, &format!("{href}/assign"), &form(&[("staff", &member)])).await;
        writes(world, STRANGER, "Hello again").await;
        world.portal.drain().await.unwrap();
        let mut theirs = world.desk(Role::Member).await;
        let page = look(&mut theirs, "notifications-text", "/staff/notifications").await;
        assert_eq!(page.all(".rows__title"), [format!("{STRANGER} sent a text message.")]);
        let open = page.attribute("form.rows__form", "action");
        let page = send(&mut theirs, &open, &form(&[])).await;
        assert_eq!(page.words("#conversation-title"), STRANGER);
    }

    async fn many_messages_are_read_in_parts_and_long_names_fit(world: World) {
        let draft = ClientDraft {
            given_names: "Maximiliane Friederike Wilhelmine".into(),
            family_name: "Freifrau von Schreckenstein-Donaudampfschifffahrtsgesellschaft".into(),
            phone: AMINA.into(),
            ..world.amina.draft()
        };
        world.portal.update_client(&world.owner, world.amina.id, None, &draft).await.unwrap();
        for number in 0..65 {
            writes(world, AMINA, &format!("Message {number}")).await;
        }
        let mut desk = world.desk(Role::Owner).await;
        let mut path = format!("/staff/inbox/{}", world.amina.id);
        let mut seen = Vec::new();
        for name in ["inbox-newest", "inbox-earlier", "inbox-earliest"] {
            let page = look(&mut desk, name, &path).await;
            let mut messages = page.all(".message__text");
            messages.extend(std::mem::take(&mut seen));
            seen = messages;
            if let Some(earlier) = page.attributes(".inbox__earlier a", "href").into_iter().find(|href| href.contains("before=")) {
                path = earlier;
            }
        }
        let expected: Vec<String> = (0..65).map(|number| format!("Message {number}")).collect();
        assert_eq!(seen, expected, "each once, in order");
        for hidden in ["/staff/inbox/01a1fb52-040e-77b2-86cb-73b75961d8b8", "/staff/inbox/x"] {
            assert_eq!(desk.get(hidden).await.status, StatusCode::NOT_FOUND, "{hidden}");
        }
        let mut auditor = world.desk(Role::Auditor).await;
        let page = look(&mut auditor, "inbox-auditor", &format!("/staff/inbox/{}", world.amina.id)).await;
        assert!(page.attributes(".inbox__open form[method=post]", "action").is_empty(), "an auditor only reads");
    }
}
