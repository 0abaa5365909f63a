//! Tasks through the API: set by a workflow, listed for whom they concern, changed and done.

use axum::http::Method;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::{Answer, Who, World};

struct Desk<'w> {
    world: &'w World,
    token: String,
}

impl<'w> Desk<'w> {
    async fn of(world: &'w World) -> Self {
        Self {
            world,
            token: world.owner_token().await,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.world.get(path).token(&self.token).send().await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.world
            .ask(method, path)
            .token(&self.token)
            .json(body)
            .send()
            .await
    }

    /// The titles of a list, in its order.
    async fn titles(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("/api/v1/tasks?{query}")).await;
        assert_eq!(list.status, 200, "{query}: {}", list.json());
        let list = list.json();
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|item| item["title"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A workflow that sets a task for the owner, one for anyone, and sends nothing.
async fn with_workflow(desk: &Desk<'_>) {
    let taxonomy =
        json!({"dimensions": [{"name": "Case stage", "values": [{"name": "Filing"}, {"name": "Decision"}]}]});
    assert_eq!(
        desk.send(Method::PUT, "/api/v1/taxonomies", &taxonomy)
            .await
            .status,
        200
    );
    let workflow = json!({
        "name": "Filing", "enabled": true, "criteria": [{"dimension": "Case stage", "one_of": ["Filing"]}],
        "automations": [
            {"channel": "task", "subject": {"en": "Call {{ client.first_name }}"}, "text": {"en": "About {{ matter.reference }}."},
             "due_in_days": 3},
            {"channel": "task", "subject": {"en": "Scan the file"}, "assignee": "anyone"},
        ],
    });
    let added = desk.send(Method::POST, "/api/v1/workflows", &workflow).await;
    assert_eq!(added.status, 201, "{}", added.json());
    desk.world.portal.drain().await.unwrap();
}

on_both_databases! {
    async fn a_stage_sets_tasks_that_are_listed_changed_and_done(world: World) {
        let desk = Desk::of(world).await;
        with_workflow(&desk).await;
        let matter = format!("/api/v1/matters/{}", world.matter.id);
        // It is in that stage already: only entering it sets them.
        desk.send(Method::PATCH, &matter, &json!({"stage": "Decision"})).await;
        let moved = desk.send(Method::PATCH, &matter, &json!({"stage": "filing"})).await.json();
        let sends = moved["effects"]["sends"].as_array().unwrap();
        assert_eq!(sends.len(), 2, "{sends:?}");
        assert!(sends.iter().all(|send| send["channel"] == "task" && send["client_id"].is_null()));
        assert_eq!((&sends[0]["staff_id"].is_string(), &sends[1]["staff_id"]), (&true, &Value::Null));
        world.portal.drain().await.unwrap();

        // The one that is due stands before the one without a day, and the world's own, which has none either.
        let all = desk.titles("").await;
        assert_eq!(all[0], "Call Amina");
        assert_eq!(all.len(), 3);
        assert_eq!(desk.titles("assignee=me").await, ["Call Amina"]);
        let mut anyone = desk.titles("assignee=anyone&begun=true").await;
        anyone.sort();
        assert_eq!(anyone, ["Call", "Scan the file"]);
        assert_eq!(desk.titles(&format!("matter_id={}&due_before=2099-01-01", world.matter.id)).await, ["Call Amina"]);
        assert_eq!(desk.titles("state=done").await, Vec::<String>::new());
        assert_eq!(desk.titles(&format!("assignee={}", world.member_id)).await, Vec::<String>::new());

        let list = desk.get("/api/v1/tasks?assignee=me&total=true").await.json();
        assert_eq!(list["total"], 1);
        let task = &list["items"][0];
        assert_eq!(task["note"], "About HM-1.");
        assert_eq!((task["done"].as_bool(), task["left_behind"].as_bool()), (Some(false), Some(false)));
        assert!(task["workflow_id"].is_string() && task["stage_entry_id"].is_string() && task["due_on"].is_string());
        let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
        let give = json!({"assignee_id": world.member_id.to_string(), "due_on": null, "note": "Soon"});
        let given = world.patch(&path).token(&desk.token).header("if-match", "\"1\"").json(&give).send().await;
        assert_eq!((given.status.as_u16(), given.header("etag")), (200, "\"2\""), "{}", given.json());
        assert_eq!((&given.json()["title"], &given.json()["due_on"]), (&json!("Call Amina"), &Value::Null));
        let stale = world.patch(&path).token(&desk.token).header("if-match", "\"1\"").json(&json!({"done": true})).send().await;
        assert_eq!(stale.status, 412);

        // Who is not on the matter sees and does what is theirs.
        let member = world.token(Who::Member).await.unwrap();
        assert_eq!(world.get(&matter).token(&member).send().await.status, 404);
        let own = world.get("/api/v1/tasks").token(&member).send().await.json();
        assert_eq!(own["items"].as_array().unwrap().len(), 1);
        let done = world.patch(&path).token(&member).json(&json!({"done": true})).send().await;
        assert_eq!(done.status, 200, "{}", done.json());
        assert_eq!(done.json()["done_by"], world.member_id.to_string());
        assert_eq!(desk.titles("state=done").await, ["Call Amina"]);

        // Entering the stage once more sets them again; saying the same sets nothing.
        desk.send(Method::PATCH, &matter, &json!({"stage": "FILING"})).await;
        world.portal.drain().await.unwrap();
        assert_eq!(desk.titles("").await.len(), 2);
        desk.send(Method::PATCH, &matter, &json!({"stage": "Decision"})).await;
        desk.send(Method::PATCH, &matter, &json!({"stage": "Filing"})).await;
        world.portal.drain().await.unwrap();
        assert_eq!(desk.titles("").await.len(), 4);
    }

    async fn whoever_leaves_leaves_their_tasks_in_sight(world: World) {
        let desk = Desk::of(world).await;
        let body = json!({"matter_id": world.matter.id.to_string(), "title": "Order the file",
            "assignee_id": world.member_id.to_string(), "due_on": "2026-12-01"});
        let added = desk.send(Method::POST, "/api/v1/tasks", &body).await;
        assert_eq!(added.status, 201, "{}", added.json());
        assert!(added.header("location").ends_with(&format!("/api/v1/tasks/{}", added.json()["id"].as_str().unwrap())));
        assert_eq!(desk.titles("assignee=left").await, Vec::<String>::new());
        let staff = format!("/api/v1/staff/{}", world.member_id);
        let gone = desk.send(Method::PATCH, &staff, &json!({"active": false})).await;
        assert_eq!(gone.status, 200, "{}", gone.json());
        assert_eq!(desk.titles("assignee=left").await, ["Order the file"]);
        let path = format!("/api/v1/tasks/{}", added.json()["id"].as_str().unwrap());
        assert_eq!(desk.get(&path).await.json()["left_behind"], true);
        let again = desk.send(Method::POST, "/api/v1/tasks", &body).await;
        assert_eq!((again.status.as_u16(), again.wrong_field().1.as_str()), (422, "no-such-assignee"));
        let taken = desk.send(Method::PATCH, &path, &json!({"assignee_id": null})).await;
        assert_eq!((taken.status.as_u16(), taken.json()["left_behind"].as_bool()), (200, Some(false)));
    }

    async fn what_makes_no_sense_is_told_by_its_place(world: World) {
        let desk = Desk::of(world).await;
        let matter = world.matter.id.to_string();
        for (body, field) in [
            (json!({"title": "X"}), "matter_id"),
            (json!({"matter_id": matter, "title": " "}), "title"),
            (json!({"matter_id": matter, "title": "x".repeat(201)}), "title"),
            (json!({"matter_id": matter, "title": "X", "note": "x".repeat(2_001)}), "note"),
            (json!({"matter_id": matter, "title": "X", "due_on": "tomorrow"}), "due_on"),
            (json!({"matter_id": matter, "title": "X", "done": true}), "done"),
            (json!({"matter_id": matter, "title": "X", "colour": "red"}), "colour"),
        ] {
            let refused = desk.send(Method::POST, "/api/v1/tasks", &body).await;
            assert_eq!((refused.status.as_u16(), refused.wrong_field().0.as_str()), (422, field), "{}", refused.json());
        }
        for query in ["assignee=nobody", "state=late", "due_before=soon", "cursor=x", "limit=0"] {
            assert_eq!(desk.get(&format!("/api/v1/tasks?{query}")).await.status, 422, "{query}");
        }
        let path = format!("/api/v1/tasks/{}", world.task);
        let moved = json!({"matter_id": "01a1fb52-040e-77b2-86cb-73b75961d8b8"});
        assert_eq!(desk.send(Method::PATCH, &path, &moved).await.wrong_field().1, "fixed");
        assert_eq!(desk.titles("").await, ["Call"], "nothing was added");
    }
}
