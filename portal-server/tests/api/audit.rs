//! The audit trail: search, checkpoint, keys, proofs and files that a stranger can check.

use portal_core::audit::export::{AuditProof, Outcome, Verifier};
use portal_core::audit::note::VerifierKey;
use portal_core::audit::{AuditTree, SealedHeads};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::World;

async fn get(world: &World, token: &str, path: &str) -> Value {
    let answer = world.get(path).token(token).send().await;
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.json());
    answer.json()
}

/// As the worker does.
async fn seal(world: &World) -> AuditTree {
    let mut last = None;
    let done = world
        .portal
        .seal_due(&SealedHeads::default(), |tree| last = Some(tree.clone()))
        .await
        .unwrap();
    assert!(done.failed.is_empty(), "{done:?}");
    last.unwrap()
}

fn verify(bytes: &[u8], keys: &[VerifierKey], older: &[&str]) -> Outcome {
    let mut verifier = Verifier::new(keys, older).unwrap();
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .for_each(|line| verifier.line(line));
    verifier.finish()
}

on_both_databases! {
    async fn a_stranger_can_check_what_is_exported(world: World) {
        let token = world.owner_token().await;
        let none = world.get("/api/v1/audit/checkpoint").token(&token).send().await;
        assert_eq!(none.status, 404, "nothing is sealed yet");
        seal(world).await;
        let first = get(world, &token, "/api/v1/audit/checkpoint").await;
        let keys = get(world, &token, "/api/v1/audit/keys").await;
        let keys: Vec<VerifierKey> = keys["items"].as_array().unwrap().iter().map(|key| key["key"].as_str().unwrap().parse().unwrap()).collect();
        assert_eq!(first["key"], json!(keys[0].to_string()));

        // The download is in the trail itself.
        let answer = world.get("/api/v1/audit/export.jsonl").token(&token).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/jsonl"));
        seal(world).await;
        let old = first["checkpoint"].as_str().unwrap();
        let answer = world.get("/api/v1/audit/export.jsonl").token(&token).send().await;
        let outcome = verify(&answer.bytes, &keys, &[old]);
        assert!(outcome.is_verified(), "{outcome:#?}");
        let exported = get(world, &token, "/api/v1/audit?action=audit.exported&total=true").await;
        assert_eq!(exported["total"], 2);

        let mut changed = answer.bytes.to_vec();
        let at = changed.windows(16).position(|window| window == b"\"audit.exported\"").unwrap();
        changed[at + 1] = b'A';
        let outcome = verify(&changed, &keys, &[old]);
        let entry = outcome.faults[0].entry.unwrap();
        assert!(outcome.faults[0].to_string().contains("the entry was changed"), "{outcome:#?}");

        // That very entry is proven by itself.
        let rows = world.portal.store().sealed_entries(world.practice, entry, 1).await.unwrap();
        let id = rows[0].entry.as_ref().unwrap().id;
        let proof = get(world, &token, &format!("/api/v1/audit/{id}/proof")).await;
        let proof: AuditProof = serde_json::from_value(proof).unwrap();
        assert_eq!(proof.verify(&keys).unwrap().entry, id);
        let unknown = world.get("/api/v1/audit/01a1fb52-040e-77b2-86cb-73b75961d8b8/proof").token(&token).send().await;
        assert_eq!(unknown.status, 404);

        let answer = world.get("/api/v1/audit/export.csv").token(&token).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/csv; charset=utf-8"));
        let mut file = csv::Reader::from_reader(answer.bytes.as_ref());
        let rows: Vec<csv::StringRecord> = file.records().collect::<Result<_, _>>().unwrap();
        let size = get(world, &token, "/api/v1/audit/checkpoint").await["size"].as_u64().unwrap();
        assert_eq!(rows.len() as u64, size);
        assert!(rows.iter().enumerate().all(|(at, row)| row[0] == at.to_string()));
    }

    async fn the_trail_is_searched(world: World) {
        let token = world.owner_token().await;
        let all = get(world, &token, "/api/v1/audit?total=true").await["total"].as_u64().unwrap();
        let signed = get(world, &token, "/api/v1/audit?action=staff.signed-in&total=true").await;
        let (staff, at) = (signed["items"][0]["staff_id"].as_str().unwrap().to_owned(), signed["items"][0]["at"].as_str().unwrap().to_owned());
        let ip = signed["items"][0]["ip"].as_str().map(str::to_owned);
        let own = get(world, &token, &format!("/api/v1/audit?staff_id={staff}&total=true")).await;
        assert!(own["items"].as_array().unwrap().iter().all(|entry| entry["staff_id"] == json!(staff)));
        let before = get(world, &token, &format!("/api/v1/audit?until={at}&total=true")).await["total"].as_u64().unwrap();
        let after = get(world, &token, &format!("/api/v1/audit?from={at}&total=true")).await["total"].as_u64().unwrap();
        assert_eq!(before + after, all, "a moment is in one of them");
        assert!(after >= 1);
        if let Some(ip) = ip {
            let there = get(world, &token, &format!("/api/v1/audit?ip={ip}")).await;
            assert!(there["items"].as_array().unwrap().iter().all(|entry| entry["ip"] == json!(ip)));
        }
        let elsewhere = get(world, &token, "/api/v1/audit?ip=2001:db8::99&total=true").await;
        assert_eq!(elsewhere["total"], 0);
        let nobody = get(world, &token, "/api/v1/audit?client_id=01a1fb52-040e-77b2-86cb-73b75961d8b8&total=true").await;
        assert_eq!(nobody["total"], 0);
        for query in ["ip=somewhere", "from=yesterday", "staff_id=me", "colour=blue"] {
            let answer = world.get(&format!("/api/v1/audit?{query}")).token(&token).send().await;
            assert_eq!(answer.status, 422, "{query}");
            assert_eq!(answer.wrong_field().0, query.split('=').next().unwrap(), "{query}");
        }
    }
}
