//! Tasks: the same records and questions as a store that does it the plain way, and the same answers.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::records::sampled;
use super::world::{World, got, put};
use crate::policy::Role;
use crate::task::{Assigned, Task, TaskDone, TaskFilter, Tasks as _};
use crate::testing::MemoryStore;
use crate::{Date, Duration, MatterId, PageRequest, Record, Store};

fn day(number: u16) -> Option<Date> {
    Date::from_ordinal_date(2026, 100 + number * 7).ok()
}

/// Tasks of all kinds on two matters, some of somebody who left.
fn tasks(world: &World) -> Vec<Record> {
    let World { samples: s, .. } = world;
    let mut left = s.staff(Role::Member);
    left.active = false;
    let mut records: Vec<Record> = vec![left.clone().into()];
    let people = [Some(world.owner.id), Some(world.member.id), Some(left.id), None];
    for number in 0..96_u16 {
        let matter = if number % 3 == 0 {
            &world.other
        } else {
            &world.case
        };
        let set = if number % 5 == 0 {
            s.automated_task(matter, &world.owner)
        } else {
            s.task(matter, &world.owner)
        };
        let hours = i64::from(number % 4) - 1;
        records.push(
            Task {
                assignee_id: people[usize::from(number / 3) % 4],
                due_on: (number % 7 != 0).then(|| day(number % 7)).flatten(),
                starts_at: s.at + Duration::hours(hours),
                done: (number % 4 == 1).then_some(TaskDone {
                    at: s.at + Duration::hours(hours),
                    by: world.member.id,
                }),
                ..set
            }
            .into(),
        );
    }
    records
}

pub(super) async fn tasks_are_filtered_and_counted_as_defined(store: &dyn Store) {
    let world = World::in_store(store, 96).await;
    let plain = MemoryStore::default();
    let records = tasks(&world);
    put(&plain, world.records()).await;
    put(&plain, records.clone()).await;
    put(store, records).await;
    let people = select(vec![world.owner.id, world.member.id]);
    let assigned = prop_oneof![
        people.clone().prop_map(Assigned::To),
        Just(Assigned::Anyone),
        Just(Assigned::Left),
    ];
    let filters = (
        any::<bool>(),
        option::weighted(0.3, select(vec![world.case.id, world.other.id])),
        option::weighted(0.5, assigned),
        option::weighted(0.3, (0_u16..8).prop_filter_map("a day", day)),
        option::weighted(
            0.3,
            (-1_i64..3).prop_map(|hours| world.samples.at + Duration::hours(hours)),
        ),
        option::weighted(0.3, people),
    )
        .prop_map(
            |(done, matter, assigned, due_before, begun_at, visible_to)| TaskFilter {
                done,
                matter,
                assigned,
                due_before,
                begun_at,
                visible_to,
            },
        );
    let page = PageRequest::first(200).with_total();
    let mut found = 0;
    for filter in sampled(filters, 120) {
        let expected = got(plain.tasks(world.id(), &filter, &page).await);
        let listed = got(store.tasks(world.id(), &filter, &page).await);
        assert_eq!(listed, expected, "tasks of {filter:?}");
        let counted = got(store.task_count(world.id(), &filter).await);
        assert_eq!(Some(counted), expected.total, "the count of {filter:?}");
        found += usize::from(counted > 0);
    }
    assert!(found > 24, "{found} of 120 filters found anything");
}

pub(super) async fn tasks_of_automations_are_found(store: &dyn Store) {
    let world = World::in_store(store, 97).await;
    let World { samples: s, .. } = &world;
    let first = s.automated_task(&world.case, &world.owner);
    let done = Task {
        done: Some(TaskDone {
            at: s.at,
            by: world.owner.id,
        }),
        ..s.automated_task(&world.case, &world.member)
    };
    let elsewhere = s.automated_task(&world.other, &world.owner);
    let by_hand = s.task(&world.case, &world.owner);
    put(store, [first.clone(), done.clone(), elsewhere.clone(), by_hand]).await;
    let found = async |matters: &[MatterId]| {
        let mut found = got(store.automated_tasks(world.id(), matters).await);
        found.sort_by_key(|task| task.id);
        found
    };
    let sorted = |mut tasks: Vec<Task>| {
        tasks.sort_by_key(|task| task.id);
        tasks
    };
    let both = [world.case.id, world.other.id, world.case.id];
    assert_eq!(found(&both[..1]).await, sorted(vec![first.clone(), done.clone()]));
    assert_eq!(found(&both).await, sorted(vec![first, done, elsewhere]));
    assert_eq!(found(&[]).await, []);
    assert_eq!(found(&[MatterId(uuid::Uuid::max())]).await, []);
}
