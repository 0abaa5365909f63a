//! What goes out again, in other words, to people who got it: it is said before, exactly, and what stays where it is is not.

use std::collections::{BTreeMap, BTreeSet};

use portal_core::matter::Part;
use portal_core::notify::{DeliveryState, Recipient};
use portal_core::rulebook::KeptWorkflow;
use portal_core::stage::{Anew, AnewCount};
use portal_core::task::TaskFilter;
use portal_core::workflow::{Again, Automation, Channel, WorkflowDraft};
use portal_core::{Duration, PageRequest, StageEntryId};
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use crate::automations::{enter, history, sms, with_phone, workflow};
use crate::foretold::{Stage, case};
use crate::world::World;

const ONE: AnewCount = AnewCount { count: 1, matters: 1 };

fn other_words(mut draft: WorkflowDraft) -> WorkflowDraft {
    for own in &mut draft.automations {
        own.text
            .values_mut()
            .for_each(|text| text.push_str(" Thank you."));
    }
    draft
}

/// What is said of the first automation when it is written like this.
async fn said(world: &World, own: &KeptWorkflow, draft: &WorkflowDraft) -> Option<AnewCount> {
    let ctx = crate::conversations::now(world, &world.owner);
    let trial = world
        .portal
        .try_workflow(&ctx, Some(own.id), draft)
        .await
        .unwrap();
    assert!(!trial.anew.is_cut);
    trial.anew.by_automation.get(&0).copied()
}

/// Somebody who got what the automation says, in the stage that their matter is in.
async fn sent(automation: Automation) -> (World, KeptWorkflow) {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    let own = workflow(&world, automation).await;
    enter(&world, "Filing").await;
    (world, own)
}

#[tokio::test]
async fn other_words_go_out_where_the_old_ones_went() {
    let (world, own) = sent(sms()).await;
    assert_eq!(history(&world).await[0].state, DeliveryState::Sent);
    let draft = other_words(own.draft.clone());
    assert_eq!(
        said(&world, &own, &own.draft).await,
        None,
        "the same words do not"
    );
    assert_eq!(said(&world, &own, &draft).await, Some(ONE));
    // Also while it is off: it is said of the day that it is switched on.
    let off = WorkflowDraft {
        enabled: false,
        ..own.draft.clone()
    };
    world
        .portal
        .update_workflow(&world.owner, own.id, None, &off)
        .await
        .unwrap();
    let still_off = WorkflowDraft {
        enabled: false,
        ..draft.clone()
    };
    assert_eq!(said(&world, &own, &still_off).await, Some(ONE));
    // Not of an automation that is off itself, nor where its criteria lead elsewhere.
    let mut silent = draft.clone();
    silent.automations[0].enabled = false;
    assert_eq!(said(&world, &own, &silent).await, None);
    // Saved, it is due still; written once more, it is due no second time.
    world
        .portal
        .update_workflow(&world.owner, own.id, None, &draft)
        .await
        .unwrap();
    assert_eq!(
        said(&world, &own, &draft).await,
        Some(ONE),
        "whoever looks at it is told"
    );
    world.portal.apply_workflows(&world.owner, true).await.unwrap();
    world.portal.drain().await.unwrap();
    assert_eq!(history(&world).await.len(), 2);
    assert_eq!(said(&world, &own, &draft).await, None);
    enter(&world, "Decision").await;
    assert_eq!(
        said(&world, &own, &other_words(draft)).await,
        None,
        "the matter went on"
    );
}

#[tokio::test]
async fn what_is_sent_once_or_not_so_soon_again_does_not_go_out() {
    for (again, days, expected) in [
        (Again::Once, 400, None),
        (Again::AfterDays(30), 29, None),
        (Again::AfterDays(30), 30, Some(ONE)),
        (Again::Always, 0, Some(ONE)),
    ] {
        let (world, own) = sent(Automation { again, ..sms() }).await;
        world.fakes.clock.advance(Duration::days(days));
        let found = said(&world, &own, &other_words(own.draft.clone())).await;
        assert_eq!(found, expected, "{again:?}, {days} days later");
    }
    // What the draft says counts, not what is kept.
    let (world, own) = sent(sms()).await;
    let mut once = other_words(own.draft.clone());
    once.automations[0].again = Again::Once;
    assert_eq!(said(&world, &own, &once).await, None);
}

#[tokio::test]
async fn what_nobody_got_goes_out_for_the_first_time() {
    let world = World::new().await;
    let own = workflow(&world, sms()).await;
    enter(&world, "Filing").await;
    assert_eq!(
        history(&world).await[0].state,
        DeliveryState::Held,
        "there is no number"
    );
    with_phone(&world, "0412 345 678").await;
    let draft = other_words(own.draft.clone());
    assert_eq!(said(&world, &own, &draft).await, None);
    let new = world
        .portal
        .try_workflow(&world.owner, None, &draft)
        .await
        .unwrap();
    assert_eq!(new.anew, Anew::default());
}

/// What somebody got for a stay in a stage; tasks by whoever has them.
type Got = (StageEntryId, Channel, Option<Uuid>);

/// What was written, by its id; what was held back or failed apart from what somebody got.
async fn got(stage: &Stage) -> (BTreeMap<Uuid, Got>, BTreeSet<Uuid>) {
    let (mut got, mut all) = (BTreeMap::new(), BTreeSet::new());
    for delivery in stage.deliveries().await {
        let Recipient::Client(client) = delivery.recipient else {
            panic!("automations write to clients");
        };
        let cause = delivery.letter.cause().unwrap();
        all.insert(delivery.id.0);
        if !matches!(delivery.state, DeliveryState::Held | DeliveryState::Failed) {
            got.insert(delivery.id.0, (cause.entry, cause.channel, Some(client.0)));
        }
    }
    let (filter, page) = (TaskFilter::default(), PageRequest::first(200));
    let tasks = stage.world.portal.tasks(&stage.world.owner, &filter, &page);
    for task in tasks.await.unwrap().items.into_iter().map(|listed| listed.task) {
        let entry = task.cause().unwrap().entry;
        all.insert(task.id.0);
        got.insert(
            task.id.0,
            (entry, Channel::Task, task.assignee_id.map(|staff| staff.0)),
        );
    }
    (got, all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    /// What a look at a changed workflow says goes out again is what goes out to whom it went, when it is saved and applied.
    #[test]
    fn what_is_said_to_go_out_again_does(case in case(), rewritten in vec(any::<bool>(), 5), was_off: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let stage = Stage::set(&case).await;
            let (portal, id) = (&stage.world.portal, stage.workflow.id);
            let mut draft = stage.workflow.draft.clone();
            if was_off {
                let off = WorkflowDraft { enabled: false, ..draft.clone() };
                portal.update_workflow(&stage.ctx(), id, None, &off).await.unwrap();
            }
            for (own, _) in draft.automations.iter_mut().zip(&rewritten).filter(|(_, rewritten)| **rewritten) {
                own.text.get_mut("en").unwrap().push('?');
            }
            let (before, known) = got(&stage).await;
            let trial = portal.try_workflow(&stage.ctx(), Some(id), &draft).await.unwrap();
            assert_eq!(got(&stage).await.1, known, "looking writes nothing");
            portal.update_workflow(&stage.ctx(), id, None, &draft).await.unwrap();
            portal.apply_workflows(&stage.ctx(), true).await.unwrap();
            stage.plan().await;
            let mut expected: BTreeMap<usize, AnewCount> = BTreeMap::new();
            for (id, got) in got(&stage).await.0 {
                if known.contains(&id) || !before.values().any(|earlier| *earlier == got) {
                    continue;
                }
                let part = if got.2 == Some(stage.world.amina.id.0) { Part::Principal } else { Part::Partner };
                let is_of = |own: &Automation| own.channel == got.1 && (own.channel == Channel::Task || own.to == part);
                let place = draft.automations.iter().position(is_of).unwrap();
                let count = expected.entry(place).or_default();
                (count.count, count.matters) = (count.count + 1, 1);
            }
            assert_eq!(trial.anew.by_automation, expected);
        });
    }
}
