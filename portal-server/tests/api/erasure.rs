//! Erasing a client's personal data from the audit trail, over the API.

use portal_core::audit::{SealedHeads, erasure_words};
use serde_json::json;

use crate::on_both_databases;
use crate::world::{Who, World};

on_both_databases! {
    async fn a_client_is_erased_once_and_the_answer_says_what_is_kept(world: World) {
        let token = world.owner_token().await;
        let client = world.token(Who::Client).await.unwrap();
        let shown = world.get(&format!("/api/v1/approvals/{}", world.approval)).token(&client).send().await.json();
        let answer = json!({"decision": "approved", "comment": "Yes.", "shown": shown["shown"]});
        let answered = world.post(&format!("/api/v1/approvals/{}/answer", world.approval)).token(&client).json(&answer).send().await;
        assert_eq!(answered.status, 200, "{:?}", answered.json());
        world.portal.seal_due(&SealedHeads::default(), |_| ()).await.unwrap();

        let path = format!("/api/v1/clients/{}/erase-from-audit", world.client.id);
        let words = erasure_words(&world.client);
        for body in [json!({"confirm": "somebody else"}), json!({"confirm": ""})] {
            let refused = world.post(&path).token(&token).json(&body).send().await;
            assert_eq!(refused.status, 422, "{:?}", refused.json());
            assert_eq!(refused.wrong_field(), ("confirm".to_owned(), "not-confirmed".to_owned()));
        }
        let body = json!({"confirm": words});
        let done = world.post(&path).token(&token).json(&body).send().await;
        assert_eq!(done.status, 200, "{:?}", done.json());
        let done = done.json();
        assert!(done["entries"].as_u64().unwrap() >= 2, "{done}");
        assert_eq!((&done["unsealed"], &done["evidence_kept"]), (&json!(0), &json!(1)));
        let again = world.post(&path).token(&token).json(&body).send().await;
        assert_eq!(again.json(), json!({"entries": 0, "unsealed": 0, "evidence_kept": 1}));

        // The evidence is what it was, and so is the certificate.
        let evidence = world.get(&format!("/api/v1/approvals/{}/evidence", world.approval)).token(&token).send().await.json();
        let kept = &evidence["items"][0];
        assert_eq!(kept["comment"], "Yes.");
        let certificate = format!("/api/v1/approvals/{}/evidence/{}/certificate.json", world.approval, kept["id"].as_str().unwrap());
        assert_eq!(world.get(&certificate).token(&token).send().await.status, 200);
        let erased = world.get("/api/v1/audit?action=audit.erased&total=true").token(&token).send().await.json();
        assert!(erased["total"].as_u64().unwrap() >= 1, "{erased}");
    }
}
