//! Erasing what is personal of a client in the trail: nothing of it is left, every proof holds, and the evidence of what they
//! answered still belongs to its entry.

use std::sync::Arc;

use portal_core::approval::{Answer, ApprovalDraft, Decision};
use portal_core::audit::export::{AuditExport, Outcome, Verifier};
use portal_core::audit::note::VerifierKey;
use portal_core::audit::{AuditEntry, AuditFilter, Erased, OwnRecords, SealedHeads};
use portal_core::{AccessId, Context, Locator, Origin, PageRequest, Store};

use crate::entering::entered;
use crate::portal::Desk;

/// What must be gone afterwards.
const PERSONAL: [&str; 5] = [
    "203.0.113.55",
    "Amina's phone",
    "amina-request",
    "198.51.100.77",
    "Somebody's browser",
];

fn origin(ip: &str, browser: &str) -> Origin {
    Origin {
        ip: Some(ip.parse().unwrap()),
        user_agent: Some(browser.into()),
        request_id: Some("amina-request".into()),
    }
}

/// Somebody asks for a link from elsewhere and types a wrong code.
async fn fails_to_sign_in(desk: &Desk, access: AccessId) {
    let from = origin("198.51.100.77", "Somebody's browser");
    let workspace = Locator::of_access(desk.practice.id, access);
    let asked = desk.portal.ask_for_link(workspace, None, from.clone());
    asked.await.unwrap();
    desk.portal.drain().await.unwrap();
    let (link, code) = desk.last_link();
    let wrong = if code.starts_with('1') {
        "22222222"
    } else {
        "11111111"
    };
    let refused = desk.portal.redeem_link(&link, None, Some(wrong), from).await;
    refused.unwrap_err();
}

async fn seal(desk: &Desk, heads: &SealedHeads) {
    loop {
        let done = desk.portal.seal_due(heads, |_| ()).await.unwrap();
        assert_eq!(done.failed, []);
        if !done.more {
            return;
        }
    }
}

async fn entries(desk: &Desk, action: Option<&str>) -> Vec<AuditEntry> {
    let filter = AuditFilter {
        action: action.map(str::to_owned),
        ..AuditFilter::default()
    };
    let page = PageRequest::first(200);
    let found = desk
        .portal
        .store()
        .audit_entries(desk.practice.id, &filter, &page);
    found.await.unwrap().items
}

/// The export, and what the verifier says of it.
async fn exported(desk: &Desk) -> (String, Outcome, Vec<VerifierKey>) {
    let (store, practice) = (desk.portal.store(), desk.practice.id);
    let keys = store.audit_keys(practice).await.unwrap();
    let keys: Vec<VerifierKey> = keys.iter().map(|kept| kept.key.parse().unwrap()).collect();
    let mut export = AuditExport::of(&desk.portal, practice).await.unwrap();
    let mut verifier = Verifier::new(&keys, &[]).unwrap();
    let mut text = String::new();
    while let Some(lines) = export.next_lines().await.unwrap() {
        lines
            .split_inclusive(|byte| *byte == b'\n')
            .for_each(|line| verifier.line(line));
        text.push_str(std::str::from_utf8(&lines).unwrap());
    }
    let outcome = verifier.finish();
    (text, outcome, keys)
}

async fn erase(desk: &Desk, owner: &Context, client: portal_core::ClientId) -> Erased {
    desk.portal.erase_from_audit(owner, client).await.unwrap()
}

pub(crate) async fn erasing_a_client_leaves_proofs_and_evidence_as_they_are(store: Arc<dyn Store>) {
    let (desk, heads) = (Desk::on(store).await, SealedHeads::default());
    let (amina, access) = desk.client().await;
    let owner = desk.owner().await;
    let found = desk.portal.access(&owner, access).await.unwrap();
    let context = entered(&desk, access, origin("203.0.113.55", "Amina's phone")).await;
    fails_to_sign_in(&desk, access).await;
    let draft = ApprovalDraft {
        title: "Your statement".into(),
        people: vec![amina.id],
        ..ApprovalDraft::default()
    };
    let asked = desk.portal.ask_approval(&owner, found.matter.id, &draft).await;
    let approval = asked.unwrap().approval;
    let answer = Answer {
        decision: Decision::Declined,
        comment: "My name is spelled otherwise.".into(),
        shown: approval.shown_hash(),
    };
    let answered = desk.portal.answer_approval(&context, approval.id, &answer, None);
    answered.await.unwrap();
    let (store, practice) = (desk.portal.store(), desk.practice.id);
    let evidence = store.evidence(practice, approval.id).await.unwrap().remove(0);

    // Nothing is sealed yet: nothing can be erased, and that is told.
    let told = erase(&desk, &owner, amina.id).await;
    assert_eq!((told.entries, told.evidence_kept), (0, 1));
    assert!(told.unsealed >= 4, "{told:?}");
    assert_eq!(entries(&desk, Some(OwnRecords::ERASED)).await, []);

    seal(&desk, &heads).await;
    let (before, outcome, _) = exported(&desk).await;
    assert!(outcome.is_verified(), "{outcome:?}");
    for personal in PERSONAL {
        assert!(before.contains(personal), "{personal} is there to be erased");
    }
    let bound = entries(&desk, Some("approval.declined")).await.remove(0);
    assert_eq!(evidence.belongs_to(&bound), Ok(()));

    let done = erase(&desk, &owner, amina.id).await;
    assert_eq!(
        (done.entries, done.unsealed, done.evidence_kept),
        (told.unsealed, 0, 1)
    );
    let all = format!("{:?}", entries(&desk, None).await);
    for personal in PERSONAL {
        assert!(!all.contains(personal), "{personal} is still there");
    }
    // From where staff acted is theirs and stays.
    assert!(all.contains("192.0.2.1"));

    // Asked again it answers 0, also once its own account is sealed, and leaves no more accounts.
    let nothing = Erased {
        evidence_kept: 1,
        ..Erased::default()
    };
    let accounts = entries(&desk, Some(OwnRecords::ERASED)).await;
    let counted: u64 = accounts
        .iter()
        .map(|it| it.detail["entries"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, done.entries);
    assert_eq!(erase(&desk, &owner, amina.id).await, nothing);
    seal(&desk, &heads).await;
    assert_eq!(erase(&desk, &owner, amina.id).await, nothing);
    assert_eq!(entries(&desk, Some(OwnRecords::ERASED)).await, accounts);

    // The evidence is as it was and belongs to its entry, which is the one that was sealed.
    assert_eq!(
        store.evidence(practice, approval.id).await.unwrap(),
        std::slice::from_ref(&evidence)
    );
    let bound = entries(&desk, Some("approval.declined")).await.remove(0);
    assert_eq!(bound.origin, Origin::default());
    assert_eq!(evidence.belongs_to(&bound), Ok(()));
    let (after, outcome, keys) = exported(&desk).await;
    assert!(outcome.is_verified(), "{outcome:?}");
    for personal in PERSONAL {
        assert!(!after.contains(personal), "{personal} is still in the export");
    }
    let proof = desk.portal.audit_proof(practice, bound.id).await.unwrap();
    let proof = proof.expect("it is sealed");
    assert_eq!(proof.verify(&keys).unwrap().entry, bound.id);
    assert!(proof.entry.contains(&evidence.hash().to_string()));
}
