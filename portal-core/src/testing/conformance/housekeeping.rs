//! Tidying.

use super::read_back::{must_have, read_back};
use super::world::{World, claiming, got, put};
use crate::access::LinkUse;
use crate::audit::AuditFilter;
use crate::identity::{Person, Session, SessionEnd};
use crate::{Change, Digest, Duration, Event, EventState, KEY_KEPT, KeyClaim, PageRequest, Record, Store};

pub(super) async fn tidying_takes_only_what_it_says(store: &dyn Store) {
    let world = World::in_store(store, 130).await;
    let World { samples: s, .. } = &world;
    let now = s.at;
    let ago = |days| s.at(now - Duration::days(days));
    let (going, staying) = long_over_and_not(&world);
    put(store, going.clone()).await;
    put(store, staying.clone()).await;
    let event = |state| Event {
        state,
        ..ago(90).event(&world.case, &world.owner)
    };
    let (done, pending, dead) = (
        event(EventState::Done),
        event(EventState::Pending),
        event(EventState::Dead),
    );
    put(store, [done.clone(), pending.clone(), dead.clone()]).await;
    let delivery = ago(90).delivery(&done, &world.case, &world.anna);
    put(store, [delivery.clone()]).await;
    got(store
        .commit(Change::audited(
            ago(90).audit(&s.as_staff(&world.owner), &world.case),
        ))
        .await);
    let (past, future) = (now - Duration::seconds(1), now + Duration::seconds(1));
    got(store.count(world.id(), "old", past).await);
    got(store.count(world.id(), "young", future).await);
    let command = Digest::of(b"command");
    let claim = async |key: &str, until| {
        got(store
            .claim_key(world.id(), key, claiming(command, until), past)
            .await)
    };
    claim("old", past - KEY_KEPT).await;
    claim("young", future).await;

    let gone = got(store.tidy(now).await);
    // Two sessions, two links, an upload, an event, a counter and a key.
    assert_eq!(gone, 8, "rows that went");
    for record in &going {
        assert_eq!(read_back(store, record).await, None, "over for more than 30 days");
    }
    for record in world.records().iter().chain(&staying) {
        must_have(store, record).await;
    }
    must_have(store, &delivery.into()).await;
    let still_at = async |event: &Event| {
        let change = world.change();
        let change = change.while_unchanged(crate::RecordKind::Event, event.id, event.version);
        store.commit(change).await.is_ok()
    };
    assert!(!still_at(&done).await, "an event that is done");
    assert!(still_at(&pending).await, "an event that waits");
    assert!(still_at(&dead).await, "an event that failed, which staff can see");
    let page = PageRequest::default();
    let audit = got(store
        .audit_entries(world.id(), &AuditFilter::default(), &page)
        .await);
    assert_eq!(audit.items.len(), 1, "the audit trail stays");
    assert_eq!(
        got(store.count(world.id(), "old", future).await),
        1,
        "an expired counter begins anew"
    );
    assert_eq!(
        got(store.count(world.id(), "young", future).await),
        2,
        "a counter that is in use stays"
    );
    assert_eq!(
        claim("old", future).await,
        KeyClaim::Fresh,
        "an expired key is new"
    );
    assert_eq!(
        claim("young", future).await,
        KeyClaim::Running,
        "a key that is in use stays"
    );
    assert_eq!(got(store.tidy(now).await), 0, "tidy already");
}

/// Records that are over for more than 30 days, and others.
fn long_over_and_not(world: &World) -> (Vec<Record>, Vec<Record>) {
    let World { samples: s, .. } = &world;
    let now = s.at;
    let ago = |days| s.at(now - Duration::days(days));
    let person = Person::Client(world.anna.id);
    let ended = |days, why| Session {
        ended: Some((now - Duration::days(days), why)),
        ..ago(days + 1).session(person)
    };
    let used = |days| {
        let mut link = ago(days).link(&world.anna_access);
        link.used = LinkUse::Used(now - Duration::days(days));
        link
    };
    let upload = |days| ago(days).begun_upload(&world.request, 1);
    // Sessions and links live for two days, uploads for one.
    let going: Vec<Record> = vec![
        ended(33, SessionEnd::SignedOut).into(),
        ago(33).session(person).into(),
        used(33).into(),
        ago(33).link(&world.anna_access).into(),
        upload(32).into(),
    ];
    let staying: Vec<Record> = vec![
        ended(29, SessionEnd::AccessRevoked).into(),
        ago(31).session(person).into(),
        s.session(person).into(),
        used(29).into(),
        ago(31).link(&world.anna_access).into(),
        s.link(&world.anna_access).into(),
        upload(30).into(),
        upload(0).into(),
    ];
    (going, staying)
}

pub(super) async fn a_good_store_says_so(store: &dyn Store) {
    assert_eq!(store.check().await, Ok(()));
}
