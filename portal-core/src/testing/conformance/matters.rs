//! What is read of a matter beside its record.

use super::world::{World, got, put};
use crate::access::Accesses as _;
use crate::checklist::{Request, RequestCounts, RequestState};
use crate::document::{DocumentStatus, Placement, Uploader};
use crate::matter::{Matter, MatterFilter, MatterSort, MatterSummary, Matters as _, Part};
use crate::notify::Outbox as _;
use crate::sms::TextMessages as _;
use crate::stage::Stages as _;
use crate::testing::MemoryStore;
use crate::{Date, Duration, MatterId, PageRequest, Record, Store};

async fn summary(store: &dyn Store, world: &World, matter: MatterId) -> MatterSummary {
    let page = PageRequest::first(200);
    let all = MatterFilter::default();
    let page = got(store.matters(world.id(), &all, MatterSort::Updated, &page).await);
    let found = page.items.into_iter().find(|row| row.matter.id == matter);
    found.expect("the matter is in the list")
}

pub(super) async fn summaries_add_up(store: &dyn Store) {
    let world = World::in_store(store, 70).await;
    let World { samples: s, .. } = &world;
    let matter = s.matter(&world.member);
    put(store, [matter.clone()]).await;
    let empty = summary(store, &world, matter.id).await;
    let expected = MatterSummary {
        matter: matter.clone(),
        owner_name: world.member.name.clone(),
        client_name: None,
        requests: RequestCounts::default(),
        to_review: 0,
        next_due_on: None,
    };
    assert_eq!(empty, expected, "a matter without anybody or anything");

    // A contact came first; the principal came later and counts.
    let contact = s.participant(&matter, &world.ben, Part::Contact);
    put(store, [contact.clone()]).await;
    assert_eq!(
        summary(store, &world, matter.id).await.client_name,
        Some(world.ben.name())
    );
    let later = s.at(s.at + Duration::seconds(5));
    let principal = later.participant(&matter, &world.anna, Part::Principal);
    put(store, [principal.clone()]).await;
    assert_eq!(
        summary(store, &world, matter.id).await.client_name,
        Some(world.anna.name())
    );
    let mut removed = principal;
    removed.version.bump();
    removed.removed = true;
    put(store, [removed]).await;
    assert_eq!(
        summary(store, &world, matter.id).await.client_name,
        Some(world.ben.name())
    );

    let day = |day| Date::from_ordinal_date(2026, day).ok();
    let asked = |state, due_on| Request {
        due_on,
        state,
        ..s.request(&matter, &world.ben)
    };
    let mut requests = vec![
        asked(RequestState::Outstanding, None),
        asked(RequestState::Outstanding, day(90)),
        asked(RequestState::Returned, day(80)),
        asked(RequestState::Submitted, day(10)),
        asked(RequestState::Accepted, day(11)),
        asked(RequestState::Waived, day(12)),
        asked(RequestState::Withdrawn, day(13)),
    ];
    let mut of_anna = asked(RequestState::Outstanding, day(85));
    of_anna.client_id = world.anna.id;
    requests.push(of_anna);
    put(store, requests.clone()).await;
    let mut documents = Vec::new();
    for (number, status) in DocumentStatus::ALL.into_iter().enumerate() {
        for _ in 0..=number {
            let mut document = s.upload(&requests[number]).0;
            document.status = status;
            documents.push(document);
        }
    }
    let loose = Placement {
        matter: matter.id,
        client: None,
        request: None,
        confidentiality: crate::document::Confidentiality::Participants,
    };
    let mut of_nobody = s.document(loose, Uploader::Client(world.ben.id)).0;
    of_nobody.status = DocumentStatus::PendingReview;
    documents.push(of_nobody);
    put(store, documents).await;
    let full = summary(store, &world, matter.id).await;
    let expected = RequestCounts {
        outstanding: 3,
        submitted: 1,
        accepted: 1,
        returned: 1,
        waived: 1,
        withdrawn: 1,
    };
    assert_eq!(full.requests, expected, "requests by state, over all clients");
    assert_eq!(full.to_review, 2, "documents that wait for review");
    assert_eq!(
        full.next_due_on,
        day(80),
        "the earliest date of what waits for a client"
    );
    let elsewhere = summary(store, &world, world.other.id).await;
    assert_eq!(
        elsewhere.requests,
        RequestCounts::default(),
        "what another matter asks is not counted"
    );
}

pub(super) async fn ancestors_come_nearest_first_and_circles_end(store: &dyn Store) {
    let world = World::in_store(store, 71).await;
    let mut line: Vec<Matter> = Vec::new();
    for _ in 0..10 {
        let parent_id = line.last().map(|matter| matter.id);
        line.push(Matter {
            parent_id,
            ..world.samples.matter(&world.owner)
        });
    }
    put(store, line.clone()).await;
    let mut expected: Vec<MatterId> = line.iter().map(|matter| matter.id).collect();
    expected.reverse();
    let (first, last) = (line[0].clone(), line[9].clone());
    assert_eq!(
        got(store.ancestors(world.id(), last.id).await),
        expected,
        "itself, its parent, and so on"
    );
    assert_eq!(
        got(store.ancestors(world.id(), first.id).await),
        [first.id],
        "a matter of its own"
    );
    // A circle cannot come about by the rules; a store that meets one still answers.
    let mut closing = first;
    closing.version.bump();
    closing.parent_id = Some(last.id);
    put(store, [closing]).await;
    let circle = got(store.ancestors(world.id(), last.id).await);
    assert!(
        (10..=64).contains(&circle.len()),
        "a circle of ten matters gave {}",
        circle.len()
    );
    assert_eq!(circle[..10], expected);
}

pub(super) async fn vocabulary_is_what_is_in_use(store: &dyn Store) {
    let world = World::in_store(store, 72).await;
    let words = |area: Option<&str>, stage: Option<&str>| Matter {
        practice_area: area.map(Into::into),
        stage: stage.map(Into::into),
        ..world.samples.matter(&world.owner)
    };
    let matters = [
        words(Some("Tax"), Some("Lodged")),
        words(Some("Tax"), None),
        words(Some("tax"), Some("Decided")),
        words(None, Some("Lodged")),
        words(Some("\u{c9}tat"), None),
    ];
    put(store, matters).await;
    let (areas, stages) = got(store.matter_vocabulary(world.id()).await);
    assert_eq!(
        areas,
        ["Family migration", "Tax", "tax", "\u{c9}tat"],
        "practice areas, in order"
    );
    assert_eq!(
        stages,
        ["Decided", "Gathering documents", "Lodged"],
        "stages, in order"
    );
    let many: Vec<Matter> = (0..250)
        .map(|n| words(Some(&format!("Area {n:03}")), None))
        .collect();
    put(store, many).await;
    let (areas, _) = got(store.matter_vocabulary(world.id()).await);
    assert_eq!(areas.len(), 200, "at most 200 words");
    assert_eq!(areas[0], "Area 000");
}

pub(super) async fn people_of_a_matter_come_in_order(store: &dyn Store) {
    let world = World::in_store(store, 73).await;
    let World { samples: s, .. } = &world;
    let matter = s.matter(&world.owner);
    put(store, [matter.clone()]).await;
    let (mut parts, mut accesses) = (Vec::new(), Vec::new());
    // Made in falling order of time, with ties.
    for number in 0..12_i64 {
        let client = s.client("Sibling", &number.to_string());
        let s = s.at(s.at - Duration::microseconds(number / 3));
        let mut part = s.participant(&matter, &client, Part::Dependant);
        part.removed = number % 4 == 0;
        let mut access = s.access(&matter, &client);
        if number % 2 == 0 {
            access.state = crate::access::AccessState::Revoked;
        }
        let records: Vec<Record> = vec![client.into(), part.clone().into(), access.clone().into()];
        put(store, records).await;
        parts.push(part);
        accesses.push(access);
    }
    parts.sort_by_key(|row| (row.created_at, row.id));
    accesses.sort_by_key(|row| (row.created_at, row.id));
    assert_eq!(
        got(store.participants(world.id(), matter.id).await),
        parts,
        "as they were added"
    );
    assert_eq!(
        got(store.accesses_of_matter(world.id(), matter.id).await),
        accesses,
        "the oldest first"
    );

    let anna = world.anna.id;
    let mut again = s.access(&matter, &world.anna);
    again.created_at = s.at - Duration::days(1);
    let part = s.participant(&matter, &world.anna, Part::Contact);
    put(store, [Record::from(part.clone()), again.clone().into()]).await;
    let mine = got(store.accesses_of_client(world.id(), anna).await);
    assert_eq!(
        mine,
        [again.clone(), world.anna_access.clone()],
        "a client's workspaces, the oldest first"
    );
    let mut takes_part = got(store.participations(world.id(), anna).await);
    takes_part.sort_by_key(|row| row.id);
    assert_eq!(
        takes_part,
        [world.anna_part.clone(), part],
        "where a client takes part"
    );
    let found = got(store.access_for(world.id(), matter.id, anna).await);
    assert_eq!(found, Some(again), "the workspace of a client on a matter");
    assert_eq!(
        got(store.access_for(world.id(), world.other.id, anna).await),
        None
    );

    let on_team = async |matter, staff| got(store.is_on_team(world.id(), matter, staff).await);
    assert!(on_team(world.case.id, world.member.id).await, "on the team");
    assert!(
        !on_team(world.other.id, world.member.id).await,
        "on another matter's team"
    );
    assert!(
        !on_team(world.case.id, world.owner.id).await,
        "its owner is not on the team"
    );
    let mut left = world.seat.clone();
    left.version.bump();
    left.removed = true;
    put(store, [left.clone()]).await;
    assert!(
        !on_team(world.case.id, world.member.id).await,
        "taken off the team"
    );
    assert_eq!(
        got(store.team(world.id(), world.case.id).await),
        [left],
        "removed members included"
    );
}

/// More matters than one statement asks for, with people, accesses, stages, messages and tasks of some.
pub(super) async fn what_automations_depend_on_is_read_of_many_matters_at_once(store: &dyn Store) {
    let world = World::in_store(store, 74).await;
    let plain = MemoryStore::default();
    put(&plain, world.records()).await;
    let World { samples: s, .. } = &world;
    let mut ids = Vec::new();
    let mut phones = vec![s.phone()];
    for number in 0..300_usize {
        let matter = s.matter(&world.owner);
        let mut client = s.client("Reader", &number.to_string());
        ids.push(matter.id);
        let mut records: Vec<Record> = vec![matter.clone().into()];
        let mut part = s.participant(&matter, &client, Part::Dependant);
        part.removed = number % 5 == 0;
        if number % 3 == 0 {
            let digits = format!("+614915{number:05}");
            let phone = crate::text::Phone::try_from(digits).expect("a number in E.164 form");
            client.phone = Some(phone.clone());
            phones.push(phone.clone());
            let record = crate::sms::PhoneRecord {
                id: crate::sms::PhoneRecord::id_of(&phone),
                phone,
                ..s.phone_record()
            };
            records.extend((number % 2 == 0).then(|| record.into()));
        }
        records.push(client.clone().into());
        records.push(part.into());
        if number % 2 == 0 {
            records.push(s.access(&matter, &client).into());
        }
        if number % 4 == 0 {
            let event = s.event(&matter, &world.owner);
            records.extend([
                event.clone().into(),
                s.automated(&event, &matter, &client).into(),
                s.delivery(&event, &matter, &client).into(),
            ]);
        }
        let entry = s.stage_entry(&matter, 1);
        records.push(
            crate::stage::StageEntry {
                left_at: (number % 7 == 0).then_some(s.at),
                ..entry
            }
            .into(),
        );
        put(store, records.clone()).await;
        put(&plain, records).await;
    }
    // Asked twice for one, and for one that is not there.
    ids.extend([ids[7], MatterId(uuid::Uuid::max())]);
    phones.push(phones[1].clone());
    macro_rules! alike {
        ($method:ident($asked:expr), $key:expr) => {
            let mut found = got(store.$method(world.id(), $asked).await);
            let mut expected = got(plain.$method(world.id(), $asked).await);
            assert!(
                expected.len() > 20,
                "{} of {}",
                expected.len(),
                stringify!($method)
            );
            found.sort_by_key($key);
            expected.sort_by_key($key);
            assert_eq!(found, expected, stringify!($method));
            assert_eq!(
                got(store.$method(world.id(), &[]).await),
                [],
                stringify!($method)
            );
        };
    }
    alike!(participants_on(&ids), |row| (
        row.matter_id,
        row.created_at,
        row.id
    ));
    alike!(accesses_on(&ids), |row| row.id);
    alike!(current_entries(&ids), |row| row.id);
    alike!(written_on(&ids), |row| *row);
    alike!(phone_records(&phones), |row| row.id);
    // Those of one matter come in the order in which they were added.
    let mut parts = Vec::new();
    for back in 0..5_i64 {
        let client = s.client("Later", &back.to_string());
        let s = s.at(s.at - Duration::minutes(back));
        let part = s.participant(&world.other, &client, Part::Dependant);
        put(store, [Record::from(client), part.clone().into()]).await;
        parts.push(part);
    }
    let own = got(store.participants_on(world.id(), &[world.other.id]).await);
    assert_eq!(own, got(store.participants(world.id(), world.other.id).await));
    assert!(own.len() >= parts.len());
}
