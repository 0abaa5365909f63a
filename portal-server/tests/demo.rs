//! The demo's records hang together.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

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
