//! Reports through the API, against the history that they count.

use portal_core::Duration;
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
}
