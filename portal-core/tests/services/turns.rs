//! Two workers at two stays of one matter in a stage: what is to happen once happens once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use portal_core::notify::Outbox;
use portal_core::stage::Stages;
use portal_core::task::Tasks;
use portal_core::testing::CountingIds;
use portal_core::workflow::{
    Again, Automation, Channel, Criterion, DimensionDraft, STAGE, TaxonomyDraft, WorkflowDraft,
};
use portal_core::{Duration, EventKind, Ids, PageRequest, Parts, Portal, Version};
use uuid::Uuid;

use crate::automations::{history, sms, with_phone};
use crate::world::{World, matter_draft};

/// Ids; when the first is asked for, something else happens.
struct Meanwhile {
    ids: CountingIds,
    what: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Ids for Meanwhile {
    fn uuid(&self) -> Uuid {
        let what = self.what.lock().unwrap().take();
        if let Some(what) = what {
            what();
        }
        self.ids.uuid()
    }

    fn random(&self) -> [u8; 32] {
        self.ids.random()
    }
}

fn call() -> Automation {
    Automation {
        subject: BTreeMap::from([("en".into(), "Call {{ client.first_name }}".into())]),
        ..Automation::new(Channel::Task)
    }
}

/// A matter that entered a stage, left it and entered it again before anybody planned what follows from that.
async fn entered_twice(automations: Vec<Automation>) -> World {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    let stages = DimensionDraft::new(STAGE).value("Filing").value("Decision");
    let taxonomy = TaxonomyDraft {
        dimensions: vec![stages],
    };
    let portal = &world.portal;
    portal.save_taxonomy(&world.owner, None, &taxonomy).await.unwrap();
    let draft = WorkflowDraft {
        name: "Filing".into(),
        criteria: vec![Criterion::one_of(STAGE, ["Filing"])],
        automations,
        ..WorkflowDraft::default()
    };
    portal.add_workflow(&world.owner, &draft).await.unwrap();
    portal.drain().await.unwrap();
    for stage in ["Filing", "Decision", "Filing"] {
        let mut draft = matter_draft("HM-1", world.owner_id);
        draft.stage = stage.into();
        let moved = portal.update_matter(&world.owner, world.matter.id, None, &draft);
        moved.await.unwrap();
    }
    world
}

/// One worker plans the second entry; between what it reads and what it writes, another plans the first. How many messages and
/// tasks there are then.
async fn written_by_two(world: &World) -> (usize, usize) {
    let (practice, now) = (world.practice.id, world.portal.now());
    let soon = now + Duration::seconds(30);
    let first = world.store.claim_events(practice, now, soon, 1).await.unwrap();
    assert!(
        matches!(first[0].kind, EventKind::WorkflowsMatched { .. }),
        "{first:?}"
    );
    let (other, clock) = (world.portal.clone(), world.fakes.clock.clone());
    let what = move || {
        // The other's claim is over then, and this one's is not.
        clock.advance(Duration::seconds(40));
        let planned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(other.plan_due()).unwrap().planned
        });
        assert_eq!(planned.join().unwrap(), 1, "the first entry");
    };
    let ids = Arc::new(Meanwhile {
        ids: CountingIds::new(7),
        what: Mutex::new(Some(Box::new(what))),
    });
    let portal = Portal::new(Parts {
        ids: ids.clone(),
        ..world.fakes.parts(world.store.clone())
    });
    let worked = portal.plan_due().await.unwrap();
    assert!(ids.what.lock().unwrap().is_none(), "both were at it");
    assert_eq!((worked.planned, worked.failed), (1, 0), "the second entry");
    world.portal.drain().await.unwrap();
    let tasks = world
        .store
        .automated_tasks(practice, &[world.matter.id])
        .await
        .unwrap();
    (history(world).await.len(), tasks.len())
}

async fn moves(world: &World) -> Version {
    let page = PageRequest::first(1);
    let entries = world
        .store
        .stage_entries(world.practice.id, world.matter.id, &page);
    entries.await.unwrap().items[0].version
}

#[tokio::test]
async fn two_workers_do_once_what_happens_once() {
    for again in [Again::Once, Again::AfterDays(7)] {
        let (text, call) = (Automation { again, ..sms() }, Automation { again, ..call() });
        for (automations, expected) in [
            (vec![text.clone()], (1, 0)),
            (vec![call.clone()], (0, 1)),
            (vec![call, text], (1, 1)),
        ] {
            let world = entered_twice(automations).await;
            assert_eq!(written_by_two(&world).await, expected, "{again:?}");
            assert_eq!(
                moves(&world).await,
                Version(2),
                "moved once: who writes nothing moves nothing"
            );
        }
    }
}

#[tokio::test]
async fn what_happens_each_time_does_and_nobody_waits_for_the_other() {
    let world = entered_twice(vec![sms(), call()]).await;
    assert_eq!(written_by_two(&world).await, (2, 2));
    assert_eq!(moves(&world).await, Version::FIRST, "nothing is held on to");
}
