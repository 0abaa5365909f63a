//! Workflows through the API: clean values, what a change of stage brings about, and what it would.

use axum::http::Method;
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::{Answer, PDF, Who, World};

fn taxonomy() -> Value {
    json!({"dimensions": [
        {"name": "Practice area", "values": [
            {"name": "Immigration"},
            {"name": "T-Visa", "parent": "Immigration", "aliases": ["T nonimmigrant status"]},
        ]},
        {"name": "Case stage", "values": [
            {"name": "Intake"},
            {"name": "Filing", "aliases": ["Filing (USCIS)"]},
            {"name": "Decision"},
        ]},
    ]})
}

fn workflow() -> Value {
    json!({
        "name": "T-Visa, filing",
        "enabled": true,
        "criteria": [
            {"dimension": "practice area", "one_of": ["t visa"]},
            {"dimension": "Case stage", "one_of": ["Filing"]},
        ],
        "requirements": [
            {"title": "Passport bio page", "group": "Identity", "due_in_days": 14},
            {"title": "Personal statement", "wanted": 2, "required": false},
            {"title": "Marriage certificate", "part": "partner"},
        ],
        "automations": [
            {"channel": "sms", "text": {"en": "We need two documents."}},
            {"channel": "email", "subject": {"en": "Filing"}, "text": {"en": "Hello"}},
        ],
    })
}

/// Somebody of the practice at work.
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

    async fn put(&self, path: &str, body: &Value) -> Answer {
        self.world
            .ask(Method::PUT, path)
            .token(&self.token)
            .json(body)
            .send()
            .await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.world.post(path).token(&self.token).json(body).send().await
    }

    async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.world.patch(path).token(&self.token).json(body).send().await
    }

    async fn get(&self, path: &str) -> Answer {
        self.world.get(path).token(&self.token).send().await
    }

    fn matter(&self) -> String {
        format!("/api/v1/matters/{}", self.world.matter.id)
    }

    /// The taxonomy and the workflow of these tests.
    async fn with_rules(world: &'w World) -> (Self, String) {
        let desk = Self::of(world).await;
        let saved = desk.put("/api/v1/taxonomies", &taxonomy()).await;
        assert_eq!(saved.status, 200, "{}", saved.json());
        let added = desk.post("/api/v1/workflows", &workflow()).await;
        assert_eq!(added.status, 201, "{}", added.json());
        world.portal.drain().await.unwrap();
        let id = added.json()["id"].as_str().unwrap().to_owned();
        (desk, id)
    }

    /// The titles on the client's checklist, with their states.
    async fn checklist(&self, token: &str) -> Vec<(String, String)> {
        let path = format!("{}/requests", self.matter());
        let list = self.world.get(&path).token(token).send().await.json();
        let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|item| (text(item, "title"), text(item, "state")))
            .collect()
    }
}

fn titles(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item["title"].as_str().unwrap())
        .collect()
}

on_both_databases! {
    async fn a_change_of_stage_asks_and_withdraws_and_says_so(world: World) {
        let (desk, id) = Desk::with_rules(world).await;
        let raw = json!({"practice_area": " t visa ", "stage": "FILING (USCIS)"});
        let changed = desk.patch(&desk.matter(), &raw).await;
        assert_eq!(changed.status, 200, "{}", changed.json());
        let body = changed.json();
        assert_eq!(body["practice_area"], "t visa");
        assert_eq!(body["normalised"], json!({"Practice area": "T-Visa", "Case stage": "Filing"}));
        let effects = &body["effects"];
        assert_eq!(effects["matched"][0]["id"], id.as_str());
        assert_eq!(titles(&effects["asked"]), ["Passport bio page", "Personal statement"]);
        assert_eq!(effects["asked"][0]["workflow_id"], id.as_str());
        let client = world.client.id.to_string();
        let sends = effects["sends"].as_array().unwrap();
        assert_eq!((sends[0]["channel"].as_str(), sends[0]["held"].as_str()), (Some("sms"), Some("no-phone")));
        assert_eq!((sends[1]["channel"].as_str(), &sends[1]["held"]), (Some("email"), &Value::Null));
        assert!(sends.iter().all(|send| send["client_id"] == client.as_str()));
        let token = world.token(Who::Client).await.unwrap();
        let mine = desk.checklist(&token).await;
        assert!(mine.contains(&("Passport bio page".into(), "outstanding".into())), "{mine:?}");

        // Written otherwise, it is the same: nothing is asked or sent twice.
        let again = desk.patch(&desk.matter(), &json!({"stage": "  filing"})).await.json();
        assert_eq!(again["effects"]["entered"], Value::Null);
        assert_eq!((&again["effects"]["asked"], &again["effects"]["sends"]), (&json!([]), &json!([])));

        // What the client provided stays; what nobody touched goes, and comes back with the stage.
        let passport = effects["asked"][0]["id"].as_str().unwrap();
        let path = format!("/api/v1/requests/{passport}/documents");
        let provided = world.post(&path).token(&token).files(&[("passport.pdf", PDF)]).send().await;
        assert_eq!(provided.status, 201, "{}", provided.json());
        let decided = desk.patch(&desk.matter(), &json!({"stage": "Decision"})).await.json();
        assert_eq!(titles(&decided["effects"]["withdrawn"]), ["Personal statement"]);
        let mine = desk.checklist(&token).await;
        assert!(mine.contains(&("Passport bio page".into(), "submitted".into())), "{mine:?}");
        assert!(!mine.iter().any(|(title, _)| title == "Personal statement"), "{mine:?}");
        let back = desk.patch(&desk.matter(), &json!({"stage": "Filing"})).await.json();
        assert_eq!(titles(&back["effects"]["asked"]), ["Personal statement"]);
        assert_eq!(back["effects"]["entered"]["canonical"], "Filing");

        let stages = desk.get(&format!("{}/stages?limit=2", desk.matter())).await.json();
        let listed = stages["items"].as_array().unwrap();
        assert_eq!((listed[0]["canonical"].as_str(), listed[1]["canonical"].as_str()), (Some("Filing"), Some("Decision")));
        assert_eq!(listed[1]["left_at"], listed[0]["entered_at"]);
        assert!(stages["next_cursor"].is_string());
    }

    async fn whoever_joins_is_asked_for_their_part(world: World) {
        let (desk, _) = Desk::with_rules(world).await;
        desk.patch(&desk.matter(), &json!({"practice_area": "T-Visa", "stage": "Filing"})).await;
        let newcomer = world.newcomer.id.to_string();
        let path = format!("{}/participants", desk.matter());
        let joined = desk.post(&path, &json!({"client_id": newcomer, "part": "partner"})).await;
        assert_eq!(joined.status, 201, "{}", joined.json());
        let of_newcomer = async || {
            let list = desk.get(&format!("{}/requests", desk.matter())).await.json();
            let items = list["items"].as_array().unwrap().clone();
            let own = items.into_iter().filter(|item| item["client_id"] == newcomer.as_str());
            own.map(|item| (item["title"].clone(), item["state"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(of_newcomer().await, [(json!("Marriage certificate"), json!("outstanding"))]);
        let left = world.ask(Method::DELETE, &format!("{path}/{newcomer}")).token(&desk.token).send().await;
        assert_eq!(left.status, 204);
        assert_eq!(of_newcomer().await, [(json!("Marriage certificate"), json!("withdrawn"))]);
    }

    async fn the_system_of_record_says_the_same_by_reference(world: World) {
        let (desk, _) = Desk::with_rules(world).await;
        let path = "/api/v1/matters/by-reference/X-77";
        let record = json!({"title": "T visa", "practice_area": "T-VISA", "stage": "intake"});
        let opened = desk.put(path, &record).await;
        assert_eq!(opened.status, 201, "{}", opened.json());
        assert_eq!(opened.json()["effects"]["entered"]["why"], "opened");
        assert_eq!(opened.json()["effects"]["matched"], json!([]));
        let record = json!({"title": "T visa", "practice_area": "T-VISA", "stage": "Filing (USCIS)"});
        let changed = desk.put(path, &record).await;
        assert_eq!(changed.status, 200);
        assert_eq!(changed.json()["effects"]["matched"][0]["name"], "T-Visa, filing");
        let same = desk.put(path, &record).await.json();
        assert_eq!(same["effects"]["entered"], Value::Null);
    }

    async fn what_is_unknown_waits_and_is_accepted(world: World) {
        let (desk, id) = Desk::with_rules(world).await;
        let raw = json!({"practice_area": "T visa", "stage": "Fileing"});
        let changed = desk.patch(&desk.matter(), &raw).await.json();
        assert_eq!(changed["unknown"], json!({"Case stage": "Fileing"}));
        assert_eq!(changed["effects"]["asked"], json!([]), "it is not guessed");
        let waiting = desk.get("/api/v1/taxonomies/unknown?total=true").await.json();
        assert_eq!(waiting["total"], 1);
        let item = &waiting["items"][0];
        assert_eq!((item["raw"].as_str(), item["matters"].as_u64()), (Some("Fileing"), Some(1)));
        assert_eq!(item["suggestions"][0]["value"], "Filing");

        let accept = json!({"dimension": "Case stage", "raw": "fileing", "value": "Filing"});
        let tried = desk.post("/api/v1/taxonomies/accept", &accept).await.json();
        assert_eq!((tried["dry_run"].as_bool(), tried["matters"].as_u64(), tried["firing"].as_u64()), (Some(true), Some(1), Some(1)));
        assert_eq!(tried["by_workflow"][&id], 1);
        assert_eq!(tried["first"][0]["reference"], "HM-1");
        world.portal.drain().await.unwrap();
        assert_eq!(desk.get(&desk.matter()).await.json()["unknown"], json!({"Case stage": "Fileing"}));

        let mails = world.fakes.mail.sent().len();
        let accept = json!({"dimension": "Case stage", "raw": "fileing", "value": "Filing", "dry_run": false, "send": false});
        let done = desk.post("/api/v1/taxonomies/accept", &accept).await.json();
        assert_eq!(done["matters"], 1);
        world.portal.drain().await.unwrap();
        let matter = desk.get(&desk.matter()).await.json();
        assert_eq!(matter["unknown"], json!({}));
        assert_eq!(matter["normalised"]["Case stage"], "Filing");
        assert_eq!(matter["stage"], "Fileing", "the raw text stays");
        assert_eq!(world.fakes.mail.sent().len(), mails, "nobody is told, as was asked");
        let token = world.token(Who::Client).await.unwrap();
        assert!(desk.checklist(&token).await.contains(&("Passport bio page".into(), "outstanding".into())));
        assert_eq!(desk.get("/api/v1/taxonomies/unknown").await.json()["items"], json!([]));

        let nowhere = json!({"dimension": "Case stage", "raw": "x", "value": "Nowhere"});
        let refused = desk.post("/api/v1/taxonomies/accept", &nowhere).await;
        assert_eq!((refused.status.as_u16(), refused.wrong_field().0.as_str()), (422, "value"));
        let taken = json!({"dimension": "Case stage", "raw": "fileing", "value": "Decision"});
        assert_eq!(desk.post("/api/v1/taxonomies/accept", &taken).await.status, 422);
    }

    async fn a_dry_run_says_what_applying_then_does(world: World) {
        let desk = Desk::of(world).await;
        desk.put("/api/v1/taxonomies", &taxonomy()).await;
        desk.patch(&desk.matter(), &json!({"practice_area": "T visa", "stage": "Filing"})).await;
        world.portal.drain().await.unwrap();
        let mut off = workflow();
        off["enabled"] = json!(false);
        // Not kept yet, and kept but not switched on: the same.
        let draft = desk.post("/api/v1/workflows/dry-run", &json!({"workflow": off})).await;
        assert_eq!(draft.status, 200, "{}", draft.json());
        let added = desk.post("/api/v1/workflows", &off).await.json();
        let id = added["id"].as_str().unwrap();
        let kept = desk.post("/api/v1/workflows/dry-run", &json!({"workflow_id": id})).await.json();
        for run in [&draft.json(), &kept] {
            assert_eq!((run["totals"]["matters"].as_u64(), run["totals"]["matching"].as_u64()), (Some(2), Some(1)));
            let items = run["items"].as_array().unwrap();
            assert_eq!(items.len(), 1);
            assert_eq!(items[0]["reference"], "HM-1");
            assert_eq!(titles(&items[0]["effects"]["asked"]), ["Passport bio page", "Personal statement"]);
            assert_eq!(items[0]["effects"]["sends"][0]["held"], "no-phone");
        }
        let list = desk.get(&format!("{}/requests", desk.matter())).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "nothing was done");
        let none = desk.post("/api/v1/workflows/dry-run", &json!({})).await.json();
        assert_eq!(none["totals"]["matching"], 0, "as they are, nothing matches");

        assert_eq!(desk.patch(&format!("/api/v1/workflows/{id}"), &json!({"enabled": true})).await.status, 200);
        assert_eq!(desk.post("/api/v1/workflows/apply", &json!({"send": true})).await.status, 202);
        world.portal.drain().await.unwrap();
        let list = desk.get(&format!("{}/requests", desk.matter())).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 3);
        // Applying again does nothing more.
        assert_eq!(desk.post("/api/v1/workflows/apply", &json!({})).await.status, 202);
        world.portal.drain().await.unwrap();
        let list = desk.get(&format!("{}/requests", desk.matter())).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 3);
        let wrong = json!({"workflow": {"name": "X", "criteria": [{"dimension": "Planet", "any": true}]}});
        let refused = desk.post("/api/v1/workflows/dry-run", &wrong).await;
        assert_eq!((refused.status.as_u16(), refused.wrong_field().0.as_str()), (422, "criteria.0.dimension"));
    }

    async fn why_is_said_for_each_workflow(world: World) {
        let (desk, id) = Desk::with_rules(world).await;
        desk.patch(&desk.matter(), &json!({"practice_area": "T visa", "stage": "Intake"})).await;
        let why = desk.get(&format!("{}/why", desk.matter())).await.json();
        let own = why["items"].as_array().unwrap().iter().find(|item| item["workflow_id"] == id.as_str()).unwrap();
        assert_eq!(own["matches"], false);
        let holds: Vec<_> = own["criteria"].as_array().unwrap().iter().map(|verdict| verdict["holds"].as_bool()).collect();
        assert_eq!(holds, [Some(true), Some(false)]);
        assert_eq!((own["criteria"][1]["has"].as_str(), own["criteria"][1]["value"].as_str()), (Some("known"), Some("Intake")));
        let asked = json!({"values": {"practice area": "T-1 visa", "Case stage": "filing"}});
        let matched = desk.post("/api/v1/workflows/match", &asked).await.json();
        assert_eq!((&matched["matched"], &matched["unknown"]), (&json!([]), &json!({"Practice area": "T-1 visa"})));
        let asked = json!({"values": {"practice area": "t visa", "Case stage": "filing"}});
        let matched = desk.post("/api/v1/workflows/match", &asked).await.json();
        assert_eq!(matched["matched"][0]["id"], id.as_str());
        assert_eq!(matched["requirements"][0]["key"], "passport-bio-page");
    }

    async fn two_people_at_one_workflow_do_not_overwrite_each_other(world: World) {
        let (desk, id) = Desk::with_rules(world).await;
        let path = format!("/api/v1/workflows/{id}");
        let read = desk.get(&path).await;
        assert_eq!(read.header("etag"), "\"1\"");
        let body = json!({"priority": 5});
        let first = world.patch(&path).token(&desk.token).header("if-match", "\"1\"").json(&body).send().await;
        assert_eq!((first.status.as_u16(), first.json()["version"].as_i64()), (200, Some(2)));
        let second = world.patch(&path).token(&desk.token).header("if-match", "\"1\"").json(&body).send().await;
        assert_eq!(second.status, 412);
        let same = desk.post("/api/v1/workflows", &workflow()).await;
        assert_eq!((same.status.as_u16(), same.wrong_field().1.as_str()), (409, "name-taken"));
        let gone = world.ask(Method::DELETE, &path).token(&desk.token).header("if-match", "\"1\"").send().await;
        assert_eq!(gone.status, 412);
        let gone = world.ask(Method::DELETE, &path).token(&desk.token).send().await;
        assert_eq!(gone.status, 204);
        assert_eq!(desk.get(&path).await.status, 404);
        assert_eq!(desk.post("/api/v1/workflows", &workflow()).await.status, 201, "its name is free");
        let old = world.ask(Method::PUT, "/api/v1/taxonomies").token(&desk.token).header("if-match", "\"1\"");
        assert_eq!(old.json(&taxonomy()).send().await.status, 412);
    }

    async fn bad_rules_are_told_by_their_place_and_nothing_is_saved(world: World) {
        let (desk, id) = Desk::with_rules(world).await;
        let circle = json!({"dimensions": [{"name": "Office", "values": [
            {"name": "A", "parent": "B"}, {"name": "B", "parent": "A"}, {"name": "C", "aliases": ["a"]},
        ]}]});
        let refused = desk.put("/api/v1/taxonomies", &circle).await;
        assert_eq!(refused.status, 422);
        let fields: Vec<String> = refused.json()["errors"].as_array().unwrap().iter()
            .map(|error| error["field"].as_str().unwrap().to_owned()).collect();
        assert!(fields.iter().any(|field| field.starts_with("dimensions.0.values.0.parent")), "{fields:?}");
        assert!(fields.contains(&"dimensions.0.values.2.aliases.0".to_owned()), "{fields:?}");
        for (body, field) in [
            (json!({"name": "X"}), "criteria"),
            (json!({"criteria": [{"dimension": "Case stage", "any": true}]}), "name"),
            (json!({"name": "X", "criteria": [{"dimension": "Case stage", "one_of": ["Nowhere"]}]}), "criteria.0.one_of.0"),
            (json!({"name": "X", "criteria": [{"dimension": "Case stage", "any": true}],
                "requirements": [{"title": "A", "key": "k"}, {"title": "B", "key": "K"}]}), "requirements.1.key"),
        ] {
            let refused = desk.post("/api/v1/workflows", &body).await;
            assert_eq!((refused.status.as_u16(), refused.wrong_field().0.as_str()), (422, field), "{}", refused.json());
        }
        for body in [
            json!({"name": "X", "criteria": [{"dimension": "Case stage"}]}),
            json!({"name": "X", "criteria": [{"dimension": "Case stage", "any": true, "below": "Filing"}]}),
            json!({"name": "X", "colour": "red"}),
        ] {
            assert_eq!(desk.post("/api/v1/workflows", &body).await.status, 422, "{body}");
        }
        let page = desk.get("/api/v1/workflows?total=true").await.json();
        assert_eq!(page["total"], 2, "the world's own and that of this test");
        // A value that a criterion speaks of may go: analysis says so, and the workflow can still be switched off.
        let fewer = json!({"dimensions": [{"name": "Case stage", "values": [{"name": "Intake"}]}]});
        assert_eq!(desk.put("/api/v1/taxonomies", &fewer).await.status, 200);
        let findings = desk.post("/api/v1/workflows/analyse", &json!({})).await.json();
        let stale = findings["findings"].as_array().unwrap().iter()
            .any(|finding| finding["kind"] == "stale" && finding["workflow"] == id.as_str());
        assert!(stale, "{findings}");
        let path = format!("/api/v1/workflows/{id}");
        assert_eq!(desk.patch(&path, &json!({"priority": 1})).await.status, 422);
        assert_eq!(desk.patch(&path, &json!({"enabled": false})).await.status, 200);
    }

    async fn a_taxonomy_comes_and_goes_as_a_file(world: World) {
        let (desk, _) = Desk::with_rules(world).await;
        let before = desk.get("/api/v1/taxonomies").await.json();
        for (format, kind) in [("csv", "text/csv"), ("toml", "application/toml")] {
            let file = desk.get(&format!("/api/v1/taxonomies/file?format={format}")).await;
            assert!(file.header("content-type").starts_with(kind), "{}", file.header("content-type"));
            assert_eq!(desk.put("/api/v1/taxonomies", &json!({"dimensions": []})).await.status, 200);
            let ask = world.ask(Method::PUT, "/api/v1/taxonomies/file").token(&desk.token);
            let back = ask.raw(kind, file.bytes.clone()).send().await;
            assert_eq!(back.status, 200, "{}", back.json());
            assert_eq!(back.json()["dimensions"], before["dimensions"], "{format}");
        }
        let send = async |kind: &str, text: &'static str| {
            world.ask(Method::PUT, "/api/v1/taxonomies/file").token(&desk.token).raw(kind, text).send().await
        };
        let wrong = send("text/csv", "dimension,value,parent\nOffice,Sydney,\nOffice,Perth,Mars\n").await;
        assert_eq!(wrong.status, 422);
        let error = wrong.json()["errors"][0].clone();
        assert_eq!(error["field"], "parent");
        assert!(error["message"].as_str().unwrap().starts_with("Line 3: "), "{error}");
        assert_eq!(send("application/toml", "dimensions = 7").await.status, 422);
        assert_eq!(send("image/png", "x").await.status, 415);
        assert_eq!(desk.get("/api/v1/taxonomies").await.json()["dimensions"], before["dimensions"]);
    }
}
