//! Text messages of several parts, each of which its provider speaks of by itself.

use portal_core::Change;
use portal_core::notify::{DeliveryState, Told};
use portal_core::sms::{InboundSms, Keyword, SmsProgress, SmsReport, joined_ids};
use portal_core::text::Phone;

use crate::automations::{enter, history, sms, with_phone, workflow};
use crate::world::World;

async fn sent_in_two() -> World {
    let world = World::new().await;
    with_phone(&world, "0412 345 678").await;
    workflow(&world, sms()).await;
    world.fakes.sms.send_in_two_parts(true);
    enter(&world, "Filing").await;
    world
}

async fn told(world: &World, part: &str, progress: SmsProgress) -> (Told, DeliveryState) {
    let id = history(world).await[0].id;
    let report = SmsReport {
        provider_id: part.into(),
        progress,
    };
    let told = world.portal.note_sms_report(world.practice.id, id, &report).await;
    (told.unwrap(), history(world).await[0].state)
}

fn failed() -> SmsProgress {
    SmsProgress::Failed {
        why: "expired (Vonage 1)".into(),
        opted_out: false,
    }
}

#[tokio::test]
async fn it_is_delivered_when_all_of_it_is() {
    use DeliveryState::{Delivered, Sent};
    for order in [["sms-1", "sms-1-2"], ["sms-1-2", "sms-1"]] {
        let world = sent_in_two().await;
        assert_eq!(
            told(&world, order[0], SmsProgress::Sent).await,
            (Told::Known, Sent)
        );
        assert_eq!(
            told(&world, order[0], SmsProgress::Delivered).await,
            (Told::Changed, Sent)
        );
        assert_eq!(
            told(&world, order[0], SmsProgress::Delivered).await,
            (Told::Known, Sent)
        );
        assert_eq!(
            told(&world, "sms-2", SmsProgress::Delivered).await,
            (Told::NoSuchMessage, Sent)
        );
        assert_eq!(
            told(&world, order[1], SmsProgress::Delivered).await,
            (Told::Changed, Delivered)
        );
        assert_eq!(
            told(&world, order[0], SmsProgress::Delivered).await,
            (Told::Known, Delivered)
        );
    }
}

#[tokio::test]
async fn one_part_that_fails_makes_it_failed() {
    for part in ["sms-1", "sms-1-2"] {
        let world = sent_in_two().await;
        told(&world, "sms-1", SmsProgress::Delivered).await;
        assert_eq!(
            told(&world, part, failed()).await,
            (Told::Changed, DeliveryState::Failed)
        );
        let failed = history(&world).await.remove(0);
        assert_eq!(failed.last_error.as_deref(), Some("expired (Vonage 1)"));
        assert_eq!(
            told(&world, part, SmsProgress::Delivered).await.1,
            DeliveryState::Failed
        );
    }
}

#[tokio::test]
async fn a_receipt_that_overtakes_the_answer_speaks_of_its_part() {
    let world = sent_in_two().await;
    // As it stands while the provider answers.
    let mut asked = history(&world).await.remove(0);
    asked = asked.sending(world.portal.now(), world.portal.now());
    asked.provider_id = None;
    let change = Change::unaudited(world.practice.id, "as a worker does it").save(asked);
    world.portal.commit(change).await.unwrap();
    assert_eq!(
        told(&world, "sms-1-2", SmsProgress::Delivered).await.0,
        Told::Changed
    );
    let ids = joined_ids(["sms-1", "sms-1-2"]);
    let mended = history(&world).await.remove(0).taken_already(&ids).unwrap();
    assert_eq!(mended.clone().taken_already(&ids), None, "once");
    let change = Change::unaudited(world.practice.id, "as a worker does it").save(mended);
    world.portal.commit(change).await.unwrap();
    assert_eq!(history(&world).await[0].state, DeliveryState::Sent, "half of it");
    let rest = told(&world, "sms-1", SmsProgress::Delivered).await;
    assert_eq!(rest, (Told::Changed, DeliveryState::Delivered));
}

#[tokio::test]
async fn a_word_at_the_end_of_a_longer_message_is_no_keyword() {
    let world = World::new().await;
    for (is_part, expected) in [(true, None), (false, Some(Keyword::Stop))] {
        let inbound = InboundSms {
            provider_id: format!("in-{is_part}"),
            from: Phone::parse("from", "+61 412 345 678", "AU").unwrap(),
            to: "+61480000000".into(),
            text: "end.".into(),
            is_part,
        };
        let received = world.portal.receive_sms(world.practice.id, "fake", inbound).await;
        assert_eq!(received.unwrap(), (Told::Changed, expected));
    }
}
