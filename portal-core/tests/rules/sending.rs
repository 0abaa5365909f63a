//! Trying again: deliveries and events.

use portal_core::notify::{Delivery, DeliveryState, SendError, retry_after};
use portal_core::policy::Role;
use portal_core::sms::{SmsError, SmsProgress, SmsReport};
use portal_core::testing::Samples;
use portal_core::{Duration, Event, EventState};
use proptest::prelude::*;

const SIX_HOURS: Duration = Duration::hours(6);

proptest! {
    #[test]
    fn waits_grow_and_have_a_limit(attempts: u32, jitter: u8) {
        let wait = retry_after(attempts, jitter);
        prop_assert!(wait >= Duration::seconds(5));
        prop_assert!(wait <= SIX_HOURS + SIX_HOURS / 4);
        let next = retry_after(attempts.saturating_add(1), jitter);
        prop_assert!(next >= wait, "the next wait is no shorter");
        prop_assert!(next <= wait * 2 + Duration::milliseconds(2), "nor more than double");
        let base = retry_after(attempts, 0);
        prop_assert!(wait >= base && wait <= base + base / 4, "jitter adds at most a quarter");
        prop_assert!(jitter == u8::MAX || retry_after(attempts, jitter + 1) >= wait);
    }

    #[test]
    fn a_failed_mail_is_tried_again_or_given_up(attempts in 1_u32..30, jitter: u8, refused: bool) {
        let samples = Samples::new(1);
        let matter = samples.matter(&samples.staff(Role::Owner));
        let event = samples.event(&matter, &samples.staff(Role::Member));
        let delivery = Delivery {
            attempts,
            state: DeliveryState::Sending,
            ..samples.delivery(&event, &matter, &samples.client("Anna", "Berg"))
        };
        let why = if refused { SendError::Refused("550 no".into()) } else { SendError::Unavailable("451 later".into()) };
        let failed = delivery.clone().failed(&why, samples.at, jitter);
        let last = refused || attempts >= Delivery::MOST_ATTEMPTS;
        prop_assert_eq!(failed.state, if last { DeliveryState::Failed } else { DeliveryState::Queued });
        let said = if refused { "550 no" } else { "451 later" };
        prop_assert!(failed.last_error.is_some_and(|text| text.contains(said)));
        prop_assert!(failed.due_at > samples.at);
        prop_assert_eq!(failed.version, delivery.version.next());
        let sent = delivery.sent(samples.at);
        prop_assert_eq!((sent.state, sent.sent_at, sent.last_error), (DeliveryState::Sent, Some(samples.at), None));
    }

    #[test]
    fn an_event_that_fails_too_often_is_left_for_people(attempts in 1_u32..30, jitter: u8) {
        let samples = Samples::new(1);
        let matter = samples.matter(&samples.staff(Role::Owner));
        let event = Event { attempts, ..samples.event(&matter, &samples.staff(Role::Member)) };
        let failed = event.clone().failed("broken template".into(), samples.at, jitter);
        let dead = attempts >= Event::MOST_ATTEMPTS;
        prop_assert_eq!(failed.state, if dead { EventState::Dead } else { EventState::Pending });
        prop_assert_eq!(failed.last_error.as_deref(), Some("broken template"));
        prop_assert!(failed.due_at > samples.at);
        prop_assert_eq!(event.done().state, EventState::Done);
    }
}

#[test]
fn all_tries_take_about_two_days() {
    for most in [Delivery::MOST_ATTEMPTS, Event::MOST_ATTEMPTS] {
        for jitter in [0, u8::MAX] {
            let all: Duration = (1..most).map(|attempts| retry_after(attempts, jitter)).sum();
            assert!(all > Duration::hours(40) && all < Duration::hours(60), "{all}");
        }
    }
}

#[test]
fn what_was_taken_or_may_have_been_has_segments() {
    let samples = Samples::new(1);
    let matter = samples.matter(&samples.staff(Role::Owner));
    let event = samples.event(&matter, &samples.staff(Role::Member));
    let (client, at) = (samples.client("Anna", "Berg"), samples.at);
    let text = Delivery {
        text: "Your case moved on. ".repeat(10),
        ..samples.automated(&event, &matter, &client)
    };
    let sending = || text.clone().sending(at, at);
    let taken = || sending().taken("SM1".into(), at);
    let report = |progress| SmsReport {
        provider_id: "SM1".into(),
        progress,
    };
    let undelivered = || {
        report(SmsProgress::Failed {
            why: "30003".into(),
            opted_out: false,
        })
    };
    for (delivery, expected) in [
        (text.clone(), 0),
        (sending(), 0),
        (taken(), 2),
        (taken().reported(&report(SmsProgress::Delivered), at).unwrap(), 2),
        (taken().reported(&undelivered(), at).unwrap(), 2),
        (sending().unknown("a time-out"), 2),
        (
            sending()
                .unknown("a time-out")
                .reported(&undelivered(), at)
                .unwrap(),
            2,
        ),
        (
            sending().not_taken(&SmsError::Refused("no such number".into()), false, at, 0),
            0,
        ),
        (
            sending().not_taken(&SmsError::NotSent("busy".into()), false, at, 0),
            0,
        ),
        (text.clone().held("opted out"), 0),
    ] {
        assert_eq!(delivery.segments(), expected, "{:?}", delivery.state);
    }
    let mail = samples.delivery(&event, &matter, &client).sent(at);
    assert_eq!(mail.segments(), 0, "a mail");
}
