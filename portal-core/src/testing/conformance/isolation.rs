//! Practices share a store and nothing else.

use super::snapshot::{Extras, everything, tells};
use super::world::{World, claiming, got, put};
use crate::notify::Lane;
use crate::{Change, Digest, Duration, KeyClaim, PracticeId, Record, Store, StoredAnswer};

/// The same records, ids, addresses and secrets in another practice; only some words differ.
fn twin_of(world: &World, extras: &Extras, practice: PracticeId) -> Vec<Record> {
    let mut records = world.records();
    records.extend(extras.records());
    for record in &mut records {
        match record {
            Record::Practice(row) => {
                row.id = practice;
                row.practice_id = practice;
                row.name = "Twin & Partners".into();
            }
            Record::StaffMember(row) => {
                row.practice_id = practice;
                row.name = format!("Twin of {}", row.name);
            }
            Record::Client(row) => {
                row.practice_id = practice;
                row.given_names = format!("Twin of {}", row.given_names);
            }
            Record::Matter(row) => {
                row.practice_id = practice;
                row.title = format!("Twin of {}", row.title);
                row.practice_area = Some("Twin area".into());
            }
            Record::Request(row) => {
                row.practice_id = practice;
                row.title = "Twin".into();
            }
            Record::Document(row) => {
                row.practice_id = practice;
                row.category = "Twin".into();
            }
            Record::Session(row) => row.practice_id = practice,
            Record::Participant(row) => row.practice_id = practice,
            Record::TeamMember(row) => row.practice_id = practice,
            Record::PortalAccess(row) => row.practice_id = practice,
            Record::SignInLink(row) => row.practice_id = practice,
            Record::ChecklistTemplate(row) => row.practice_id = practice,
            Record::StageEntry(row) => row.practice_id = practice,
            Record::Rulebook(row) => {
                row.id = practice;
                row.practice_id = practice;
            }
            Record::KeptWorkflow(row) => row.practice_id = practice,
            Record::DocumentVersion(row) => row.practice_id = practice,
            Record::Share(row) => row.practice_id = practice,
            Record::Upload(row) => row.practice_id = practice,
            Record::Task(row) => {
                row.practice_id = practice;
                row.title = "Twin".into();
            }
            Record::Approval(row) => {
                row.practice_id = practice;
                row.terms.title = "Twin".into();
            }
            Record::Evidence(row) => row.practice_id = practice,
            Record::Notification(row) => row.practice_id = practice,
            Record::Delivery(row) => row.practice_id = practice,
            Record::PhoneRecord(row) => row.practice_id = practice,
            Record::Consent(row) => row.practice_id = practice,
            Record::ReceivedSms(row) => row.practice_id = practice,
            Record::Conversation(row) => {
                row.practice_id = practice;
                row.unread = 7;
            }
            Record::AuditTree(row) => {
                row.id = practice;
                row.practice_id = practice;
            }
            Record::Event(row) => row.practice_id = practice,
        }
    }
    records
}

pub(super) async fn practices_never_meet(store: &dyn Store) {
    let world = World::in_store(store, 50).await;
    let extras = Extras::of(&world);
    put(store, extras.records()).await;
    let entry = world
        .samples
        .audit(&world.samples.as_staff(&world.owner), &world.case);
    got(store.commit(Change::audited(entry)).await);
    let before = everything(store, world.id(), &world, &extras).await;
    for answer in &before {
        assert!(
            tells(answer),
            "this check needs something to tell apart: {answer:?}"
        );
    }

    let (twin, stranger) = (
        crate::testing::Samples::new(5_001).practice,
        crate::testing::Samples::new(5_002).practice,
    );
    for answer in everything(store, stranger, &world, &extras).await {
        assert!(
            !tells(&answer),
            "a practice that is not there is told something: {answer:#?}"
        );
    }
    let theirs = twin_of(&world, &extras, twin);
    put(store, theirs.clone()).await;
    let after = everything(store, world.id(), &world, &extras).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after, "another practice's records changed an answer");
    }
    let told = everything(store, twin, &world, &extras).await;
    for (ours, theirs) in before.iter().zip(&told) {
        assert!(
            ours != theirs || !has_practice(theirs),
            "the twin is told what is not its own: {theirs:#?}"
        );
    }
    // The twin moves on; ours stays.
    let mut renamed: Vec<Record> = Vec::new();
    for record in theirs {
        if let Record::Matter(mut row) = record {
            row.version.bump();
            row.title = "Moved".into();
            renamed.push(Record::Matter(row));
        }
    }
    put(store, renamed).await;
    let after = everything(store, world.id(), &world, &extras).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after, "another practice's save changed an answer");
    }
}

/// Whether an answer holds records, which name their practice.
fn has_practice(answer: &super::snapshot::Answer) -> bool {
    format!("{answer:?}").contains("practice_id")
}

pub(super) async fn claims_counters_and_keys_stay_within_their_practice(store: &dyn Store) {
    let ours = World::in_store(store, 51).await;
    let theirs = World::in_store(store, 52).await;
    let (at, lease) = (ours.samples.at, ours.samples.at + Duration::minutes(5));
    for world in [&ours, &theirs] {
        let event = world.samples.event(&world.case, &world.owner);
        let delivery = world.samples.delivery(&event, &world.case, &world.anna);
        put(store, [Record::from(event), delivery.into()]).await;
    }
    let claimed = got(store.claim_events(ours.id(), at, lease, 10).await);
    assert!(claimed.len() == 1 && claimed.iter().all(|event| event.practice_id == ours.id()));
    let claimed = got(store.claim_deliveries(ours.id(), Lane::Mail, at, lease, 10).await);
    assert!(claimed.len() == 1 && claimed.iter().all(|delivery| delivery.practice_id == ours.id()));
    assert_eq!(got(store.claim_events(theirs.id(), at, lease, 10).await).len(), 1);
    assert_eq!(
        got(store
            .claim_deliveries(theirs.id(), Lane::Mail, at, lease, 10)
            .await)
        .len(),
        1
    );

    assert_eq!(got(store.count(ours.id(), "sign-in", lease).await), 1);
    assert_eq!(got(store.count(ours.id(), "sign-in", lease).await), 2);
    assert_eq!(got(store.count(theirs.id(), "sign-in", lease).await), 1);

    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    assert_eq!(
        got(store.claim_key(ours.id(), "key", claiming(one, lease), at).await),
        KeyClaim::Fresh
    );
    assert_eq!(
        got(store
            .claim_key(theirs.id(), "key", claiming(two, lease), at)
            .await),
        KeyClaim::Fresh
    );
    let answer = StoredAnswer {
        status: 201,
        content_type: None,
        etag: None,
        location: None,
        body: b"ours".to_vec(),
    };
    got(store.store_answer(ours.id(), "key", answer.clone(), lease).await);
    assert_eq!(
        got(store
            .claim_key(theirs.id(), "key", claiming(two, lease), at)
            .await),
        KeyClaim::Running
    );
    got(store.release_key(theirs.id(), "key").await);
    let again = got(store.claim_key(ours.id(), "key", claiming(one, lease), at).await);
    assert_eq!(
        again,
        KeyClaim::Answered(answer),
        "another practice released its own key"
    );
}
