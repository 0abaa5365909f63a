//! Days and times as their readers say them: in the practice's time zone, near ones by name.

use jiff::Timestamp as Instant;
use jiff::civil;
use jiff::tz::TimeZone;
use portal_core::practice::Practice;
use portal_core::{Date, Timestamp};

use super::client::Due;

/// A place in time from which others are spoken of.
#[derive(Debug, Clone)]
pub struct When {
    zone: TimeZone,
    today: civil::Date,
    hour: i8,
}

impl When {
    /// Speaks of days as seen at `now` in the practice's time zone; in UTC when that zone is not one.
    #[must_use]
    pub fn new(practice: &Practice, now: Timestamp) -> Self {
        let zone = TimeZone::get(&practice.time_zone).unwrap_or(TimeZone::UTC);
        let there = instant(now).to_zoned(zone.clone());
        Self {
            zone,
            today: there.date(),
            hour: there.hour(),
        }
    }

    /// `Good morning`, `Good afternoon` or `Good evening`.
    #[must_use]
    pub const fn greeting(&self) -> &'static str {
        match self.hour {
            4..12 => "Good morning",
            12..18 => "Good afternoon",
            _ => "Good evening",
        }
    }

    /// Today's date there: what "overdue" is measured by.
    #[must_use]
    pub fn today(&self) -> Date {
        let day = u16::try_from(self.today.day_of_year()).unwrap_or(1);
        Date::from_ordinal_date(self.today.year().into(), day).unwrap_or(Date::MIN)
    }

    /// A day: `Today`, `Yesterday`, `Fri 27 Nov`, and with its year when that is another one.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> String {
        self.name(instant(at).to_zoned(self.zone.clone()).date())
    }

    /// A day and the time: `Today, 14:05`.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> String {
        let there = instant(at).to_zoned(self.zone.clone());
        format!("{}, {}", self.name(there.date()), there.strftime("%H:%M"))
    }

    /// The same within a sentence: `today, 14:05`.
    #[must_use]
    pub fn moment_within(&self, at: Timestamp) -> String {
        let there = instant(at).to_zoned(self.zone.clone());
        format!("{}, {}", within(self.name(there.date())), there.strftime("%H:%M"))
    }

    /// A day within a sentence: `today`, `Fri 27 Nov`.
    #[must_use]
    pub fn day_within(&self, at: Timestamp) -> String {
        within(self.day(at))
    }

    /// A calendar date within a sentence: `today`, `Fri 27 Nov`.
    #[must_use]
    pub fn date_within(&self, date: Date) -> String {
        within(self.date(date))
    }

    /// A calendar date: `Fri 27 Nov`.
    #[must_use]
    pub fn date(&self, date: Date) -> String {
        civil_date(date).map_or_else(String::new, |date| self.name(date))
    }

    /// A calendar date with its year, however near: `3 Mar 1991`. For birthdays and passports.
    #[must_use]
    pub fn full_date(date: Date) -> String {
        civil_date(date).map_or_else(String::new, |date| date.strftime("%-d %b %Y").to_string())
    }

    /// When something is due: `Due Fri 27 Nov`, `Was due Fri 13 Nov`. It is late from the day after.
    #[must_use]
    pub fn due(&self, date: Date) -> Due {
        let late = date < self.today();
        let word = if late { "Was due" } else { "Due" };
        let day = self.date_within(date);
        Due {
            text: format!("{word} {day}"),
            late,
        }
    }

    fn name(&self, date: civil::Date) -> String {
        if date == self.today {
            return "Today".to_owned();
        }
        if self.today.yesterday().is_ok_and(|yesterday| date == yesterday) {
            return "Yesterday".to_owned();
        }
        if self.today.tomorrow().is_ok_and(|tomorrow| date == tomorrow) {
            return "Tomorrow".to_owned();
        }
        let layout = if date.year() == self.today.year() {
            "%a %-d %b"
        } else {
            "%a %-d %b %Y"
        };
        date.strftime(layout).to_string()
    }
}

/// The name of a day as it stands within a sentence.
fn within(day: String) -> String {
    match day.as_str() {
        "Today" | "Tomorrow" | "Yesterday" => day.to_lowercase(),
        _ => day,
    }
}

fn instant(at: Timestamp) -> Instant {
    Instant::from_second(at.unix()).unwrap_or(Instant::UNIX_EPOCH)
}

fn civil_date(date: Date) -> Option<civil::Date> {
    let (month, day) = (u8::from(date.month()), date.day());
    civil::Date::new(
        i16::try_from(date.year()).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use portal_core::practice::PracticeDraft;
    use portal_core::{Ids, RandomIds};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn when(zone: &str, now: &str) -> When {
        let draft = PracticeDraft {
            name: "Harbour".into(),
            ..PracticeDraft::default()
        };
        let mut practice = Practice::new(RandomIds.uuid().into(), &draft, at(now)).unwrap();
        practice.time_zone = zone.into();
        When::new(&practice, at(now))
    }

    fn date(year: i32, day: u16) -> Date {
        Date::from_ordinal_date(year, day).unwrap()
    }

    #[test]
    fn days_are_those_of_the_practice() {
        // Half past ten at night in UTC is the next morning in Sydney.
        let sydney = when("Australia/Sydney", "2026-11-20T22:30:00Z");
        assert_eq!(sydney.today(), date(2026, 325));
        assert_eq!(sydney.moment(at("2026-11-20T22:05:00Z")), "Today, 09:05");
        assert_eq!(sydney.moment_within(at("2026-11-20T22:05:00Z")), "today, 09:05");
        assert_eq!(
            sydney.moment_within(at("2026-11-27T22:05:00Z")),
            sydney.moment(at("2026-11-27T22:05:00Z"))
        );
        assert_eq!(sydney.moment(at("2026-11-20T12:59:59Z")), "Yesterday, 23:59");
        assert_eq!(sydney.day(at("2026-11-18T22:05:00Z")), "Thu 19 Nov");
        assert_eq!(sydney.day(at("2025-11-18T22:05:00Z")), "Wed 19 Nov 2025");
        assert_eq!(when("UTC", "2026-11-20T22:30:00Z").today(), date(2026, 324));
    }

    #[test]
    fn a_zone_that_is_none_counts_as_utc() {
        let nowhere = when("Mars/Olympus", "2026-11-20T22:30:00Z");
        assert_eq!(nowhere.moment(at("2026-11-20T22:05:00Z")), "Today, 22:05");
    }

    #[test]
    fn people_are_greeted_by_their_own_clock() {
        for (now, sydney, london) in [
            ("2026-11-20T22:30:00Z", "Good morning", "Good evening"),
            ("2026-11-20T03:30:00Z", "Good afternoon", "Good evening"),
            ("2026-11-20T12:00:00Z", "Good evening", "Good afternoon"),
        ] {
            assert_eq!(when("Australia/Sydney", now).greeting(), sydney, "{now}");
            assert_eq!(when("Europe/London", now).greeting(), london, "{now}");
        }
    }

    #[test]
    fn what_is_due_today_is_not_late() {
        let sydney = when("Australia/Sydney", "2026-11-20T22:30:00Z");
        let due = |day| {
            let due = sydney.due(date(2026, day));
            (due.text, due.late)
        };
        assert_eq!(due(325), ("Due today".into(), false));
        assert_eq!(due(326), ("Due tomorrow".into(), false));
        assert_eq!(due(331), ("Due Fri 27 Nov".into(), false));
        assert_eq!(due(324), ("Was due yesterday".into(), true));
        assert_eq!(due(317), ("Was due Fri 13 Nov".into(), true));
        assert_eq!(When::full_date(date(1991, 62)), "3 Mar 1991");
    }
}
