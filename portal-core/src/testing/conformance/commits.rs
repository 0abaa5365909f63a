//! A change is applied whole or not at all, and only on top of what was read.

use futures_util::future::join_all;
use futures_util::poll;

use super::read_back::{must_have, read_back};
use super::world::{World, got, put, winners};
use crate::audit::AuditFilter;
use crate::matter::Matter;
use crate::{Change, Duration, PageRequest, Record, RecordKind, Store, StoreError, Version, unique};

/// A change of everything that a change can hold, all of it good.
fn good_change(world: &World) -> (Change, Vec<Record>) {
    let World { samples: s, .. } = world;
    let client = s.client("Chloe", "Durand");
    let matter = s.matter(&world.owner);
    let renamed = Matter {
        version: world.case.version.next(),
        title: "Renamed".into(),
        ..world.case.clone()
    };
    let entry = s.audit(&s.as_staff(&world.owner), &world.case);
    let records: Vec<Record> = vec![client.into(), matter.into(), renamed.into()];
    let change = Change::audited(entry.clone())
        .save_all(records.clone())
        .save(s.event(&world.case, &world.owner))
        .audit(crate::audit::AuditEntry { id: s.id(), ..entry });
    (change, records)
}

/// Nothing of `good_change` is there.
async fn nothing_of(store: &dyn Store, world: &World, records: &[Record], why: &str) {
    for record in records {
        let found = read_back(store, record).await;
        assert!(
            found.as_ref() != Some(record),
            "{why}, and yet this was saved: {record:#?}"
        );
    }
    must_have(store, &world.case.clone().into()).await;
    let audit = store
        .audit_entries(world.id(), &AuditFilter::default(), &PageRequest::default())
        .await;
    assert!(
        got(audit).items.is_empty(),
        "{why}, and yet it left an audit entry"
    );
    let lease = world.samples.at + Duration::minutes(1);
    let events = got(store.claim_events(world.id(), world.samples.at, lease, 10).await);
    assert!(events.is_empty(), "{why}, and yet it left an event");
}

pub(super) async fn a_change_is_saved_whole_or_not_at_all(store: &dyn Store) {
    let world = World::in_store(store, 10).await;
    let World { samples: s, .. } = &world;

    let (change, records) = good_change(&world);
    let mut moved = world.anna.clone();
    moved.version = Version(7);
    let stale = change.save(moved.clone());
    assert_eq!(
        store.commit(stale).await,
        Err(StoreError::Stale),
        "the last save is stale"
    );
    nothing_of(store, &world, &records, "the last save was stale").await;

    let (change, records) = good_change(&world);
    let stale_first = world.change().save(moved).and(change);
    assert_eq!(
        store.commit(stale_first).await,
        Err(StoreError::Stale),
        "the first save is stale"
    );
    nothing_of(store, &world, &records, "the first save was stale").await;

    let (change, records) = good_change(&world);
    let mut twin = s.staff(world.owner.role);
    twin.email = world.owner.email.clone();
    let conflict = StoreError::Conflict(unique::STAFF_EMAIL.into());
    assert_eq!(
        store.commit(change.save(twin)).await,
        Err(conflict),
        "the last save conflicts"
    );
    nothing_of(store, &world, &records, "the last save conflicted").await;

    let (change, records) = good_change(&world);
    let guarded = change.while_unchanged(RecordKind::Client, world.ben.id, Version(2));
    assert_eq!(
        store.commit(guarded).await,
        Err(StoreError::Stale),
        "the guard does not hold"
    );
    nothing_of(store, &world, &records, "the guard did not hold").await;

    let (change, records) = good_change(&world);
    got(store.commit(change).await);
    for record in &records {
        must_have(store, record).await;
    }
    let audit = store
        .audit_entries(world.id(), &AuditFilter::default(), &PageRequest::default())
        .await;
    assert_eq!(got(audit).items.len(), 2, "both audit entries of a good change");
    let lease = s.at + Duration::minutes(1);
    assert_eq!(
        got(store.claim_events(world.id(), s.at, lease, 10).await).len(),
        1,
        "the event of a good change"
    );
}

pub(super) async fn a_save_must_follow_the_version_it_read(store: &dyn Store) {
    let world = World::in_store(store, 11).await;
    let at_version = |version| Matter {
        version: Version(version),
        title: format!("Version {version}"),
        ..world.case.clone()
    };
    for wrong in [1, 3, 100, 0, -1] {
        let outcome = store.commit(world.change().save(at_version(wrong))).await;
        assert_eq!(
            outcome,
            Err(StoreError::Stale),
            "version {wrong} does not follow version 1"
        );
        must_have(store, &world.case.clone().into()).await;
    }
    for next in 2..6 {
        got(store.commit(world.change().save(at_version(next))).await);
        must_have(store, &at_version(next).into()).await;
    }
    // A record that is not there has no version to follow.
    let unknown = Matter {
        version: Version(2),
        ..world.samples.matter(&world.owner)
    };
    let outcome = store.commit(world.change().save(unknown.clone())).await;
    assert_eq!(
        outcome,
        Err(StoreError::Stale),
        "version 2 of a record that is not there"
    );
    assert_eq!(read_back(store, &unknown.into()).await, None);
}

pub(super) async fn a_new_record_must_not_exist(store: &dyn Store) {
    let world = World::in_store(store, 12).await;
    for record in world.records() {
        let kind = record.kind();
        let outcome = store.commit(world.change().save(record)).await;
        assert_eq!(
            outcome,
            Err(StoreError::Stale),
            "a second {kind:?} of the same id"
        );
    }
    for record in world.records() {
        must_have(store, &record).await;
    }
}

pub(super) async fn of_parallel_saves_one_wins(store: &dyn Store) {
    let world = World::in_store(store, 13).await;
    let mut read_at = world.case.version;
    for round in 0..5 {
        let contenders: Vec<Matter> = (0..50)
            .map(|number| Matter {
                version: read_at.next(),
                title: format!("Contender {number} of round {round}"),
                ..world.case.clone()
            })
            .collect();
        let commits = contenders
            .iter()
            .map(|contender| store.commit(world.change().save(contender.clone())));
        let outcomes = join_all(commits).await;
        assert_eq!(
            winners(&outcomes, &StoreError::Stale),
            1,
            "of 50 saves of one version"
        );
        let stored = got(store.matter(world.id(), world.case.id).await);
        let winner = contenders
            .iter()
            .zip(&outcomes)
            .find(|(_, outcome)| outcome.is_ok());
        assert_eq!(
            stored.as_ref(),
            winner.map(|(contender, _)| contender),
            "the winner is what is stored"
        );
        read_at = read_at.next();
    }
}

pub(super) async fn of_parallel_inserts_one_wins(store: &dyn Store) {
    let world = World::in_store(store, 14).await;
    let new = world.samples.matter(&world.owner);
    let contenders: Vec<Matter> = (0..50)
        .map(|number| Matter {
            title: format!("Contender {number}"),
            ..new.clone()
        })
        .collect();
    let commits = contenders
        .iter()
        .map(|contender| store.commit(world.change().save(contender.clone())));
    let outcomes = join_all(commits).await;
    assert_eq!(
        winners(&outcomes, &StoreError::Stale),
        1,
        "of 50 inserts of one id"
    );
    let stored = got(store.matter(world.id(), new.id).await);
    let winner = contenders
        .iter()
        .zip(&outcomes)
        .find(|(_, outcome)| outcome.is_ok());
    assert_eq!(stored.as_ref(), winner.map(|(contender, _)| contender));
}

pub(super) async fn commits_of_different_records_do_not_disturb_each_other(store: &dyn Store) {
    let world = World::in_store(store, 15).await;
    let clients: Vec<_> = (0..100)
        .map(|number| world.samples.client("Parallel", &number.to_string()))
        .collect();
    // Every fourth fails on its own account, in the midst of those that are fine.
    let commits = clients.iter().enumerate().map(|(number, client)| {
        let change = world.change().save(client.clone());
        let change = if number % 4 == 3 {
            change.while_unchanged(RecordKind::Matter, world.case.id, Version(9))
        } else {
            change
        };
        store.commit(change)
    });
    let outcomes = join_all(commits).await;
    assert_eq!(
        winners(&outcomes, &StoreError::Stale),
        75,
        "of 100 commits, 25 of them stale"
    );
    put(store, [world.samples.client("After", "Them")]).await;
    for (number, client) in clients.into_iter().enumerate() {
        let stored = got(store.client(world.id(), client.id).await);
        let expected = (number % 4 != 3).then_some(client);
        assert!(
            stored == expected,
            "client {number}: each caller gets the result of its own change"
        );
    }
}

/// Callers that ask a few times how their commit gets on, and then go away.
pub(super) async fn a_commit_whose_caller_goes_away_is_done_whole_or_not_at_all(store: &dyn Store) {
    let world = World::in_store(store, 16).await;
    let mut begun = Vec::new();
    for patience in (0..8).cycle().take(40) {
        let records: Vec<Record> = (0..4)
            .map(|number| world.samples.client("Gone", &number.to_string()).into())
            .collect();
        let mut commit = store.commit(world.change().save_all(records.clone()));
        for _ in 0..patience {
            if poll!(&mut commit).is_ready() {
                break;
            }
            // Something else happens meanwhile, so that a store that works elsewhere gets on.
            got(store.practice(world.id()).await);
        }
        drop(commit);
        begun.push(records);
    }
    for records in &begun {
        // The store may be at it still: what is half there now must be whole or gone soon.
        let mut found = there_are(store, records).await;
        for _ in 0..500 {
            if found == 0 || found == records.len() {
                break;
            }
            found = there_are(store, records).await;
        }
        assert!(
            found == 0 || found == records.len(),
            "its caller went away, and {found} of {} records are there",
            records.len()
        );
    }
    put(store, [world.samples.client("After", "Them")]).await;
}

async fn there_are(store: &dyn Store, records: &[Record]) -> usize {
    let mut found = 0;
    for record in records {
        found += usize::from(read_back(store, record).await.is_some());
    }
    found
}
