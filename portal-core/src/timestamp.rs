//! Points in time.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::macros::{datetime, format_description};
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// A point in time: UTC, whole microseconds, so that both databases give back what they were given. It lies in the
/// years 0 to 9999; what would lie outside is brought to their first or last microsecond.
///
/// Its text has a fixed width (`2026-11-20T20:59:25.642066Z`, RFC 3339), so that text sorts as time does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    const FIRST: OffsetDateTime = datetime!(0000-01-01 0:00 UTC);
    const LAST: OffsetDateTime = datetime!(9999-12-31 23:59:59.999_999 UTC);

    /// The same instant in UTC, cut to whole microseconds.
    #[must_use]
    pub fn new(at: OffsetDateTime) -> Self {
        let at = at.clamp(Self::FIRST, Self::LAST).to_offset(UtcOffset::UTC);
        let cut = at.nanosecond() % 1_000;
        Self(at - Duration::nanoseconds(i64::from(cut)))
    }

    /// From whole seconds since 1970; `None` when out of range.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Option<Self> {
        let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        (Self::FIRST..=Self::LAST).contains(&at).then_some(Self(at))
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// The calendar date in UTC.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0.date()
    }

    /// The value as the `time` crate knows it.
    #[must_use]
    pub const fn to_offset_date_time(self) -> OffsetDateTime {
        self.0
    }

    /// This instant and `duration` more; the end of time when that is out of range.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self::new(self.0.saturating_add(duration))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layout =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
        f.write_str(&self.0.format(&layout).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = time::error::Parse;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OffsetDateTime::parse(text, &Rfc3339).map(Self::new)
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        Self::new(at)
    }
}

impl From<PrimitiveDateTime> for Timestamp {
    fn from(at: PrimitiveDateTime) -> Self {
        Self::new(at.assume_utc())
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        self.saturating_add(duration)
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self::new(self.0.saturating_sub(duration))
    }
}

impl Sub for Timestamp {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
