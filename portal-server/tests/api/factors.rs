//! A second factor with an answer through the API of a server that has one, and of one that has none.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_core::approval::Certificate;
use portal_core::audit::SealedHeads;
use portal_core::{Parts, Portal};
use portal_server::{AppState, Presentation};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::{Answer, Who, World};

/// A server on the same store, that takes codes.
fn with_factor(world: &World) -> Router {
    let parts = world.fakes.parts(world.store.clone());
    let portal = Portal::new(Parts {
        second_factor: Some(Arc::new(world.fakes.codes.clone())),
        ..parts
    });
    portal_server::router(AppState::new(portal, Presentation::default()).unwrap())
}

async fn need(world: &World, server: &Router, needed: bool) -> Answer {
    let settings = json!({"settings": {"approval_factor_needed": needed}});
    let token = world.owner_token().await;
    let ask = world.patch("/api/v1/practice").through(server);
    ask.token(&token).json(&settings).send().await
}

struct Phone<'w> {
    world: &'w World,
    server: &'w Router,
    token: String,
}

impl Phone<'_> {
    async fn post(&self, path: &str, body: &Value) -> Answer {
        let ask = self.world.ask(Method::POST, path).through(self.server);
        ask.token(&self.token).json(body).send().await
    }

    async fn get(&self, path: &str) -> Value {
        let ask = self.world.get(path).through(self.server);
        ask.token(&self.token).send().await.json()
    }

    async fn answer(&self, approval: &str, extra: Value) -> Answer {
        let shown = self.get(approval).await["shown"].clone();
        let mut body = json!({"decision": "approved", "shown": shown});
        let extra = extra.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(extra);
        self.post(&format!("{approval}/answer"), &body).await
    }

    /// Asks for one more approval.
    async fn asked(&self) -> Value {
        let draft =
            json!({"kind": "statement", "title": "Another", "people": [self.world.client.id.to_string()]});
        let path = format!("/api/v1/matters/{}/approvals", self.world.matter.id);
        let owner = self.world.owner_token().await;
        let asked = self.world.post(&path).token(&owner).json(&draft).send().await;
        assert_eq!(asked.status, 201, "{}", asked.json());
        asked.json()
    }

    /// What a refused answer must not add to: the approval, its evidence, and what the trail says of its answers.
    async fn written(&self, approval: &str) -> (Value, Value, Value) {
        let owner = self.world.owner_token().await;
        let get = async |path: &str| self.world.get(path).token(&owner).send().await.json();
        let answered = get("/api/v1/audit?action=approval.approved").await;
        let evidence = get(&format!("{approval}/evidence")).await;
        (
            get(approval).await,
            evidence["items"].clone(),
            answered["items"].clone(),
        )
    }
}

fn refusal(answer: &Answer) -> (u16, String, String) {
    let json = answer.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        answer.status.as_u16(),
        text(&json["type"]).replace("/problems/", ""),
        answer.wrong_field().0,
    )
}

fn refused(code: &str) -> (u16, String, String) {
    (403, code.to_owned(), "factor".to_owned())
}

on_both_databases! {
    async fn it_cannot_be_needed_where_there_is_none(world: World) {
        let set = need(world, &world.router, true).await;
        assert_eq!(set.status, 422, "{}", set.json());
        assert_eq!(set.wrong_field(), ("settings.approval_factor_needed".to_owned(), "no-second-factor".to_owned()));
        assert!(set.json()["errors"][0]["message"].as_str().unwrap().contains("no second factor"));
        let owner = world.owner_token().await;
        let practice = world.get("/api/v1/practice").token(&owner).send().await.json();
        assert_eq!(practice["settings"]["approval_factor_needed"], false);
        assert_eq!(need(world, &world.router, false).await.status, 200);
        let server = with_factor(world);
        let set = need(world, &server, true).await;
        assert_eq!((set.status.as_u16(), &set.json()["settings"]["approval_factor_needed"]), (200, &json!(true)));
        // Whoever changes something else, on a server that lost its factor, is not kept from it.
        let name = world.patch("/api/v1/practice").token(&owner).json(&json!({"name": "Harbour"})).send().await;
        assert_eq!((name.status.as_u16(), &name.json()["settings"]["approval_factor_needed"]), (200, &json!(true)));
        let token = world.token(Who::Client).await.unwrap();
        let phone = Phone { world, server: &world.router, token };
        let approval = format!("/api/v1/approvals/{}", world.approval);
        for extra in [json!({}), json!({"factor": "x"})] {
            assert_eq!(refusal(&phone.answer(&approval, extra).await), refused("factor-not-offered"));
        }
    }

    async fn only_a_right_factor_of_ones_own_lets_an_answer_through(world: World) {
        let server = with_factor(world);
        assert_eq!(need(world, &server, true).await.status, 200);
        let phone = Phone { world, server: &server, token: world.token(Who::Client).await.unwrap() };
        let approval = format!("/api/v1/approvals/{}", world.approval);
        let before = phone.written(&approval).await;
        assert_eq!(refusal(&phone.answer(&approval, json!({})).await), refused("factor-needed"));
        assert_eq!(refusal(&phone.answer(&approval, json!({"factor": null})).await), refused("factor-needed"));
        assert_eq!(refusal(&phone.answer(&approval, json!({"factor": "1"})).await), refused("no-factor-set-up"));
        world.fakes.codes.give(world.client.id, "hers");
        world.fakes.codes.give(world.newcomer.id, "another's");
        for wrong in ["1", "another's"] {
            assert_eq!(refusal(&phone.answer(&approval, json!({"factor": wrong})).await), refused("wrong-factor"));
        }
        let long = phone.answer(&approval, json!({"factor": "x".repeat(4_097)})).await;
        assert_eq!((long.status.as_u16(), long.wrong_field()), (422, ("factor".to_owned(), "too-long".to_owned())));
        assert_eq!(phone.written(&approval).await, before);
        assert_eq!((&before.0["state"], &before.1, &before.2), (&json!("open"), &json!([]), &json!([])));

        let answered = phone.answer(&approval, json!({"factor": "hers"})).await;
        assert_eq!((answered.status.as_u16(), &answered.json()["state"]), (200, &json!("approved")), "{}", answered.json());
        let (_, evidence, entries) = phone.written(&approval).await;
        let proof = &evidence[0];
        assert_eq!(proof["factor"], json!({"method": "recovery-code"}));
        assert_eq!(proof["signed_in"]["assurance"], "single-factor");
        let canonical = STANDARD.decode(proof["canonical"]["bytes"].as_str().unwrap()).unwrap();
        let canonical: Value = serde_json::from_slice(&canonical).unwrap();
        assert_eq!((&canonical["factor"], &canonical["format"]), (&json!({"method": "recovery-code"}), &json!("portal-evidence/1")));
        assert_eq!(entries[0]["detail"]["evidence"], proof["canonical"]["sha256"]);
        assert!(!evidence.to_string().contains("hers"), "what was presented is kept nowhere");
    }

    async fn several_at_once_obey_it_too(world: World) {
        let server = with_factor(world);
        assert_eq!(need(world, &server, true).await.status, 200);
        world.fakes.codes.give(world.client.id, "hers");
        let phone = Phone { world, server: &server, token: world.token(Who::Client).await.unwrap() };
        let (one, two) = (phone.asked().await, phone.asked().await);
        let items = json!([{"id": one["id"], "shown": one["shown"]}, {"id": two["id"], "shown": two["shown"]}]);
        let many = async |factor: Value| {
            let body = json!({"decision": "approved", "items": items, "factor": factor});
            phone.post("/api/v1/approvals/answer", &body).await
        };
        assert_eq!(refusal(&many(json!(null)).await), refused("factor-needed"));
        assert_eq!(refusal(&many(json!("no")).await), refused("wrong-factor"));
        for approval in [&one, &two] {
            let path = format!("/api/v1/approvals/{}", approval["id"].as_str().unwrap());
            assert_eq!(phone.written(&path).await.1, json!([]));
        }
        let done = many(json!("hers")).await;
        assert_eq!(done.status, 200, "{}", done.json());
        for approval in [&one, &two] {
            let path = format!("/api/v1/approvals/{}", approval["id"].as_str().unwrap());
            assert_eq!(phone.written(&path).await.1[0]["factor"]["method"], "recovery-code");
        }
    }

    async fn its_certificate_says_so_and_both_verifiers_take_it(world: World) {
        let server = with_factor(world);
        world.fakes.codes.give(world.client.id, "hers");
        let phone = Phone { world, server: &server, token: world.token(Who::Client).await.unwrap() };
        let approval = format!("/api/v1/approvals/{}", world.approval);
        assert_eq!(phone.answer(&approval, json!({"factor": "hers"})).await.status, 200);
        let sealed = world.portal.seal_due(&SealedHeads::default(), |_| ()).await.unwrap();
        assert!(sealed.failed.is_empty(), "{sealed:?}");
        let (_, evidence, _) = phone.written(&approval).await;
        let path = format!("{approval}/evidence/{}/certificate", evidence[0]["id"].as_str().unwrap());
        let file = async |path: &str| {
            let answer = world.get(path).token(&phone.token).send().await;
            assert_eq!(answer.status, 200, "{}", answer.json());
            answer.bytes
        };
        let (pdf, json) = (file(&path).await, file(&format!("{path}.json")).await);
        let certificate = Certificate::find(&pdf).unwrap();
        assert_eq!(certificate.json().as_bytes(), json);
        let keys = world.portal.audit_keys(&world.owner).await.unwrap();
        let trusted: Vec<_> = keys.iter().map(|key| key.key.clone()).collect();
        let certified = certificate.verify(&trusted).unwrap();
        assert_eq!(certified.evidence.factor.unwrap().method.as_str(), "recovery-code");

        let folder = tempfile::tempdir().unwrap();
        let (as_pdf, as_json, forged) = (folder.path().join("c.pdf"), folder.path().join("c.json"), folder.path().join("f.json"));
        std::fs::write(&as_pdf, &pdf).unwrap();
        std::fs::write(&as_json, &json).unwrap();
        let other = String::from_utf8(json.to_vec()).unwrap().replacen("recovery-code", "passkey", 1);
        std::fs::write(&forged, other).unwrap();
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/audit/verify_audit.py");
        let verify = |mut command: Command, file: &PathBuf| {
            command.arg(file);
            for key in &trusted {
                command.arg("--key").arg(key.to_string());
            }
            let output = command.output().expect("the verifier is needed for this test");
            (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let ours = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_portal-server"));
            command.arg("verify-audit");
            command
        };
        let in_python = || {
            let mut command = Command::new("python3");
            command.arg("-B").arg(&script);
            command
        };
        let (status, said) = verify(ours(), &as_pdf);
        assert_eq!(status, 0, "{said}");
        assert!(said.contains("second factor: recovery-code, confirmed with the answer"), "{said}");
        assert!(said.contains("pages: they say just this"), "{said}");
        assert_eq!(verify(in_python(), &as_json), (0, "verified\n".to_owned()));
        for command in [ours(), in_python()] {
            assert_eq!(verify(command, &forged).0, 1, "another factor is found");
        }
    }
}
