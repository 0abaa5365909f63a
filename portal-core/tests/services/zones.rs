//! Quiet hours are those of the client's clock, wherever their practice is.

use jiff::tz::TimeZone;
use portal_core::client::ClientDraft;
use portal_core::notify::DeliveryState;
use portal_core::practice::PracticeDraft;
use portal_core::sms::SmsError;
use portal_core::workflow::{Automation, QuietHours};
use portal_core::{Context, Timestamp};

use crate::automations::{history, sms, workflow};
use crate::world::{World, client_draft, matter_draft};

const NIGHT: QuietHours = QuietHours { from: 21, until: 8 };

/// A practice in Sydney, and Amina where `zone` says.
async fn world(zone: &str) -> World {
    let world = World::new().await;
    let draft = PracticeDraft {
        time_zone: "Australia/Sydney".into(),
        ..world.practice.draft()
    };
    let saved = world.portal.update_practice(&world.owner, None, &draft);
    saved.await.unwrap();
    let draft = ClientDraft {
        phone: "+61 412 345 678".into(),
        time_zone: zone.into(),
        ..client_draft("Amina", "amina@mail.test")
    };
    let saved = world
        .portal
        .update_client(&world.owner, world.amina.id, None, &draft);
    saved.await.unwrap();
    let quiet = Automation {
        quiet_hours: Some(NIGHT),
        ..sms()
    };
    workflow(&world, quiet).await;
    world
}

/// Amina's matter comes into the stage at `when`; what is said of that, and the first try made.
async fn enter(world: &World, when: Timestamp) -> Vec<Timestamp> {
    world.fakes.clock.set(when);
    let ctx = Context::system(world.practice.id, "test", when);
    let mut draft = matter_draft("HM-1", world.owner_id);
    draft.stage = "Filing".into();
    let changed = world
        .portal
        .update_matter_with_effects(&ctx, world.matter.id, None, &draft)
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    changed
        .effects
        .sends
        .iter()
        .map(|sending| sending.not_before)
        .collect()
}

fn hour(at: Timestamp, zone: &str) -> u8 {
    let there = jiff::Timestamp::from_second(at.unix()).unwrap();
    u8::try_from(there.to_zoned(TimeZone::get(zone).unwrap()).hour()).unwrap()
}

#[tokio::test]
async fn nobody_is_written_to_at_night_where_they_live() {
    // Around the days on which clocks are changed in London, and in Sydney, and on a day like others.
    for day in [
        "2026-03-28",
        "2026-04-04",
        "2026-07-01",
        "2026-10-03",
        "2026-10-24",
    ] {
        let begins: Timestamp = format!("{day}T00:30:00Z").parse().unwrap();
        for hours in (0..48).step_by(5) {
            let when = begins + portal_core::Duration::hours(hours);
            for (zone, lives_in) in [("Europe/London", "Europe/London"), ("", "Australia/Sydney")] {
                let world = world(zone).await;
                let foretold = enter(&world, when).await;
                let written = history(&world).await.remove(0);
                let planned = written.letter.cause().unwrap().not_before;
                assert_eq!(foretold, [planned], "{when}: both say the same");
                assert_eq!(planned, NIGHT.over(when, lives_in), "{when} {lives_in}");
                assert!(
                    !NIGHT.covers(hour(planned, lives_in)),
                    "{when}: {planned} in {lives_in}"
                );
                let leaves_now = !NIGHT.covers(hour(when, lives_in));
                assert_eq!(
                    written.state == DeliveryState::Sent,
                    leaves_now,
                    "{when} {lives_in}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_later_try_waits_for_their_morning() {
    // The day before the last Sunday of March at 20:30 in London (07:30 in Sydney): clocks go forward that night.
    for (when, hours_to_night, morning) in [
        ("2026-03-28T20:30:00Z", 2, "2026-03-29T07:00:00.000000Z"),
        ("2026-10-24T19:30:00Z", 2, "2026-10-25T08:00:00.000000Z"),
        ("2026-07-01T19:30:00Z", 9, "2026-07-02T07:00:00.000000Z"),
    ] {
        let world = world("Europe/London").await;
        world.fakes.sms.fail_with(Some(SmsError::NotSent("429".into())));
        enter(&world, when.parse().unwrap()).await;
        assert_eq!(history(&world).await[0].attempts, 1, "{when}: it is evening yet");
        world.fakes.sms.fail_with(None);
        world
            .fakes
            .clock
            .advance(portal_core::Duration::hours(hours_to_night));
        world.portal.drain().await.unwrap();
        let asleep = history(&world).await.remove(0);
        assert_eq!(asleep.state, DeliveryState::Queued, "{when}");
        assert_eq!(asleep.due_at.to_string(), morning, "{when}");
        world.fakes.clock.set(asleep.due_at);
        world.portal.drain().await.unwrap();
        assert_eq!(history(&world).await[0].state, DeliveryState::Sent, "{when}");
    }
}

#[tokio::test]
async fn a_zone_is_one_of_the_list_in_its_spelling() {
    let world = World::new().await;
    let with = |zone: &str| ClientDraft {
        time_zone: zone.into(),
        ..client_draft("Amina", "amina@mail.test")
    };
    let save = async |zone: &str| {
        world
            .portal
            .update_client(&world.owner, world.amina.id, None, &with(zone))
            .await
    };
    for (written, kept) in [
        (" europe/london ", Some("Europe/London")),
        ("UTC", Some("UTC")),
        ("", None),
    ] {
        let saved = save(written).await.unwrap();
        assert_eq!(saved.time_zone.as_deref(), kept, "{written}");
    }
    for wrong in ["Mars/Olympus", "Etc/Unknown", "+11:00", "London"] {
        let refused = save(wrong).await.unwrap_err().to_string();
        assert!(refused.contains("no such time zone"), "{wrong}: {refused}");
    }
    let practice = PracticeDraft {
        time_zone: "Mars/Olympus".into(),
        ..world.practice.draft()
    };
    let saved = world.portal.update_practice(&world.owner, None, &practice);
    assert!(saved.await.is_err(), "nor is the practice there");
}
