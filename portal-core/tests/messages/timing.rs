//! When a message goes out.

use jiff::Timestamp as Instant;
use jiff::tz::TimeZone;
use portal_core::workflow::{Again, Automation, Channel, QuietHours};
use portal_core::{Duration, Timestamp};
use proptest::prelude::*;

/// Zones that make it hard: southern and northern summers, half hours, no summer, clocks put forward at midnight, and a day
/// that Samoa left out.
const ZONES: [&str; 10] = [
    "UTC",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Pacific/Apia",
    "nowhere/at-all",
];

fn hour(at: Timestamp, zone: &str) -> u8 {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let there = Instant::from_second(at.unix()).unwrap().to_zoned(zone);
    u8::try_from(there.hour()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn over(from: u8, until: u8, zone: &str, when: &str) -> String {
    QuietHours { from, until }.over(at(when), zone).to_string()
}

#[test]
fn a_night_is_waited_out() {
    for (when, expected) in [
        ("2026-06-10T20:59:59.999999Z", "2026-06-10T20:59:59.999999Z"),
        ("2026-06-10T21:00:00Z", "2026-06-11T08:00:00.000000Z"),
        ("2026-06-11T03:30:00Z", "2026-06-11T08:00:00.000000Z"),
        ("2026-06-11T08:00:00Z", "2026-06-11T08:00:00.000000Z"),
    ] {
        assert_eq!(over(21, 8, "UTC", when), expected, "{when}");
    }
    assert_eq!(
        over(12, 14, "UTC", "2026-06-11T12:30:00Z"),
        "2026-06-11T14:00:00.000000Z"
    );
    assert_eq!(
        over(9, 9, "UTC", "2026-06-11T09:30:00Z"),
        "2026-06-11T09:30:00.000000Z",
        "never quiet"
    );
}

#[test]
fn clocks_that_are_changed_are_minded() {
    // Berlin: 02:00 becomes 03:00 on 29 March 2026; eight o'clock comes an hour sooner.
    assert_eq!(
        over(21, 8, "Europe/Berlin", "2026-03-28T23:00:00Z"),
        "2026-03-29T06:00:00.000000Z"
    );
    // 03:00 becomes 02:00 on 25 October 2026.
    assert_eq!(
        over(21, 8, "Europe/Berlin", "2026-10-24T23:00:00Z"),
        "2026-10-25T07:00:00.000000Z"
    );
    // The end lies in the hour that is left out: 02:00 is 03:00.
    assert_eq!(
        over(21, 2, "Europe/Berlin", "2026-03-29T00:30:00Z"),
        "2026-03-29T01:00:00.000000Z"
    );
    // The end comes twice: the first time will do.
    assert_eq!(
        over(22, 2, "Europe/Berlin", "2026-10-24T22:30:00Z"),
        "2026-10-25T00:00:00.000000Z"
    );
    // Midnight is left out in Beirut on 29 March 2026, and it is the only loud hour.
    let only_midnight = over(1, 0, "Asia/Beirut", "2026-03-28T20:00:00Z");
    assert_eq!(only_midnight, "2026-03-29T21:00:00.000000Z");
}

proptest! {
    #[test]
    fn never_in_quiet_hours_and_never_earlier(
        from in 0_u8..24,
        until in 0_u8..24,
        zone in prop::sample::select(ZONES.as_slice()),
        unix in 1_293_840_000_i64..1_924_992_000,
        micros in 0_i64..1_000_000,
    ) {
        let asked = Timestamp::from_unix(unix).unwrap() + Duration::microseconds(micros);
        let quiet = QuietHours { from, until };
        let sent = quiet.over(asked, zone);
        prop_assert!(sent >= asked);
        prop_assert!(!quiet.covers(hour(sent, zone)), "{sent} is hour {} there", hour(sent, zone));
        prop_assert!(sent - asked <= Duration::hours(49), "{asked} became {sent}");
        if quiet.covers(hour(asked, zone)) {
            // Nothing loud was left out: a minute before is quiet, or was not asked for yet.
            let before = sent - Duration::minutes(1);
            prop_assert!(before < asked || quiet.covers(hour(before, zone)));
        } else {
            prop_assert_eq!(sent, asked, "there was nothing to wait for");
        }
        prop_assert_eq!(quiet.over(sent, zone), sent, "asking again changes nothing");
    }

    #[test]
    fn a_delay_comes_first(minutes in 0_u32..100_000, unix in 0_i64..2_000_000_000) {
        let entered = Timestamp::from_unix(unix).unwrap();
        let automation = Automation { delay_minutes: minutes, ..Automation::new(Channel::Sms) };
        prop_assert_eq!(automation.due_at(entered, "Europe/Berlin"), entered + Duration::minutes(minutes.into()));
        let quiet = QuietHours { from: 20, until: 9 };
        let automation = Automation { quiet_hours: Some(quiet), ..automation };
        let later = entered + Duration::minutes(minutes.into());
        prop_assert_eq!(automation.due_at(entered, "Europe/Berlin"), quiet.over(later, "Europe/Berlin"));
    }
}

#[test]
fn it_happens_again_when_it_should() {
    let now = at("2026-06-10T12:00:00Z");
    let day = Duration::days(1);
    for (again, last, allowed) in [
        (Again::Always, None, true),
        (Again::Always, Some(now), true),
        (Again::Once, None, true),
        (Again::Once, Some(now - day * 1_000), false),
        (Again::AfterDays(7), None, true),
        (
            Again::AfterDays(7),
            Some(now - day * 7 + Duration::microseconds(1)),
            false,
        ),
        (Again::AfterDays(7), Some(now - day * 7), true),
        (Again::AfterDays(0), Some(now), true),
    ] {
        assert_eq!(again.allows(last, now), allowed, "{again:?} after {last:?}");
    }
}
