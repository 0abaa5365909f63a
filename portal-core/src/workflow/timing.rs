//! When an automation's message goes out, and whether it goes out again.

use jiff::Timestamp as Instant;
use jiff::civil;
use jiff::tz::TimeZone;

use super::{Again, Automation, QuietHours};
use crate::{Date, Duration, Timestamp};

impl QuietHours {
    /// Whether the hour (0 to 23) is one of them. From an hour until the same hour there are none.
    #[must_use]
    pub const fn covers(self, hour: u8) -> bool {
        if self.from <= self.until {
            self.from <= hour && hour < self.until
        } else {
            self.from <= hour || hour < self.until
        }
    }

    /// The first moment at `at` or later that is not in them, where clocks show the time of `zone` (IANA, like
    /// `Australia/Sydney`; UTC when there is no such zone). Clocks that are put forward or back are minded.
    ///
    /// ```
    /// use portal_core::workflow::QuietHours;
    ///
    /// let night = QuietHours { from: 21, until: 8 };
    /// // Half past ten in the evening in Sydney; eight in the morning there.
    /// let at = "2026-11-20T11:30:00Z".parse().unwrap();
    /// assert_eq!(night.over(at, "Australia/Sydney").to_string(), "2026-11-20T21:00:00.000000Z");
    /// ```
    #[must_use]
    pub fn over(self, at: Timestamp, zone: &str) -> Timestamp {
        // Each step leads to the end of quiet hours. That is loud, unless clocks are put forward over the only loud hours
        // of a day, so two steps are enough; a few more cost nothing.
        const STEPS: usize = 8;
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let mut now = at;
        for _ in 0..STEPS {
            match self.end_after(now, &zone) {
                Some(later) => now = later,
                None => return now,
            }
        }
        now
    }

    /// The end of the quiet hours that `at` is in; `None` when it is in none.
    fn end_after(self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let at = instant(at)?;
        let there = at.to_zoned(zone.clone());
        let hour = u8::try_from(there.hour()).ok()?;
        if !self.covers(hour) {
            return None;
        }
        let until = civil::Time::new(i8::try_from(self.until).ok()?, 0, 0, 0).ok()?;
        let day = if hour < self.until {
            there.date()
        } else {
            there.date().tomorrow().ok()?
        };
        // Where clocks are put back over the end, it comes twice: the first time, unless that is over.
        let end = |day: civil::Date| {
            let end = zone.to_ambiguous_zoned(day.to_datetime(until));
            let first = end.clone().earlier().ok()?.timestamp();
            let last = end.later().ok()?.timestamp();
            [first, last].into_iter().find(|end| *end > at)
        };
        let end = end(day).or_else(|| end(day.tomorrow().ok()?))?;
        Timestamp::from_unix(end.as_second())
    }
}

fn instant(at: Timestamp) -> Option<Instant> {
    let at = at.to_offset_date_time();
    Instant::new(at.unix_timestamp(), i32::try_from(at.nanosecond()).ok()?).ok()
}

impl Again {
    /// Whether it happens at `now`, when the last time for the same recipient on the same matter was at `last`. A day has
    /// 24 hours.
    #[must_use]
    pub fn allows(self, last: Option<Timestamp>, now: Timestamp) -> bool {
        match (self, last) {
            (_, None) | (Self::Always, _) => true,
            (Self::Once, Some(_)) => false,
            (Self::AfterDays(days), Some(last)) => now - last >= Duration::days(days.into()),
        }
    }
}

impl Automation {
    /// When it is due, if the stage was entered at `entered` by somebody in `zone`: after its delay, and not in quiet hours.
    #[must_use]
    pub fn due_at(&self, entered: Timestamp, zone: &str) -> Timestamp {
        let asked = entered + Duration::minutes(self.delay_minutes.into());
        self.quiet_hours.map_or(asked, |quiet| quiet.over(asked, zone))
    }

    /// The last day for its task, when that is to be begun at `starts` in a practice in `zone` (IANA; UTC when there is no such
    /// zone): so many calendar days after the day that it is there. `None` when it may take as long as it takes.
    ///
    /// ```
    /// use portal_core::workflow::{Automation, Channel};
    ///
    /// let call = Automation { due_in_days: Some(2), ..Automation::new(Channel::Task) };
    /// // Half past ten in the evening of the 20th in London; the morning of the 21st in Sydney.
    /// let starts = "2026-11-20T22:30:00Z".parse().unwrap();
    /// assert_eq!(call.due_on(starts, "Europe/London").unwrap().to_string(), "2026-11-22");
    /// assert_eq!(call.due_on(starts, "Australia/Sydney").unwrap().to_string(), "2026-11-23");
    /// ```
    #[must_use]
    pub fn due_on(&self, starts: Timestamp, zone: &str) -> Option<Date> {
        let days = self.due_in_days?;
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let there = instant(starts)?.to_zoned(zone).date();
        let month = time::Month::try_from(u8::try_from(there.month()).ok()?).ok()?;
        let day = u8::try_from(there.day()).ok()?;
        let begins = Date::from_calendar_date(there.year().into(), month, day).ok()?;
        begins.checked_add(Duration::days(days.into()))
    }
}
