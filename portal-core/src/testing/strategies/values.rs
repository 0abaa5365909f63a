use proptest::prelude::*;
use proptest::sample::select;

use crate::policy::Capability;
use crate::practice::PracticeSettings;
use crate::testing::FixedClock;
use crate::{Date, Digest, Duration, Timestamp};

/// Any point in time from the year 1 to 9999, to the microsecond.
pub fn timestamp() -> impl Strategy<Value = Timestamp> {
    let seconds = -62_135_596_800_i64..=253_402_300_799;
    (seconds, 0_i64..1_000_000).prop_map(|(seconds, micros)| {
        let whole = Timestamp::from_unix(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
        whole + Duration::microseconds(micros)
    })
}

/// A point in time within a few days of where [`FixedClock`] begins, often the same one.
pub fn recent() -> impl Strategy<Value = Timestamp> {
    let apart = prop_oneof![1 => Just(0_i64), 1 => -3_i64..=3, 2 => -300_000_000_000_i64..=300_000_000_000];
    apart.prop_map(|micros| FixedClock::default().time() + Duration::microseconds(micros))
}

/// A date that a form takes: 1850 to 2200.
pub fn date() -> impl Strategy<Value = Date> {
    (1_850_i32..=2_200, 1_u16..=366).prop_filter_map("a day of that year", |(year, day)| {
        Date::from_ordinal_date(year, day).ok()
    })
}

/// A hash.
pub fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

/// A capability.
pub fn capability() -> impl Strategy<Value = Capability> {
    select(&Capability::ALL[..])
}

/// Settings within their limits.
pub fn settings() -> impl Strategy<Value = PracticeSettings> {
    (
        10_u32..=2_880,
        10_u32..=2_880,
        5_u32..=2_880,
        1_u64..=5 << 30,
        proptest::bool::ANY,
        proptest::bool::ANY,
    )
        .prop_map(
            |(
                link_minutes,
                session_minutes,
                idle_minutes,
                upload_most_bytes,
                text_consent_needed,
                approval_factor_needed,
            )| {
                PracticeSettings {
                    link_minutes,
                    session_minutes,
                    idle_minutes,
                    upload_most_bytes,
                    text_consent_needed,
                    approval_factor_needed,
                }
            },
        )
}
