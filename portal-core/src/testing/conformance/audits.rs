//! The audit trail.

use serde_json::json;

use super::records::sampled;
use super::world::{World, got};
use crate::audit::{AuditEntry, AuditFilter, Subject};
use crate::testing::strategies;
use crate::{Actor, Change, Duration, Origin, PageRequest, Store};

async fn write(store: &dyn Store, entries: &[AuditEntry]) {
    for entries in entries.chunks(7) {
        let mut entries = entries.iter().cloned();
        let first = entries.next().expect("a chunk is never empty");
        let change = entries.fold(Change::audited(first), Change::audit);
        got(store.commit(change).await);
    }
}

pub(super) async fn audit_entries_come_back_as_they_were_written(store: &dyn Store) {
    let world = World::in_store(store, 120).await;
    let World { samples: s, .. } = &world;
    let mut entries = Vec::new();
    for (number, ctx) in sampled(strategies::context(s), 60).into_iter().enumerate() {
        let mut entry = s.audit(&ctx, &world.case);
        entry.at = s.at - Duration::microseconds(i64::try_from(number).expect("small"));
        entries.push(entry);
    }
    let rich = AuditEntry::new(
        s.id(),
        &s.as_staff(&world.owner),
        "document.returned",
        Subject::new("document", world.document.id),
    )
    .with("reason", "Two\nlines and \u{201c}quotes\u{201d} \u{1f4c4}")
    .with("count", 9_007_199_254_740_993_i64)
    .with("negative", -1)
    .with("nothing", json!(null))
    .with("nested", json!({"b": [1, "two", true, {"c": 0.5}], "a": {}}))
    .with("", "an empty name");
    let mut bare = AuditEntry::new(
        s.id(),
        &s.context(Actor::System("import")),
        "client.imported",
        Subject::new("client", world.anna.id),
    );
    bare.origin = Origin::default();
    let mut far = s.audit(&s.as_client(&world.anna), &world.case);
    far.origin.ip = "2001:db8::ffff:203.0.113.9".parse().ok();
    far.origin.user_agent = Some("\u{fffd}".repeat(300));
    entries.extend([rich, bare, far]);
    for (entry, number) in entries.iter_mut().rev().zip(0..3) {
        entry.at = s.at + Duration::seconds(number + 1);
    }
    write(store, &entries).await;
    let page = PageRequest::first(200);
    let found = got(store
        .audit_entries(world.id(), &AuditFilter::default(), &page)
        .await)
    .items;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    assert_eq!(found, entries, "the newest first, as they were written");
}

pub(super) async fn audit_entries_are_filtered(store: &dyn Store) {
    let world = World::in_store(store, 121).await;
    let World { samples: s, .. } = &world;
    let ctx = s.as_staff(&world.owner);
    let matters = [Some(world.case.id), Some(world.other.id), None];
    let actions = [
        "matter.updated",
        "document.returned",
        "matter.updated%",
        "matter.update_",
    ];
    let subjects: [uuid::Uuid; 3] = [
        world.case.id.into(),
        world.document.id.into(),
        world.anna.id.into(),
    ];
    let mut entries = Vec::new();
    for number in 0..72_usize {
        let subject = Subject::new("thing", subjects[number / 3 % 3]);
        let mut entry = AuditEntry::new(s.id(), &ctx, actions[number / 9 % 4], subject);
        entry.matter_id = matters[number % 3];
        entries.push(entry);
    }
    write(store, &entries).await;
    let page = PageRequest::first(200).with_total();
    let mut found_any = 0;
    for matter in [None, matters[0], matters[1], Some(s.id())] {
        for subject in [None, Some(subjects[0]), Some(subjects[2])] {
            for action in [
                None,
                Some(actions[0]),
                Some(actions[3]),
                Some("MATTER.UPDATED"),
                Some("x\0y"),
            ] {
                let filter = AuditFilter {
                    matter,
                    subject,
                    action: action.map(Into::into),
                    ..AuditFilter::default()
                };
                let found = got(store.audit_entries(world.id(), &filter, &page).await);
                let kept = entries.iter().filter(|entry| {
                    (matter.is_none() || entry.matter_id == matter)
                        && subject.is_none_or(|subject| entry.subject_id == subject)
                        && action.is_none_or(|action| entry.action == action)
                });
                let mut expected: Vec<_> = kept.cloned().collect();
                let mut items = found.items;
                items.sort_by_key(|entry| entry.id);
                expected.sort_by_key(|entry| entry.id);
                assert_eq!(
                    found.total,
                    Some(expected.len() as u64),
                    "the total of {filter:?}"
                );
                assert_eq!(items, expected, "entries of {filter:?}");
                found_any += usize::from(!items.is_empty());
            }
        }
    }
    assert!(found_any >= 10, "filters that find nothing check nothing");
}
