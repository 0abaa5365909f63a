//! `while_unchanged` holds a decision to what it was made on.

use futures_util::future::join;

use super::read_back::read_back;
use super::world::{World, got, put};
use crate::identity::{Person, StaffMember};
use crate::matter::Matter;
use crate::policy::Role;
use crate::{Record, RecordKind, Store, StoreError, Version};

pub(super) async fn a_guard_holds_only_while_nothing_moved(store: &dyn Store) {
    let world = World::in_store(store, 20).await;
    let guarded = |title: &str, read_at: i64, version: i64| {
        let case = Matter {
            version: Version(version),
            title: title.into(),
            ..world.case.clone()
        };
        world
            .change()
            .save(case)
            .while_unchanged(RecordKind::Client, world.anna.id, Version(read_at))
    };
    got(store.commit(guarded("While Anna is at 1", 1, 2)).await);
    let mut anna = world.anna.clone();
    anna.version.bump();
    anna.given_names = "Anna Maria".into();
    put(store, [anna]).await;
    for old in [1, 0, 3] {
        let outcome = store.commit(guarded("Too late", old, 3)).await;
        assert_eq!(outcome, Err(StoreError::Stale), "Anna is at 2, not at {old}");
    }
    got(store.commit(guarded("While Anna is at 2", 2, 3)).await);
    let nobody = world.samples.id::<crate::ClientId>();
    for version in [0, 1] {
        let change = world
            .change()
            .save(world.samples.client("New", "Client"))
            .while_unchanged(RecordKind::Client, nobody, Version(version));
        let outcome = store.commit(change).await;
        assert_eq!(outcome, Err(StoreError::Stale), "a guard on what is not there");
    }
    // A guard alone changes nothing and still answers.
    let only = |version| {
        world
            .change()
            .while_unchanged(RecordKind::Matter, world.case.id, Version(version))
    };
    assert_eq!(store.commit(only(3)).await, Ok(()));
    assert_eq!(store.commit(only(2)).await, Err(StoreError::Stale));
}

pub(super) async fn a_guard_of_every_kind_is_kept(store: &dyn Store) {
    let world = World::in_store(store, 21).await;
    let World { samples: s, .. } = &world;
    let event = s.event(&world.case, &world.owner);
    let more: Vec<Record> = vec![
        s.session(Person::Client(world.anna.id)).into(),
        s.link(&world.anna_access).into(),
        s.share(&world.document, &world.ben_access).into(),
        s.stage_entry(&world.case, 1).into(),
        s.rulebook().into(),
        s.workflow().into(),
        s.begun_upload(&world.request, 1).into(),
        s.task(&world.case, &world.owner).into(),
        s.evidence(&world.approval, &world.anna_access).into(),
        s.notification(&world.owner, &world.case).into(),
        s.delivery(&event, &world.case, &world.anna).into(),
        s.phone_record().into(),
        s.consent(&world.anna, &world.owner).into(),
        s.received_sms().into(),
        s.conversation().into(),
        s.audit_tree().into(),
        event.into(),
    ];
    put(store, more.clone()).await;
    for record in world.records().into_iter().chain(more) {
        let (kind, id) = (record.kind(), id_of(&record));
        let guarded = |version| world.change().while_unchanged(kind, id, version);
        assert_eq!(store.commit(guarded(Version(1))).await, Ok(()), "a {kind:?} at 1");
        let outcome = store.commit(guarded(Version(2))).await;
        assert_eq!(outcome, Err(StoreError::Stale), "a {kind:?} that is not at 2");
    }
}

fn id_of(record: &Record) -> uuid::Uuid {
    match record {
        Record::Practice(row) => row.id.into(),
        Record::StaffMember(row) => row.id.into(),
        Record::Session(row) => row.id.into(),
        Record::Client(row) => row.id.into(),
        Record::Matter(row) => row.id.into(),
        Record::Participant(row) => row.id.into(),
        Record::TeamMember(row) => row.id.into(),
        Record::PortalAccess(row) => row.id.into(),
        Record::SignInLink(row) => row.id.into(),
        Record::StageEntry(row) => row.id.into(),
        Record::Rulebook(row) => row.id.into(),
        Record::KeptWorkflow(row) => row.id.into(),
        Record::ChecklistTemplate(row) => row.id.into(),
        Record::Request(row) => row.id.into(),
        Record::Document(row) => row.id.into(),
        Record::DocumentVersion(row) => row.id.into(),
        Record::Share(row) => row.id.into(),
        Record::Upload(row) => row.id.into(),
        Record::Task(row) => row.id.into(),
        Record::Approval(row) => row.id.into(),
        Record::Evidence(row) => row.id.into(),
        Record::Notification(row) => row.id.into(),
        Record::Delivery(row) => row.id.into(),
        Record::PhoneRecord(row) => row.id.into(),
        Record::Consent(row) => row.id.into(),
        Record::ReceivedSms(row) => row.id.into(),
        Record::Conversation(row) => row.id.into(),
        Record::AuditTree(row) => row.id.into(),
        Record::Event(row) => row.id.into(),
    }
}

/// Two owners deactivate each other at the same moment, each because the other is still there: a practice that keeps one
/// owner must keep one here.
pub(super) async fn two_changes_that_guard_each_other_do_not_both_succeed(store: &dyn Store) {
    let world = World::in_store(store, 22).await;
    for round in 0..25 {
        let one = world.samples.staff(Role::Owner);
        let two = world.samples.staff(Role::Owner);
        put(store, [one.clone(), two.clone()]).await;
        let leave = |goes: &StaffMember, stays: &StaffMember| {
            let gone = StaffMember {
                version: goes.version.next(),
                active: false,
                ..goes.clone()
            };
            let change = world.change().save(gone);
            change.while_unchanged(RecordKind::StaffMember, stays.id, stays.version)
        };
        let outcomes = join(store.commit(leave(&one, &two)), store.commit(leave(&two, &one))).await;
        let mut left = 0;
        for outcome in [&outcomes.0, &outcomes.1] {
            match outcome {
                Ok(()) => left += 1,
                Err(error) => assert_eq!(error, &StoreError::Stale, "why a change lost in round {round}"),
            }
        }
        assert!(left <= 1, "both owners left in round {round}");
        let mut active = 0;
        for owner in [one, two] {
            if let Some(Record::StaffMember(found)) = read_back(store, &owner.into()).await {
                active += usize::from(found.active);
            }
        }
        assert_eq!(
            active,
            2 - left,
            "what is stored in round {round} is what was answered"
        );
    }
}
