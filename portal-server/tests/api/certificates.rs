//! The certificate of an answer: for whom it is, when, always the same, and what a stranger finds who verifies it.

use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::Method;
use portal_core::approval::{Certificate, CertificateFault, NotBound};
use portal_core::audit::export::ProofError;
use portal_core::audit::note::{NoteError, VerifierKey};
use portal_core::audit::{AuditTree, SealedHeads};
use portal_core::{Duration, PageRequest};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::world::{Answer, Who, World};

const COMMENT: &str = "Yes \u{1f44d}, \u{645}\u{648}\u{627}\u{641}\u{642}\nand thank you";

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

/// The client answers what is asked; where the certificate of that is.
async fn answered(world: &World, client: &str) -> String {
    let approval = format!("/api/v1/approvals/{}", world.approval);
    let shown = world.get(&approval).token(client).send().await.json()["shown"].clone();
    let answer = json!({"decision": "approved", "comment": COMMENT, "shown": shown});
    let path = format!("{approval}/answer");
    let answer = world
        .ask(Method::POST, &path)
        .token(client)
        .json(&answer)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let evidence = world
        .get(&format!("{approval}/evidence"))
        .token(client)
        .send()
        .await
        .json();
    let id = evidence["items"][0]["id"].as_str().unwrap();
    format!("{approval}/evidence/{id}/certificate")
}

async fn get(world: &World, token: &str, path: &str) -> Answer {
    world.get(path).token(token).send().await
}

async fn keys(world: &World) -> Vec<VerifierKey> {
    let keys = world.portal.audit_keys(&world.owner).await.unwrap();
    keys.into_iter().map(|key| key.key).collect()
}

/// What a verifier that is a program of its own says: exit status and words.
fn verified(mut command: Command, file: &Path, keys: &[VerifierKey]) -> (i32, String) {
    command.arg(file);
    for key in keys {
        command.arg("--key").arg(key.to_string());
    }
    let output = command.output().expect("the verifier is needed for this test");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), said)
}

fn ours() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portal-server"));
    command.arg("verify-audit");
    command
}

fn in_python() -> Command {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/audit/verify_audit.py");
    let mut command = Command::new("python3");
    command.arg("-B").arg(script);
    command
}

/// One thing that somebody does to a certificate, and the part that is wrong then.
type Forgery = (&'static str, fn(&mut Value), &'static str);

fn change(text: &mut Value, from: &str, to: &str) {
    let changed = text.as_str().unwrap().replacen(from, to, 1);
    assert_ne!(changed, text.as_str().unwrap(), "{from}");
    *text = json!(changed);
}

const FORGERIES: [Forgery; 11] = [
    (
        "comment",
        |it| change(&mut it["evidence"], "thank you", "thank me"),
        "the evidence was changed",
    ),
    (
        "title",
        |it| change(&mut it["evidence"], "Your statement", "Your cheque"),
        "what was shown does not have the hash",
    ),
    (
        "time",
        |it| change(&mut it["evidence"], "\"answered_at\":\"2", "\"answered_at\":\"1"),
        "`at` differs",
    ),
    (
        "decision",
        |it| change(&mut it["evidence"], "\"approved\"", "\"declined\""),
        "`action` differs",
    ),
    (
        "form",
        |it| change(&mut it["evidence"], "portal-evidence/1", "portal-evidence/2"),
        "not evidence in the form",
    ),
    (
        "no evidence",
        |it| it["evidence"] = json!("{}"),
        "not evidence in the form",
    ),
    (
        "entry",
        |it| {
            change(
                &mut it["proof"]["entry"],
                "approval.approved",
                "approval.declined",
            );
        },
        "the entry was changed",
    ),
    (
        "place",
        |it| change(&mut it["proof"]["entry"], "\"position\":", "\"position\":1"),
        "the entry is not in the trail",
    ),
    (
        "path",
        |it| it["proof"]["path"] = json!([]),
        "the entry is not in the trail",
    ),
    (
        "head",
        |it| change(&mut it["proof"]["checkpoint"], "\n", "\n1"),
        "that is wrong: the text is not the one that was signed",
    ),
    (
        "format",
        |it| it["format"] = json!("portal-certificate/2"),
        "not of the form",
    ),
];

on_both_databases! {
    async fn it_is_made_once_the_answer_is_sealed_and_always_the_same(world: World) {
        let (owner, client) = (world.owner_token().await, world.token(Who::Client).await.unwrap());
        seal(world).await;
        let path = answered(world, &client).await;
        let json_path = format!("{path}.json");
        for path in [&path, &json_path] {
            let early = get(world, &client, path).await;
            assert_eq!((early.status.as_u16(), early.header("retry-after")), (409, "1"), "{}", early.json());
            assert_eq!(early.json()["type"], "/problems/not-sealed");
        }
        let head = seal(world).await;

        let (pdf, json) = (get(world, &owner, &path).await, get(world, &owner, &json_path).await);
        assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
        assert!(pdf.header("content-disposition").starts_with("attachment; filename=\"certificate-"));
        assert!(pdf.bytes.starts_with(b"%PDF-1.7"));
        assert_eq!((json.status.as_u16(), json.header("content-type")), (200, "application/json"));
        let certificate = Certificate::find(&pdf.bytes).unwrap();
        assert_eq!(certificate.json().as_bytes(), json.bytes, "the attached file is the other answer");
        let certified = certificate.verify(&keys(world).await).unwrap();
        assert_eq!(certified.evidence.comment, COMMENT);
        assert_eq!(certified.checkpoint.size, head.size, "the head that sealed the answer is kept, though another was a moment ago");
        // It says nothing of the rest of the trail: what else the entry holds is closed.
        assert!(!certificate.proof.entry.contains("origin.ip"), "{}", certificate.proof.entry);

        // The trail grows, other checkpoints are kept, the client is erased: the bytes stay the same, for whoever asks.
        for _ in 0..2 {
            world.fakes.clock.advance(Duration::minutes(11));
            let owner = world.owner_token().await;
            seal(world).await;
            assert_eq!(get(world, &owner, &path).await.bytes, pdf.bytes);
        }
        world.portal.erase_from_audit(&world.owner, world.client.id).await.unwrap();
        seal(world).await;
        let client = world.token(Who::Client).await.unwrap();
        assert_eq!(get(world, &client, &path).await.bytes, pdf.bytes);
        assert_eq!(get(world, &client, &json_path).await.bytes, json.bytes);
        let filter = portal_core::audit::AuditFilter { action: Some("approval.certificate-made".into()), ..Default::default() };
        let made = world.portal.audit_entries(&world.owner, &filter, &PageRequest::default()).await.unwrap();
        assert_eq!(made.items.len(), 6, "each download leaves an entry, and one that was refused none");
    }

    async fn it_is_for_those_who_may_see_the_answer(world: World) {
        let client = world.token(Who::Client).await.unwrap();
        let path = answered(world, &client).await;
        seal(world).await;
        let wanted = [401, 404, 404, 200, 200, 404, 200, 200, 200];
        for (who, status) in Who::ALL.into_iter().zip(wanted) {
            // The client's link is spent.
            let token = if who == Who::Client { Some(client.clone()) } else { world.token(who).await };
            for path in [path.clone(), format!("{path}.json")] {
                let ask = world.get(&path);
                let answer = match &token {
                    Some(token) => ask.token(token).send().await,
                    None => ask.send().await,
                };
                assert_eq!(answer.status, status, "{who:?} {path}");
            }
        }
        let owner = world.owner_token().await;
        let (approval, _) = path.split_once("/evidence/").unwrap();
        let unknown = format!("{approval}/evidence/01a1fb52-040e-77b2-86cb-73b75961d8b8/certificate");
        assert_eq!(get(world, &owner, &unknown).await.status, 404);
        assert_eq!(get(world, &owner, &format!("{approval}/evidence/x/certificate")).await.status, 404);
    }

    async fn two_verifiers_agree_on_what_is_wrong(world: World) {
        let (owner, client) = (world.owner_token().await, world.token(Who::Client).await.unwrap());
        let path = answered(world, &client).await;
        // More entries after it, so that it has a path to the root of which something can be left out.
        get(world, &owner, "/api/v1/audit").await;
        seal(world).await;
        let (pdf, json) = (get(world, &owner, &path).await, get(world, &owner, &format!("{path}.json")).await);
        let keys = keys(world).await;
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let (as_pdf, as_json) = (file("certificate.pdf", &pdf.bytes), file("certificate.json", &json.bytes));
        for certificate in [&as_pdf, &as_json] {
            let (status, said) = verified(ours(), certificate, &keys);
            assert_eq!(status, 0, "{said}");
            assert!(said.starts_with("verified: \"Amina"), "{said}");
            assert!(said.contains("approved \"Your statement\""), "{said}");
            assert_eq!(certificate == &as_pdf, said.contains("pages: they say just this"), "{said}");
        }
        let (status, said) = verified(in_python(), &as_json, &keys);
        assert_eq!((status, said.as_str()), (0, "verified\n"));

        for (what, forge, wrong) in FORGERIES {
            let mut forged: Value = serde_json::from_slice(&json.bytes).unwrap();
            forge(&mut forged);
            // In the order of the format, which a map has not.
            let text = format!("{{\"format\":{},\"evidence\":{},\"proof\":{{\"format\":{},\"entry\":{},\"path\":{},\"checkpoint\":{}}}}}",
                forged["format"], forged["evidence"], forged["proof"]["format"], forged["proof"]["entry"], forged["proof"]["path"], forged["proof"]["checkpoint"]);
            let forged = file("forged.json", text.as_bytes());
            let (status, said) = verified(ours(), &forged, &keys);
            assert_eq!(status, 1, "{what}: {said}");
            assert!(said.starts_with("NOT VERIFIED\n") && said.contains(wrong), "{what}: {said}");
            assert_eq!(verified(in_python(), &forged, &keys).0, 1, "{what}");
        }

        let foreign: VerifierKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".parse().unwrap();
        let (status, said) = verified(ours(), &as_pdf, std::slice::from_ref(&foreign));
        assert_eq!(status, 1);
        assert!(said.contains("the proof: the checkpoint is signed by a key that was not given"), "{said}");
        let certificate = Certificate::find(&pdf.bytes).unwrap();
        let faults = certificate.verify(&[foreign]).unwrap_err();
        assert!(matches!(faults.as_slice(), [CertificateFault::Proof(ProofError::Checkpoint(NoteError::UnknownKey(_)))]), "{faults:?}");
        // Both of two wrong parts are told.
        let mut twice = certificate;
        twice.evidence = twice.evidence.replacen("thank you", "thank me", 1);
        twice.proof.path.clear();
        let faults = twice.verify(&keys).unwrap_err();
        assert_eq!(faults, [CertificateFault::Proof(ProofError::NotIncluded), CertificateFault::Evidence(NotBound::Changed)]);

        // Other pages around the same evidence: what was verified is said, and that they were not looked at.
        let mut repainted = pdf.bytes.to_vec();
        repainted.extend_from_slice(b"% another page");
        let (status, said) = verified(ours(), &file("repainted.pdf", &repainted), &keys);
        assert_eq!(status, 0, "{said}");
        assert!(said.contains("pages: NOT CHECKED"), "{said}");
        let (status, said) = verified(ours(), &file("empty.pdf", b"%PDF-1.7\n%%EOF\n"), &keys);
        assert_eq!(status, 1);
        assert!(said.contains("there is no certificate in this file"), "{said}");
    }
}
