//! Reports through the API, against the history that they count.

use portal_core::client::ClientDraft;
use portal_core::conversation::Conversation;
use portal_core::{Context, Duration};
use portal_server::{AppState, Presentation};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::World;

async fn ask(world: &World, token: &str, path: &str, status: u16) -> Value {
    let answer = world.get(path).token(token).send().await;
    assert_eq!(answer.status, status, "{path}: {}", answer.json());
    answer.json()
}

on_both_databases! {
    async fn a_report_counts_what_the_history_lists(world: World) {
        world.portal.drain().await.unwrap();
        // The fakes' clock stands at noon of 2 March, UTC; three days pass.
        world.fakes.clock.advance(Duration::days(3));
        let token = world.owner_token().await;
        let report = ask(world, &token, "/api/v1/reports/messages", 200).await;
        let days = report["days"].as_array().unwrap();
        assert_eq!(days.len(), 30);
        let counts = || days.iter().flat_map(|day| day["counts"].as_array().unwrap());
        let mut sum = 0;
        for state in ["queued", "sending", "sent", "delivered", "failed", "unknown", "held"] {
            let own = counts().filter(|count| count["state"] == state);
            let own: u64 = own.map(|count| count["count"].as_u64().unwrap()).sum();
            let listed = ask(world, &token, &format!("/api/v1/deliveries?state={state}&total=true"), 200).await;
            assert_eq!(listed["total"], own, "{state}: {report}");
            sum += own;
        }
        assert_eq!(report["total"], sum);
        assert!(sum > 0, "the world sent something");
        assert!(counts().all(|count| count["channel"] == "email" && count["workflow_id"] == Value::Null), "{report}");
        let filled: Vec<&Value> = days.iter().filter(|day| day["counts"] != json!([])).map(|day| &day["date"]).collect();
        assert!(filled.iter().all(|date| **date == "2026-03-02" || **date == "2026-03-03"), "{filled:?}");

        let path = "/api/v1/reports/messages?from=2026-03-04&until=2026-03-05";
        let none = ask(world, &token, path, 200).await;
        assert_eq!((&none["total"], none["days"].as_array().unwrap().len()), (&json!(0), 2));
        for (query, field) in [
            ("from=2026-03-05&until=2026-03-04", "until"),
            ("from=2025-01-01&until=2026-01-01", "from"),
        ] {
            let refused = ask(world, &token, &format!("/api/v1/reports/messages?{query}"), 422).await;
            assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        }
        let wrong = world.get("/api/v1/reports/messages?from=yesterday").token(&token).send().await;
        assert!(wrong.status.is_client_error(), "{}", wrong.json());
    }

    async fn a_report_says_what_text_messages_cost(world: World) {
        world.portal.drain().await.unwrap();
        world.fakes.clock.advance(Duration::days(1));
        let token = world.owner_token().await;
        let unpriced = ask(world, &token, "/api/v1/reports/messages", 200).await;
        assert_eq!((&unpriced["segments"], &unpriced["cost"], &unpriced["currency"]), (&json!(0), &Value::Null, &Value::Null));
        let draft = ClientDraft { phone: "+61412345678".into(), ..world.client.draft() };
        world.portal.update_client(&world.owner, world.client.id, None, &draft).await.unwrap();
        let ctx = Context { at: world.portal.now(), ..world.owner.clone() };
        let id = Conversation::id_of(world.client.id);
        world.portal.answer_by_text(&ctx, id, &"Three segments. ".repeat(20), None, None).await.unwrap();
        let waiting = ask(world, &token, "/api/v1/reports/messages", 200).await;
        assert_eq!(waiting["segments"], 0, "what waits costs nothing yet");
        world.portal.drain().await.unwrap();
        let unpriced = ask(world, &token, "/api/v1/reports/messages", 200).await;
        assert_eq!((&unpriced["segments"], &unpriced["cost"], &unpriced["currency"]), (&json!(3), &Value::Null, &Value::Null));

        let presentation = Presentation { price_per_segment: Some("0.075 AUD".parse().unwrap()), ..Presentation::default() };
        let priced = portal_server::router(AppState::new(world.portal.clone(), presentation).unwrap());
        let get = async |path: &str| world.get(path).token(&token).through(&priced).send().await;
        let report = get("/api/v1/reports/messages").await.json();
        assert_eq!((&report["segments"], &report["cost"], &report["currency"]), (&json!(3), &json!("0.225"), &json!("AUD")));
        let of_day = report["days"].as_array().unwrap().iter().find(|day| day["segments"] == 3).unwrap();
        assert_eq!((&of_day["date"], &of_day["cost"]), (&json!("2026-03-03"), &json!("0.225")));
        let counts = of_day["counts"].as_array().unwrap();
        let text = counts.iter().find(|count| count["channel"] == "sms").unwrap();
        assert_eq!((&text["count"], &text["segments"], &text["cost"]), (&json!(1), &json!(3), &json!("0.225")));
        // Each message in the file, with its own.
        for (answer, cost) in [
            (get("/api/v1/history.csv").await, "0.225 AUD"),
            (world.get("/api/v1/history.csv").token(&token).send().await, ""),
        ] {
            let mut file = csv::Reader::from_reader(answer.bytes.as_ref());
            let rows: Vec<csv::StringRecord> = file.records().collect::<Result<_, _>>().unwrap();
            let heads = file.headers().unwrap().clone();
            let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
            let (channel, segments, price) = (2, column("segments"), column("cost"));
            let of_texts: Vec<_> = rows.iter().filter(|row| &row[channel] == "sms").map(|row| (&row[segments], &row[price])).collect();
            assert_eq!(of_texts, [("3", cost)]);
            assert!(rows.iter().filter(|row| &row[channel] == "email").all(|row| row[segments].is_empty() && row[price].is_empty()));
        }
    }
}
