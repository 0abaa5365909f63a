//! Matters by the thousand, as workflows read them.

use std::collections::BTreeMap;

use super::world::{World, got, put};
use crate::matter::{Matter, MatterState};
use crate::stage::{MatterCase, MatterScan};
use crate::workflow::Case;
use crate::{MatterId, PracticeId, Store};

async fn scanned(store: &dyn Store, practice: PracticeId, unknown: bool, limit: u32) -> Vec<MatterCase> {
    let mut all: Vec<MatterCase> = Vec::new();
    loop {
        let scan = MatterScan {
            after: all.last().map(|case| case.id),
            unknown,
            limit,
        };
        let part = got(store.matter_cases(practice, &scan).await);
        let size = u32::try_from(part.len()).expect("a part is small");
        assert!(size <= limit, "{size} matters of at most {limit}");
        all.extend(part);
        if size < limit {
            return all;
        }
    }
}

fn told(matter: &Matter) -> MatterCase {
    MatterCase {
        id: matter.id,
        reference: matter.reference.clone(),
        open: matter.state == MatterState::Open,
        case: Case::of(matter),
        normalised: matter.normalised.clone(),
        unknown: matter.unknown.clone(),
    }
}

/// Matters of all kinds, by id.
async fn many(store: &dyn Store, world: &World) -> Vec<Matter> {
    let mut matters = vec![world.case.clone(), world.other.clone()];
    for number in 0..23 {
        let mut matter = world.samples.matter(&world.owner);
        if number % 2 == 0 {
            matter.stage = None;
            matter.practice_area = None;
            matter.attributes.clear();
            matter.normalised.clear();
        }
        if number % 3 == 0 {
            matter.state = MatterState::Closed;
        }
        if number % 5 == 0 {
            matter.unknown =
                BTreeMap::from([("Case stage".into(), "\u{201c}Fileing\u{201d} \u{1f4c4}".into())]);
        }
        put(store, [matter.clone()]).await;
        matters.push(matter);
    }
    matters.sort_by_key(|matter| matter.id);
    matters
}

pub(super) async fn matters_are_scanned_by_id_and_each_once(store: &dyn Store) {
    let world = World::in_store(store, 90).await;
    let matters = many(store, &world).await;
    let expected: Vec<MatterCase> = matters.iter().map(told).collect();
    for limit in [1, 7, 25, 26, MatterScan::MOST] {
        assert_eq!(
            scanned(store, world.id(), false, limit).await,
            expected,
            "{limit} at once"
        );
    }
    let last = MatterScan {
        after: Some(MatterId(uuid::Uuid::max())),
        unknown: false,
        limit: 10,
    };
    assert_eq!(got(store.matter_cases(world.id(), &last).await), []);
}

pub(super) async fn what_is_unknown_is_found(store: &dyn Store) {
    let world = World::in_store(store, 91).await;
    let mut matters = many(store, &world).await;
    matters.retain(|matter| !matter.unknown.is_empty());
    assert_eq!(matters.len(), 5, "this check needs something to find");
    for limit in [2, 5, 100] {
        let expected: Vec<MatterCase> = matters.iter().map(told).collect();
        assert_eq!(
            scanned(store, world.id(), true, limit).await,
            expected,
            "{limit} at once"
        );
    }
    // Once everything of it is known, a matter waits no longer.
    let mut first = matters.remove(0);
    first.version.bump();
    first.unknown.clear();
    put(store, [first]).await;
    let left = scanned(store, world.id(), true, 100).await;
    assert_eq!(left, matters.iter().map(told).collect::<Vec<_>>());
}
