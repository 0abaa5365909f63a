//! Entries that an older server wrote, which lets none wait for its seal.

use portal_core::audit::{AuditEntry, AuditFilter, SealedHeads, Subject, Sweep};
use portal_core::testing::{Fakes, Samples};
use portal_core::{Actor, AuditId, Change, Context, PageRequest, Portal, Store, Timestamp};
use std::sync::Arc;

async fn write(portal: &Portal, samples: &Samples, count: usize) -> Vec<AuditId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let ctx = Context {
            at: portal.now(),
            ..samples.context(Actor::System("import"))
        };
        let subject = Subject::new("client", samples.practice);
        let entry = AuditEntry::new(samples.id(), &ctx, "client.imported", subject);
        ids.push(entry.id);
        portal.store().commit(Change::audited(entry)).await.unwrap();
    }
    ids
}

async fn seal(portal: &Portal) -> u64 {
    let done = portal.seal_due(&SealedHeads::default(), |_| ()).await.unwrap();
    assert!(done.failed.is_empty(), "{done:?}");
    done.entries
}

/// The whole trail, as a worker does that is not disturbed; how many entries it found.
async fn swept(portal: &Portal, samples: &Samples, from: Timestamp) -> u64 {
    let mut sweep = Sweep::new(samples.practice, from);
    while !sweep.is_over() {
        assert!(
            portal.sweep_audit(&mut sweep).await.unwrap(),
            "nothing is sealed meanwhile"
        );
    }
    sweep.missed()
}

/// `forget` makes all entries that wait as an older server would have left them.
pub(crate) async fn entries_that_nobody_let_wait_are_found_and_sealed_once(
    store: Arc<dyn Store>,
    forget: impl AsyncFn(),
) {
    let (fakes, samples) = (Fakes::default(), Samples::new(41));
    let portal = fakes.portal(store.clone());
    // Before anything is sealed there is no head that keeps two sweeps apart: what tells of the find is sealed first.
    let mut written = write(&portal, &samples, 3).await;
    forget().await;
    assert_eq!(seal(&portal).await, 0, "nobody knows of them");
    let mut sweep = Sweep::new(samples.practice, Timestamp::UNIX_EPOCH);
    for _ in 0..3 {
        assert!(!portal.sweep_audit(&mut sweep).await.unwrap());
    }
    assert_eq!(
        seal(&portal).await,
        1,
        "one entry tells of it, however often one looks"
    );
    assert!(portal.sweep_audit(&mut sweep).await.unwrap());
    assert_eq!((sweep.missed(), seal(&portal).await), (3, 4));

    // Beside a newer server, and more than one look takes in.
    written.extend(write(&portal, &samples, 1_100).await);
    assert_eq!(
        swept(&portal, &samples, Timestamp::UNIX_EPOCH).await,
        0,
        "all of them wait"
    );
    seal(&portal).await;
    written.extend(write(&portal, &samples, 1_100).await);
    forget().await;
    written.extend(write(&portal, &samples, 5).await);
    let later = portal.now() + portal_core::Duration::hours(1);
    assert_eq!(swept(&portal, &samples, later).await, 0, "nothing happened since");
    // A batch that is sealed at the same time comes first; the sweep looks again.
    let mut sweep = Sweep::new(samples.practice, Timestamp::UNIX_EPOCH);
    while sweep.missed() == 0 {
        portal.sweep_audit(&mut sweep).await.unwrap();
    }
    let tree = store.audit_tree(samples.practice).await.unwrap().unwrap();
    assert!(seal(&portal).await > 5);
    let again = store
        .swept(samples.practice, (Timestamp::UNIX_EPOCH, samples.id()), 5_000)
        .await
        .unwrap();
    let missed = again.iter().filter(|it| it.missed).count();
    assert!(missed > 0, "the rest");
    let late = again.iter().filter(|it| it.missed).copied();
    let ctx = samples.context(Actor::System("sealer"));
    let entry = AuditEntry::new(
        samples.id(),
        &ctx,
        "audit.missed",
        Subject::new("practice", samples.practice),
    );
    let change = Change::audited(entry).while_unchanged(
        portal_core::RecordKind::AuditTree,
        samples.practice,
        tree.version,
    );
    let change = late.fold(change, Change::wait_for_seal);
    assert_eq!(store.commit(change).await, Err(portal_core::StoreError::Stale));
    assert_eq!(
        swept(&portal, &samples, Timestamp::UNIX_EPOCH).await,
        missed as u64
    );
    seal(&portal).await;
    assert_eq!(swept(&portal, &samples, Timestamp::UNIX_EPOCH).await, 0);

    let size = store.audit_tree(samples.practice).await.unwrap().unwrap().size;
    let sealed = store.sealed_entries(samples.practice, 0, 10_000).await.unwrap();
    assert_eq!(sealed.len() as u64, size);
    let mut places: Vec<AuditId> = sealed.iter().map(|row| row.seal.entry_id).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len() as u64, size, "each has one place");
    assert!(
        written.iter().all(|id| places.binary_search(id).is_ok()),
        "and all have one"
    );
    let told = AuditFilter {
        action: Some("audit.missed".to_owned()),
        ..AuditFilter::default()
    };
    let told = store
        .audit_entries(samples.practice, &told, &PageRequest::first(50))
        .await
        .unwrap();
    let told: Vec<u64> = told
        .items
        .iter()
        .filter_map(|entry| entry.detail["entries"].as_u64())
        .collect();
    assert_eq!(told.iter().sum::<u64>(), 3 + 3 + 1_100);
}
