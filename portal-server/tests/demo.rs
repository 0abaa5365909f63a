//! The demo's records hang together.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use portal_core::approval::{ApprovalFilter, ApprovalItem, ApprovalState, Decision};
use portal_core::matter::{MatterFilter, MatterSort};
use portal_core::testing::{Fakes, MemoryStore};
use portal_core::{Context, PageRequest, Portal};
use portal_server::demo;

#[tokio::test]
async fn the_demo_has_matters_in_every_state_and_a_portal_to_open() {
    let fakes = Fakes::default();
    let parts = fakes.parts(Arc::new(MemoryStore::default()));
    let portal = Portal::new(parts.clone());
    assert!(demo::signs(&portal).await.unwrap().is_none());
    let now = portal.now();
    demo::seed(&parts).await.unwrap();
    let signs = demo::signs(&portal)
        .await
        .unwrap()
        .expect("there is a client to look at");
    assert!(signs.portal_url.starts_with("https://portal.test/p/"));

    let ctx = Context::system(signs.practice, "test", portal.now());
    let page = PageRequest::first(50).with_total();
    let matters = portal
        .matters(&ctx, &MatterFilter::default(), MatterSort::Reference, &page)
        .await
        .unwrap();
    assert_eq!(matters.total, Some(12));
    assert!(
        matters.items.iter().all(|m| m.matter.updated_at <= now),
        "its history ends now"
    );
    let asked: u64 = matters.items.iter().map(|m| m.requests.asked()).sum();
    let done: u64 = matters.items.iter().map(|m| m.requests.done()).sum();
    assert!(done > 5 && done < asked, "{done} of {asked}");
    assert!(matters.items.iter().any(|m| m.to_review > 0));
    assert!(matters.items.iter().any(|m| m.requests.returned > 0));
    assert!(fakes.mail.sent().len() > 20);
}

#[tokio::test]
async fn the_demo_shows_approvals_that_wait_and_that_were_answered_with_evidence() {
    let fakes = Fakes::default();
    let parts = fakes.parts(Arc::new(MemoryStore::default()));
    let portal = Portal::new(parts.clone());
    let now = portal.now();
    demo::seed(&parts).await.unwrap();
    let signs = demo::signs(&portal).await.unwrap().unwrap();

    let ctx = Context::system(signs.practice, "test", portal.now());
    let found = portal
        .approvals(&ctx, &ApprovalFilter::default(), &PageRequest::first(50))
        .await
        .unwrap();
    let only = |state: ApprovalState| -> &ApprovalItem {
        let mut found = found
            .items
            .iter()
            .filter(|item| item.approval.state_at(now) == state);
        let first = found.next().expect("there is one");
        assert!(found.next().is_none(), "one that is {}", state.as_str());
        first
    };

    let waits = only(ApprovalState::Open);
    assert_eq!(waits.approval.documents.len(), 2);
    assert_eq!(Some(&waits.approval.terms.title), signs.to_approve.as_ref());
    assert!(waits.people.iter().any(|person| person.name == signs.client));
    assert!(
        waits.approval.terms.due_on.unwrap() > now.date(),
        "it is not late yet"
    );

    for (state, decision) in [
        (ApprovalState::Approved, Decision::Approved),
        (ApprovalState::Declined, Decision::Declined),
    ] {
        let answered = only(state).approval.id;
        let (_, evidence) = portal.evidence(&ctx, answered).await.unwrap();
        let [evidence] = evidence.as_slice() else {
            panic!("one answer")
        };
        assert_eq!(evidence.decision, decision);
        assert!(!evidence.comment.is_empty());
        let from = &evidence.circumstances.from;
        assert!(from.ip.is_some() && from.user_agent.is_some());
        assert_eq!(&evidence.circumstances.signed_in.from, from);
        assert!(evidence.at < now, "its history ends now");
    }
}
