//! Messages of automations that waited: what is not wanted any more by then does not leave, and says why.

use portal_core::access::Accesses;
use portal_core::notify::{Delivery, DeliveryState, Lane};
use portal_core::practice::{PracticeDraft, PracticeSettings};
use portal_core::rulebook::KeptWorkflow;
use portal_core::sms::SmsError;
use portal_core::workflow::{Again, Automation, Channel, QuietHours, WorkflowDraft};
use portal_core::{Duration, Timestamp};

use crate::automations::{enter, history, sms, texts, with_phone, workflow};
use crate::world::World;

fn later(automation: Automation) -> Automation {
    Automation {
        delay_minutes: 60,
        ..automation
    }
}

/// A message that is due in an hour.
async fn waiting(automation: Automation) -> (World, KeptWorkflow) {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    let access = world
        .portal
        .enable_access(&world.owner, world.matter.id, world.amina.id, false);
    access.await.unwrap();
    let workflow = workflow(&world, later(automation)).await;
    enter(&world, "Filing").await;
    assert_eq!(history(&world).await[0].state, DeliveryState::Queued);
    (world, workflow)
}

/// What became of it two hours later.
async fn two_hours_later(world: &World) -> Delivery {
    world.fakes.clock.advance(Duration::hours(2));
    world.portal.drain().await.unwrap();
    history(world).await.remove(0)
}

async fn does_not_leave(world: &World, why: &str) {
    let held = two_hours_later(world).await;
    assert_eq!(held.state, DeliveryState::Held);
    assert!(held.last_error.as_deref().unwrap().contains(why), "{held:?}");
    assert!(texts(world).is_empty());
}

#[tokio::test]
async fn nothing_changed_and_it_leaves() {
    let link = Automation::new(Channel::Sms).saying("en", "See {{ portal.url }}");
    for automation in [sms(), link] {
        let (world, _) = waiting(automation).await;
        assert_eq!(two_hours_later(&world).await.state, DeliveryState::Sent);
    }
}

#[tokio::test]
async fn whoever_was_taken_off_the_matter_hears_no_more_of_it() {
    let (world, _) = waiting(sms()).await;
    let access = world
        .store
        .access_for(world.practice.id, world.matter.id, world.amina.id)
        .await
        .unwrap()
        .unwrap();
    world.portal.revoke_access(&world.owner, access.id).await.unwrap();
    let off = world
        .portal
        .remove_participant(&world.owner, world.matter.id, world.amina.id);
    off.await.unwrap();
    does_not_leave(&world, "no part in the matter").await;
}

#[tokio::test]
async fn the_portal_is_not_given_to_whoever_was_shut_out() {
    let link = Automation::new(Channel::Sms).saying("en", "See {{ portal.url }}");
    let (world, _) = waiting(link).await;
    let access = world
        .store
        .access_for(world.practice.id, world.matter.id, world.amina.id)
        .await
        .unwrap()
        .unwrap();
    world.portal.revoke_access(&world.owner, access.id).await.unwrap();
    does_not_leave(&world, "may not enter").await;
}

#[tokio::test]
async fn what_was_switched_off_is_not_sent_from_the_queue() {
    let off = |draft: WorkflowDraft| WorkflowDraft {
        enabled: false,
        ..draft
    };
    let without = |draft: WorkflowDraft| WorkflowDraft {
        automations: Vec::new(),
        ..draft
    };
    for change in [off as fn(WorkflowDraft) -> WorkflowDraft, without] {
        let (world, workflow) = waiting(sms()).await;
        let draft = change(workflow.draft.clone());
        let saved = world
            .portal
            .update_workflow(&world.owner, workflow.id, None, &draft);
        saved.await.unwrap();
        does_not_leave(&world, "does not send it any more").await;
    }
    let (world, workflow) = waiting(sms()).await;
    let removed = world.portal.remove_workflow(&world.owner, workflow.id, None);
    removed.await.unwrap();
    does_not_leave(&world, "does not send it any more").await;
}

#[tokio::test]
async fn consent_that_is_wanted_meanwhile_is_asked_for() {
    let (world, _) = waiting(sms()).await;
    let draft = PracticeDraft {
        settings: PracticeSettings {
            text_consent_needed: true,
            ..PracticeSettings::default()
        },
        ..world.practice.draft()
    };
    let saved = world.portal.update_practice(&world.owner, None, &draft);
    saved.await.unwrap();
    does_not_leave(&world, "did not agree").await;
}

#[tokio::test]
async fn another_number_is_not_texted_what_was_written_for_the_old_one() {
    let (world, _) = waiting(sms()).await;
    with_phone(&world, "0412 345 679").await;
    does_not_leave(&world, "another number").await;
}

#[tokio::test]
async fn quiet_hours_hold_for_every_try() {
    // The clock stands at some minute of this hour; quiet begins with the next.
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    let hour = |at: Timestamp| at.to_offset_date_time().hour();
    let now = world.portal.now();
    let quiet = QuietHours {
        from: hour(now + Duration::hours(1)),
        until: hour(now + Duration::hours(4)),
    };
    let automation = Automation {
        quiet_hours: Some(quiet),
        ..sms()
    };
    workflow(&world, automation).await;
    world.fakes.sms.fail_with(Some(SmsError::NotSent("429".into())));
    enter(&world, "Filing").await;
    let tried = history(&world).await.remove(0);
    assert_eq!((tried.state, tried.attempts), (DeliveryState::Queued, 1));
    world.fakes.sms.fail_with(None);
    world.fakes.clock.advance(Duration::hours(2));
    world.portal.drain().await.unwrap();
    let asleep = history(&world).await.remove(0);
    let end = quiet.over(world.portal.now(), "UTC");
    assert_eq!((asleep.state, asleep.attempts), (DeliveryState::Queued, 1));
    assert_eq!(asleep.due_at, end);
    assert_eq!(asleep.letter.cause().unwrap().not_before, end);
    let left = end - world.portal.now();
    world.fakes.clock.advance(left);
    world.portal.drain().await.unwrap();
    assert_eq!(history(&world).await[0].state, DeliveryState::Sent);
}

#[tokio::test]
async fn once_means_once_sent() {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    let once = Automation {
        again: Again::Once,
        ..sms()
    };
    workflow(&world, once).await;
    world.fakes.sms.fail_with(Some(SmsError::Refused("30003".into())));
    enter(&world, "Filing").await;
    assert_eq!(history(&world).await[0].state, DeliveryState::Failed);
    world.fakes.sms.fail_with(None);
    for _ in 0..2 {
        enter(&world, "Decision").await;
        enter(&world, "Filing").await;
    }
    assert_eq!(
        texts(&world).len(),
        1,
        "what certainly never arrived does not count"
    );
}

#[tokio::test]
async fn who_is_told_to_stop_hands_back_what_was_claimed() {
    let (world, _) = waiting(sms()).await;
    world.fakes.clock.advance(Duration::hours(2));
    let asked = std::sync::atomic::AtomicU32::new(0);
    // It stops between the claim and the attempt.
    let is_over = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 0;
    let worked = world.portal.send_due(Lane::Text, &is_over).await.unwrap();
    assert_eq!((worked.sent, worked.held_back), (0, 1));
    let back = history(&world).await.remove(0);
    assert_eq!((back.state, back.attempts), (DeliveryState::Queued, 0));
    // Nobody has to wait for the end of a lease.
    world.portal.drain().await.unwrap();
    assert_eq!(texts(&world).len(), 1);
}
