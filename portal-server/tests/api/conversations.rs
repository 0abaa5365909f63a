//! Conversations through the API, on both databases.

use portal_core::client::ClientDraft;
use portal_core::conversation::Conversation;
use portal_core::sms::InboundSms;
use portal_core::text::Phone;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::{Answer, World};

const AMINA: &str = "+61412345678";
const STRANGER: &str = "+61491570156";

async fn with_phone(world: &World) {
    let draft = ClientDraft {
        phone: AMINA.into(),
        ..world.client.draft()
    };
    let saved = world
        .portal
        .update_client(&world.owner, world.client.id, None, &draft);
    saved.await.unwrap();
}

async fn writes(world: &World, from: &str, text: &str) {
    world.fakes.clock.advance(portal_core::Duration::seconds(1));
    let inbound = InboundSms {
        provider_id: format!("{from} {text}"),
        from: Phone::parse("from", from, "").unwrap(),
        to: "+61480000000".into(),
        text: text.into(),
        is_part: false,
    };
    world
        .portal
        .receive_sms(world.practice, "fake", inbound)
        .await
        .unwrap();
}

async fn get(world: &World, token: &str, path: &str) -> Value {
    let answer = world.get(path).token(token).send().await;
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.json());
    answer.json()
}

async fn post(world: &World, token: &str, path: &str, body: &Value) -> Answer {
    world.post(path).token(token).json(body).send().await
}

fn texts(page: &Value, field: &str) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item[field].as_str().unwrap_or("null").to_owned())
        .collect()
}

on_both_databases! {
    async fn a_client_is_answered_and_every_message_stands_once(world: World) {
        with_phone(world).await;
        let token = world.owner_token().await;
        for number in 0..7 {
            writes(world, AMINA, &format!("Message {number}")).await;
        }
        let id = world.client.id;
        let path = format!("/api/v1/conversations/{id}");
        let list = get(world, &token, "/api/v1/conversations?total=true").await;
        assert_eq!((list["total"].as_u64(), texts(&list, "client_name")), (Some(1), vec!["Amina Haddad".to_owned()]));
        assert_eq!((list["items"][0]["unread"].as_u64(), &list["items"][0]["phone"]), (Some(7), &Value::Null));
        let once = "01a1fb52-040e-77b2-86cb-73b75961d8b8";
        world.fakes.clock.advance(portal_core::Duration::seconds(1));
        for _ in 0..2 {
            let body = json!({"text": "Thank you \u{1f44d}", "once": once});
            let answer = post(world, &token, &format!("{path}/reply"), &body).await;
            assert_eq!(answer.status, 201, "{:?}", answer.json());
            let body = answer.json();
            assert_eq!((&body["id"], &body["segments"], &body["state"]), (&json!(once), &json!(1), &json!("queued")));
        }
        world.portal.drain().await.unwrap();
        assert_eq!(world.fakes.sms.sent().len(), 1);
        // All of them, page by page, with the mails that went before.
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = get(world, &token, &format!("{path}/entries?limit=3{cursor}")).await;
            seen.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["id"].to_string()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let whole = get(world, &token, &format!("{path}/entries?limit=200&total=true")).await;
        let all: Vec<String> = whole["items"].as_array().unwrap().iter().map(|entry| entry["id"].to_string()).collect();
        assert_eq!(seen, all, "the same, in the same order");
        assert_eq!(whole["total"].as_u64(), Some(all.len() as u64));
        assert_eq!((texts(&whole, "state")[0].as_str(), texts(&whole, "text")[0].as_str()), ("sent", "Thank you \u{1f44d}"));
        assert!(texts(&whole, "channel").contains(&"email".to_owned()), "the invitation stands there too");

        let read = post(world, &token, &format!("{path}/read"), &json!({})).await;
        assert_eq!((read.status.as_u16(), read.json()["unread"].as_u64()), (200, Some(0)));
        assert_eq!(get(world, &token, "/api/v1/conversations/unread").await["count"], 0);
    }

    async fn an_unknown_number_is_assigned_and_joins_its_client(world: World) {
        with_phone(world).await;
        let token = world.owner_token().await;
        writes(world, STRANGER, "It is Amina").await;
        let phone = Phone::parse("phone", STRANGER, "").unwrap();
        let path = format!("/api/v1/conversations/{}", Conversation::id_of_number(&phone));
        let list = get(world, &token, "/api/v1/conversations?unknown=true").await;
        assert_eq!(texts(&list, "phone"), [STRANGER]);
        let refused = post(world, &token, &format!("{path}/reply"), &json!({"text": "Hello"})).await;
        assert_eq!((refused.status.as_u16(), refused.json()["type"].clone()), (409, json!("/problems/nobodys-number")));
        let assigned = post(world, &token, &format!("{path}/assign"), &json!({"staff_id": world.member_id.to_string()})).await;
        assert_eq!(assigned.json()["assignee_id"], json!(world.member_id.to_string()));
        for (filter, count) in [
            (format!("assignee={}", world.member_id), 1),
            ("assignee=none".to_owned(), 0),
            ("unread=true".to_owned(), 1),
            ("channel=sms".to_owned(), 1),
            ("channel=email".to_owned(), 0),
            ("q=61491".to_owned(), 1),
            ("q=amina".to_owned(), 0),
        ] {
            let list = get(world, &token, &format!("/api/v1/conversations?{filter}")).await;
            assert_eq!(list["items"].as_array().unwrap().len(), count, "{filter}");
        }
        let linked = post(world, &token, &format!("{path}/link"), &json!({"client_id": world.client.id.to_string()})).await;
        assert_eq!((linked.status.as_u16(), linked.json()["id"].clone()), (200, json!(world.client.id.to_string())));
        let list = get(world, &token, "/api/v1/conversations?q=amina").await;
        assert_eq!(texts(&list, "client_id"), [world.client.id.to_string()]);
        let again = post(world, &token, &format!("{path}/link"), &json!({"client_id": world.client.id.to_string()})).await;
        assert_eq!((again.status.as_u16(), again.json()["type"].clone()), (409, json!("/problems/not-a-number")));

        let hers = get(world, &token, &format!("/api/v1/conversations/{}", world.client.id)).await;
        let [number] = hers["numbers"].as_array().unwrap().as_slice() else { panic!("{hers}") };
        assert_eq!((&number["phone"], &number["linked_by_name"]), (&json!(STRANGER), &json!("The owner")));
        let unlink = async |version: i64| {
            let ask = world.post(&format!("{path}/unlink")).token(&token);
            ask.header("if-match", &format!("\"{version}\"")).send().await
        };
        let version = number["version"].as_i64().unwrap();
        assert_eq!(unlink(version + 1).await.status, 412);
        let unlinked = unlink(version).await;
        assert_eq!((unlinked.status.as_u16(), &unlinked.json()["phone"]), (200, &json!(STRANGER)), "{:?}", unlinked.json());
        let again = unlink(version + 1).await;
        assert_eq!((again.status.as_u16(), again.json()["type"].clone()), (409, json!("/problems/not-linked")));
        let hers = get(world, &token, &format!("/api/v1/conversations/{}/entries", world.client.id)).await;
        assert!(!texts(&hers, "text").contains(&"It is Amina".to_owned()));
        let list = get(world, &token, "/api/v1/conversations?unknown=true").await;
        assert_eq!((texts(&list, "phone"), &list["items"][0]["numbers"]), (vec![STRANGER.to_owned()], &Value::Null));
    }

    async fn the_history_is_a_file_with_every_message(world: World) {
        let token = world.owner_token().await;
        for number in 0..205 {
            writes(world, STRANGER, &format!("=1+{number}\n\"quoted\", line")).await;
        }
        let answer = world.get("/api/v1/history.csv").token(&token).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/csv; charset=utf-8"));
        let mut file = csv::Reader::from_reader(answer.bytes.as_ref());
        let rows: Vec<csv::StringRecord> = file.records().collect::<Result<_, _>>().unwrap();
        let mails = world.fakes.mail.sent().len();
        assert_eq!(rows.len(), 205 + mails, "every one, over several pages");
        assert_eq!((&rows[0][1], &rows[0][6], &rows[0][9]), ("in", "received", "'=1+204\n\"quoted\", line"));
        let mut ids: Vec<&str> = rows.iter().map(|row| &row[12]).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), rows.len(), "each once");
        // Whoever takes it leaves a trace, and whoever may not leaves none.
        let exported = async || {
            let filter = portal_core::audit::AuditFilter::default();
            let page = portal_core::PageRequest::first(200);
            let entries = world.portal.store().audit_entries(world.practice, &filter, &page).await.unwrap().items;
            entries.into_iter().filter(|entry| entry.action == "history.exported").count()
        };
        assert_eq!(exported().await, 1);
        assert_eq!(world.get("/api/v1/history.csv").send().await.status, 401);
        assert_eq!(exported().await, 1);
    }

    async fn what_is_wrong_is_named(world: World) {
        with_phone(world).await;
        let token = world.owner_token().await;
        let path = format!("/api/v1/conversations/{}", world.client.id);
        for query in ["assignee=me", "channel=fax", "limit=0", "cursor=x", "colour=blue", "unread=perhaps"] {
            let answer = world.get(&format!("/api/v1/conversations?{query}")).token(&token).send().await;
            assert_eq!(answer.status, 422, "{query}");
            assert_eq!(answer.wrong_field().0, query.split('=').next().unwrap(), "{query}");
        }
        let long = "x".repeat(1_531);
        for (body, field, code) in [
            (json!({"text": ""}), "text", "empty"),
            (json!({"text": long}), "text", "too-long"),
            (json!({"text": "Hi", "once": "x"}), "once", "type"),
            (json!({"text": "Hi", "to": AMINA}), "to", "unknown-field"),
        ] {
            let answer = post(world, &token, &format!("{path}/reply"), &body).await;
            assert_eq!(answer.status, 422, "{:?}", answer.json());
            assert_eq!(answer.wrong_field(), (field.to_owned(), code.to_owned()), "{:?}", answer.json());
        }
        writes(world, AMINA, "STOP").await;
        let answer = post(world, &token, &format!("{path}/reply"), &json!({"text": "Hi"})).await;
        assert_eq!((answer.status.as_u16(), answer.json()["type"].clone()), (409, json!("/problems/opted-out")));
        let nobody = "/api/v1/conversations/01a1fb52-040e-77b2-86cb-73b75961d8b8";
        for path in [nobody.to_owned(), format!("{nobody}/entries")] {
            assert_eq!(world.get(&path).token(&token).send().await.status, 404, "{path}");
        }
        let gone = post(world, &token, &format!("{path}/assign"), &json!({"staff_id": world.client.id.to_string()})).await;
        assert_eq!((gone.status.as_u16(), gone.wrong_field().0), (422, "staff_id".to_owned()));
    }
}
