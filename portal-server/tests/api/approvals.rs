//! Approvals through the API: asked with documents, replaced, refused from an old page, answered, and what proves it.

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_core::{Digest, Duration};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::{Answer, PDF, Who, World};

struct Desk<'w> {
    world: &'w World,
    owner: String,
    client: String,
}

impl<'w> Desk<'w> {
    async fn of(world: &'w World) -> Self {
        Self {
            world,
            owner: world.owner_token().await,
            client: world.token(Who::Client).await.unwrap(),
        }
    }

    async fn send(&self, token: &str, path: &str, body: &Value) -> Answer {
        let ask = self.world.ask(Method::POST, path).token(token).json(body);
        ask.header("user-agent", "A phone").send().await
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.world.get(path).token(token).send().await
    }

    /// Files a document for the client, or another version of one.
    async fn file(&self, name: &str, replaces: Option<&str>) -> String {
        let client = self.world.client.id;
        let path = format!("/api/v1/matters/{}/documents", self.world.matter.id);
        let path = format!("{path}?client_id={client}&confidentiality=client");
        let ask = self.world.post(&path).token(&self.owner);
        let answer = match replaces {
            None => ask.files(&[(name, PDF)]).send().await,
            Some(id) => {
                let form = format!(
                    "--b\r\nContent-Disposition: form-data; name=\"replaces\"\r\n\r\n{id}\r\n\
                     --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n\
                     %PDF-1.7\nanother\n%%EOF\n\r\n--b--\r\n"
                );
                ask.raw("multipart/form-data; boundary=b", form).send().await
            }
        };
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()["items"][0]["id"].as_str().unwrap().to_owned()
    }

    async fn ask(&self, body: Value) -> Answer {
        let mut draft = json!({
            "kind": "statement",
            "title": "Your statement",
            "people": [self.world.client.id.to_string()],
        });
        draft
            .as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        let path = format!("/api/v1/matters/{}/approvals", self.world.matter.id);
        self.send(&self.owner, &path, &draft).await
    }

    async fn asked(&self, body: Value) -> Value {
        let answer = self.ask(body).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()
    }

    async fn answer(&self, approval: &Value, body: Value) -> Answer {
        let mut answer = json!({"decision": "approved", "shown": approval["shown"]});
        answer
            .as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        self.send(&self.client, &format!("{}/answer", path(approval)), &answer)
            .await
    }
}

fn path(approval: &Value) -> String {
    format!("/api/v1/approvals/{}", approval["id"].as_str().unwrap())
}

fn refusal(answer: &Answer) -> (u16, String) {
    let code = answer.json()["type"].as_str().unwrap_or_default().to_owned();
    let code = code.rsplit('/').next().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code)
}

/// The canonical bytes of evidence, made of the API's answer as `docs/approvals.md` says.
fn canonical(proof: &Value) -> Vec<u8> {
    let content = STANDARD
        .decode(proof["shown"]["bytes"].as_str().unwrap())
        .unwrap();
    let content: Value = serde_json::from_slice(&content).unwrap();
    let (by, whom, signed_in) = (&proof["by"], &proof["on_behalf_of"], &proof["signed_in"]);
    json!({
        "answered_at": proof["answered_at"],
        "approval": proof["approval_id"],
        "approval_version": proof["approval_version"],
        "audit_entry": proof["audit"]["entry_id"],
        "by": {"client": by["client_id"], "name": by["name"]},
        "clock": proof["clock"],
        "comment": proof["comment"],
        "decision": proof["decision"],
        "evidence": proof["id"],
        "format": "portal-evidence/1",
        "from": proof["from"],
        "matter": proof["matter_id"],
        "on_behalf_of": {
            "access": whom["portal_access_id"], "client": whom["client_id"], "name": whom["name"], "part": whom["part"],
        },
        "practice": content["practice"],
        "shown": content.to_string(),
        "shown_sha256": proof["shown"]["sha256"],
        "signed_in": {
            "assurance": signed_in["assurance"], "from": signed_in["from"], "method": signed_in["method"],
            "session": signed_in["session_id"], "since": signed_in["since"],
        },
    })
    .to_string()
    .into_bytes()
}

on_both_databases! {
    async fn an_old_page_approves_nothing_and_the_new_one_leaves_evidence(world: World) {
        let desk = Desk::of(world).await;
        let (draft, annex) = (desk.file("draft.pdf", None).await, desk.file("annex.pdf", None).await);
        let asked = desk.asked(json!({"documents": [draft, annex], "description": "Please read it."})).await;
        assert_eq!((&asked["state"], &asked["documents"][0]["number"]), (&json!("open"), &json!(1)));
        let old = desk.get(&desk.client, &path(&asked)).await;
        assert_eq!((old.status.as_u16(), old.header("etag")), (200, "\"1\""));
        let old = old.json();
        assert_eq!((old["people"].as_array().unwrap().len(), &old["people"][0]["waiting"]), (1, &json!(true)));

        desk.file("draft 2.pdf", Some(&draft)).await;
        let refused = desk.answer(&old, json!({})).await;
        assert_eq!(refusal(&refused), (409, "superseded".to_owned()), "{}", refused.json());
        assert!(refused.json()["detail"].as_str().unwrap().contains("look at the new version"));
        let gone = desk.get(&desk.client, &path(&asked)).await.json();
        assert_eq!(gone["state"], "superseded");
        let new = format!("/api/v1/approvals/{}", gone["replaced_by"].as_str().unwrap());
        let new = desk.get(&desk.client, &new).await.json();
        assert_eq!((&new["documents"][0]["number"], &new["documents"][1]["number"]), (&json!(2), &json!(1)));
        // The old page's hash, sent to the new approval.
        let refused = desk.answer(&new, json!({"shown": old["shown"]})).await;
        assert_eq!(refusal(&refused), (409, "subject-changed".to_owned()));
        assert_eq!(refused.wrong_field().0, "shown");
        let content = format!("/api/v1/documents/{draft}/content?number=2");
        assert_eq!(desk.get(&desk.client, &content).await.status, 200);

        let answered = desk.answer(&new, json!({"comment": "Yes, this one."})).await;
        assert_eq!(answered.status, 200, "{}", answered.json());
        assert_eq!(answered.json()["state"], "approved");
        let twice = desk.answer(&new, json!({})).await;
        assert_eq!(refusal(&twice), (409, "answered-already".to_owned()));

        let evidence = format!("{}/evidence", path(&new));
        let evidence = desk.get(&desk.owner, &evidence).await.json();
        let [proof] = evidence["items"].as_array().unwrap().as_slice() else { panic!("{evidence}") };
        assert_eq!((&proof["decision"], &proof["comment"]), (&json!("approved"), &json!("Yes, this one.")));
        assert_eq!(proof["shown"]["sha256"], new["shown"]);
        assert_eq!(proof["shown"]["content"]["documents"][0]["sha256"], new["documents"][0]["sha256"]);
        assert_eq!(proof["by"]["client_id"], world.client.id.to_string());
        assert_eq!(proof["on_behalf_of"]["part"], "principal");
        assert_eq!(proof["from"]["user_agent"], "A phone");
        assert!(proof["from"]["request_id"].is_string());
        assert_eq!((&proof["signed_in"]["method"], &proof["signed_in"]["assurance"]), (&json!("email-link"), &json!("single-factor")));
        let audit = desk.get(&desk.owner, "/api/v1/audit?action=approval.approved").await.json();
        assert_eq!(audit["items"][0]["id"], proof["audit"]["entry_id"]);
        // Its canonical bytes can be made of what stands there, and the entry binds them.
        let bytes = canonical(proof);
        assert_eq!(proof["canonical"]["bytes"], STANDARD.encode(&bytes));
        assert_eq!(proof["canonical"]["sha256"], Digest::of(&bytes).to_string());
        assert_eq!(proof["canonical"]["format"], "portal-evidence/1");
        assert_eq!(audit["items"][0]["detail"]["evidence"], proof["canonical"]["sha256"]);
        assert_eq!(audit["items"][0]["detail"]["sha256"], proof["shown"]["sha256"]);
        // What the client reads of it is their own.
        let own = desk.get(&desk.client, &format!("{}/evidence", path(&new))).await.json();
        assert_eq!(own["items"].as_array().unwrap().len(), 1);
    }

    async fn what_is_wrong_is_told_with_its_field_and_leaves_no_evidence(world: World) {
        let desk = Desk::of(world).await;
        for (body, field) in [
            (json!({"people": []}), "people"),
            (json!({"people": [world.newcomer.id.to_string()]}), "people"),
            (json!({"documents": [world.matter.id.to_string()]}), "documents"),
            (json!({"title": ""}), "title"),
            (json!({"kind": "wish"}), "kind"),
            (json!({"due_on": "2001-01-01"}), "due_on"),
            (json!({"remind_every_days": 31}), "remind_every_days"),
            (json!({"colour": "blue"}), "colour"),
        ] {
            let refused = desk.ask(body.clone()).await;
            assert_eq!((refused.status.as_u16(), refused.wrong_field().0.as_str()), (422, field), "{body}: {}", refused.json());
        }
        let asked = desk.asked(json!({})).await;
        let long = desk.answer(&asked, json!({"comment": "x".repeat(1 << 20)})).await;
        // A body of a megabyte is refused as such, and one that gets through by its field.
        assert!([413, 422].contains(&long.status.as_u16()), "{}", long.status);
        let long = desk.answer(&asked, json!({"comment": "x".repeat(2_001)})).await;
        assert_eq!((long.status.as_u16(), long.wrong_field()), (422, ("comment".to_owned(), "too-long".to_owned())));
        let wrong = desk.answer(&asked, json!({"decision": "perhaps"})).await;
        assert_eq!((wrong.status.as_u16(), wrong.wrong_field().0.as_str()), (422, "decision"));
        let wrong = desk.answer(&asked, json!({"shown": "abc"})).await;
        assert_eq!((wrong.status.as_u16(), wrong.wrong_field().0.as_str()), (422, "shown"));
        let missing = desk.send(&desk.client, &format!("{}/answer", path(&asked)), &json!({"decision": "approved"})).await;
        assert_eq!((missing.status.as_u16(), missing.wrong_field().0.as_str()), (422, "shown"));

        let withdraw = format!("{}/withdraw", path(&asked));
        let withdrawn = desk.send(&desk.owner, &withdraw, &json!({"reason": "By mistake"})).await;
        assert_eq!((withdrawn.status.as_u16(), &withdrawn.json()["state"]), (200, &json!("withdrawn")));
        assert_eq!(refusal(&desk.answer(&asked, json!({})).await), (409, "withdrawn".to_owned()));
        assert_eq!(refusal(&desk.send(&desk.owner, &withdraw, &json!({})).await), (409, "not-open".to_owned()));

        let today = world.portal.now().date().to_string();
        let timed = desk.asked(json!({"expires_on": today})).await;
        world.fakes.clock.advance(Duration::hours(24));
        let late = Desk::of(world).await;
        assert_eq!(refusal(&late.answer(&timed, json!({})).await), (409, "expired".to_owned()));
        // The page says so at once; the worker notes it.
        assert_eq!(late.get(&late.client, &path(&timed)).await.json()["state"], "expired");
        for approval in [&asked, &timed] {
            let evidence = late.get(&late.owner, &format!("{}/evidence", path(approval))).await.json();
            assert_eq!(evidence["items"], json!([]));
        }
    }

    async fn what_is_not_mine_does_not_exist(world: World) {
        let desk = Desk::of(world).await;
        let asked = desk.asked(json!({})).await;
        let relative = world.token(Who::Relative).await.unwrap();
        let nothing = desk.get(&relative, "/api/v1/approvals/00000000-0000-7000-8000-000000000000").await;
        for path in [path(&asked), format!("{}/evidence", path(&asked))] {
            let hidden = desk.get(&relative, &path).await;
            assert_eq!(hidden.status, 404);
            assert_eq!(hidden.json()["detail"], nothing.json()["detail"]);
        }
        let answer = json!({"decision": "approved", "shown": asked["shown"]});
        let hidden = desk.send(&relative, &format!("{}/answer", path(&asked)), &answer).await;
        assert_eq!(hidden.status, 404);
        let list = format!("/api/v1/approvals?matter_id={}", world.matter.id);
        assert_eq!(desk.get(&relative, &list).await.status, 404);
        let own = desk.get(&desk.client, &list).await.json();
        assert_eq!(own["items"].as_array().unwrap().len(), 2, "the world's and this");
        // Whoever is not on the list is named to nobody else.
        assert!(!own.to_string().contains(&world.newcomer.id.to_string()));
    }

    async fn lists_are_filtered_and_several_are_answered_at_once(world: World) {
        let desk = Desk::of(world).await;
        let mut items = Vec::new();
        for number in 0..5 {
            let asked = desk.asked(json!({"kind": "invoice", "title": format!("Invoice {number}")})).await;
            items.push(json!({"id": asked["id"], "shown": asked["shown"]}));
        }
        items.push(json!({"id": items[0]["id"], "shown": items[1]["shown"]}));
        let body = json!({"decision": "approved", "comment": "All paid.", "items": items});
        let done = desk.send(&desk.client, "/api/v1/approvals/answer", &body).await;
        assert_eq!(done.status, 200, "{}", done.json());
        let done = done.json();
        let answered: Vec<bool> = done["items"].as_array().unwrap().iter().map(|item| item["answered"] == true).collect();
        assert_eq!(answered, [true, true, true, true, true, false]);
        assert_eq!(done["items"][5]["code"], "answered-already");
        let titles = async |query: &str| -> Vec<String> {
            let list = desk.get(&desk.owner, &format!("/api/v1/approvals?{query}")).await;
            assert_eq!(list.status, 200, "{query}: {}", list.json());
            let list = list.json();
            list["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(titles("kind=invoice&limit=2").await, ["Invoice 4", "Invoice 3"]);
        assert_eq!(titles("q=invoice%203").await, ["Invoice 3"]);
        assert_eq!(titles("state=open").await, ["Your statement"]);
        assert_eq!(titles("state=approved&q=nothing").await, Vec::<String>::new());
        assert_eq!(titles(&format!("client_id={}&state=approved", world.client.id)).await.len(), 5);
        assert_eq!(titles(&format!("client_id={}", world.newcomer.id)).await, Vec::<String>::new());
        assert_eq!(titles("before=2001-01-01T00:00:00Z").await, Vec::<String>::new());
    }
}
