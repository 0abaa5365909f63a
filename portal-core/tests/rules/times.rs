//! Points in time, windows.

use portal_core::testing::strategies;
use portal_core::{Allowance, Duration, Timestamp};
use proptest::prelude::*;

const END: &str = "9999-12-31T23:59:59.999999Z";

#[test]
fn time_has_an_end_that_is_a_time_like_any_other() {
    let end: Timestamp = END.parse().unwrap();
    let far = Duration::weeks(60 * 10_000);
    for past_the_end in [
        end + far,
        end + Duration::nanoseconds(1),
        Timestamp::UNIX_EPOCH + far * 50,
    ] {
        assert_eq!(past_the_end, end);
        assert_eq!(past_the_end.to_string(), END);
    }
    for before_the_beginning in [Timestamp::UNIX_EPOCH - far, Timestamp::UNIX_EPOCH - far * 50] {
        let text = before_the_beginning.to_string();
        assert_eq!(text.len(), 27, "{text}");
        assert_eq!(text.parse::<Timestamp>().unwrap(), before_the_beginning);
    }
    assert_eq!(Timestamp::from_unix(i64::MAX), None);
    assert_eq!(Timestamp::from_unix(i64::MIN), None);
}

#[test]
fn text_of_other_zones_is_the_same_instant() {
    let utc: Timestamp = "2026-11-20T20:59:25.642066Z".parse().unwrap();
    for text in [
        "2026-11-21T07:59:25.642066+11:00",
        "2026-11-20T20:59:25.642066999Z",
        "2026-11-20t20:59:25.642066z",
    ] {
        assert_eq!(text.parse::<Timestamp>().unwrap(), utc, "{text}");
    }
    for wrong in [
        "",
        "2026-11-20",
        "2026-11-20T20:59:25",
        "2026-13-01T00:00:00Z",
        "now",
        "1763672365",
    ] {
        assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn text_comes_back_and_sorts_as_time_does(a in strategies::timestamp(), b in strategies::timestamp()) {
        let (text_a, text_b) = (a.to_string(), b.to_string());
        prop_assert_eq!(text_a.parse::<Timestamp>().unwrap(), a);
        prop_assert_eq!(text_a.len(), 27);
        prop_assert_eq!(a.cmp(&b), text_a.cmp(&text_b));
        prop_assert_eq!(serde_json::to_string(&a).unwrap(), format!("\"{text_a}\""));
    }

    #[test]
    fn times_are_whole_microseconds(at in strategies::timestamp(), nanos in 0_i64..2_000_000_000) {
        let later = Timestamp::new(at.to_offset_date_time() + Duration::nanoseconds(nanos.min(1)));
        prop_assert_eq!(later, at);
        let later = at + Duration::nanoseconds(nanos);
        prop_assert_eq!(later.to_string().parse::<Timestamp>().unwrap(), later);
    }

    #[test]
    fn every_moment_is_in_one_window(at in strategies::recent(), seconds in 1_i64..100_000, times in 0_u32..10) {
        let allowance = Allowance { times, every: Duration::seconds(seconds) };
        let (number, end) = allowance.window(at);
        prop_assert!(at < end, "a window ends after what is in it");
        prop_assert!(end - at <= allowance.every);
        let (again, same_end) = allowance.window(end - Duration::microseconds(1));
        prop_assert_eq!((again, same_end), (number, end));
        prop_assert_eq!(allowance.window(end).0, number + 1, "and the next begins where it ends");
        prop_assert_eq!((1..20).filter(|count| allowance.allows(*count)).count(), times as usize);
    }
}
