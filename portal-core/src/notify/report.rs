//! Messages in numbers: by state, channel and workflow, day by day.

use jiff::Timestamp as Instant;
use jiff::civil;
use jiff::tz::TimeZone;

use super::{DeliveryFilter, DeliveryState};
use crate::policy::Capability;
use crate::workflow::Channel;
use crate::{Context, Date, Duration, Error, Invalid, NoRule, Portal, Timestamp, WorkflowId};

/// A time from its beginning until before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

impl Span {
    /// Whether `at` is in it.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// The days from `first` to `last`, both whole, as clocks show them in `zone` (IANA; UTC when there is no such zone). A
    /// day has 23 or 25 hours where clocks are put forward or back.
    ///
    /// ```
    /// use portal_core::notify::Span;
    /// use portal_core::Date;
    ///
    /// let day = Date::from_ordinal_date(2026, 94).unwrap(); // 4 April: the night after, clocks are put back
    /// let span = Span::of_days(day, day.next_day().unwrap(), "Australia/Sydney").unwrap();
    /// assert_eq!(span.from.to_string(), "2026-04-03T13:00:00.000000Z");
    /// assert_eq!(span.until.to_string(), "2026-04-05T14:00:00.000000Z");
    /// ```
    #[must_use]
    pub fn of_days(first: Date, last: Date, zone: &str) -> Option<Self> {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let begin = |day: civil::Date| {
            let zoned = day.to_zoned(zone.clone()).ok()?;
            Timestamp::from_unix(zoned.timestamp().as_second())
        };
        Some(Self {
            from: begin(civil_date(first)?)?,
            until: begin(civil_date(last)?.tomorrow().ok()?)?,
        })
    }
}

fn civil_date(date: Date) -> Option<civil::Date> {
    let (year, day) = date.to_ordinal_date();
    let first = civil::Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
    first.checked_add(jiff::Span::new().days(i64::from(day) - 1)).ok()
}

/// The day that clocks show at `at` in `zone`.
pub(crate) fn day_of(at: Timestamp, zone: &str) -> Date {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let there =
        Instant::from_second(at.to_offset_date_time().unix_timestamp()).map(|at| at.to_zoned(zone).date());
    let found = there.ok().and_then(|day| {
        let ordinal = u16::try_from(day.day_of_year()).ok()?;
        Date::from_ordinal_date(day.year().into(), ordinal).ok()
    });
    found.unwrap_or_else(|| at.date())
}

/// How many messages are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryCount {
    /// What became of them.
    pub state: DeliveryState,
    /// Over what.
    pub channel: Channel,
    /// The workflow whose automation they are of; `None` of all others.
    pub workflow: Option<WorkflowId>,
    /// How many.
    pub count: u64,
    /// How many [segments](super::Delivery::segments) providers charge for, of all of them together.
    pub segments: u64,
}

/// A day of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDay {
    /// The day, as the practice's clocks show it.
    pub date: Date,
    /// What was written on it.
    pub counts: Vec<DeliveryCount>,
}

impl ReportDay {
    /// How many segments of text messages of a kind providers charge for.
    #[must_use]
    pub fn segments(&self, is_one: impl Fn(&DeliveryCount) -> bool) -> u64 {
        let counts = self.counts.iter().filter(|count| is_one(count));
        counts.map(|count| count.segments).sum()
    }
}

/// Messages that were written in a period, by the day they were written on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageReport {
    /// The zone that decides which day it is.
    pub time_zone: String,
    /// Each day of the period, the first first, those without messages too.
    pub days: Vec<ReportDay>,
}

impl MessageReport {
    /// The longest period, in days.
    pub const MOST_DAYS: usize = 92;
    /// The period when none is chosen, in days.
    pub const USUAL_DAYS: usize = 30;

    /// How many messages of the whole period are of a kind.
    #[must_use]
    pub fn count(&self, is_one: impl Fn(&DeliveryCount) -> bool) -> u64 {
        let counts = self.days.iter().flat_map(|day| &day.counts);
        counts
            .filter(|count| is_one(count))
            .map(|count| count.count)
            .sum()
    }

    /// How many segments of text messages of a kind, of the whole period, providers charge for.
    #[must_use]
    pub fn segments(&self, is_one: impl Fn(&DeliveryCount) -> bool) -> u64 {
        self.days.iter().map(|day| day.segments(&is_one)).sum()
    }
}

impl Portal {
    /// How many segments of the [deliveries](Portal::deliveries) of a filter providers charge for.
    pub async fn segments_of(&self, ctx: &Context, filter: &DeliveryFilter) -> Result<u64, Error<NoRule>> {
        ctx.require(Capability::SeeAudit)?;
        let counts = self.store().delivery_counts(ctx.practice, filter).await?;
        Ok(counts.iter().map(|count| count.segments).sum())
    }

    /// Messages from the day `from` to the day `until`, both included; the 30 days up to today where none is given. Each
    /// number is that of [`Portal::deliveries`] with the same filter and the [`Span`] of the day.
    ///
    /// # Errors
    /// `Invalid` when the period ends before it begins, or has more than [`MessageReport::MOST_DAYS`] days.
    pub async fn message_report(
        &self,
        ctx: &Context,
        from: Option<Date>,
        until: Option<Date>,
    ) -> Result<MessageReport, Error<NoRule>> {
        ctx.require(Capability::SeeAudit)?;
        let zone = self.practice_of(ctx).await?.time_zone;
        let days = days(from, until, day_of(ctx.at, &zone))?;
        let mut report = MessageReport {
            days: Vec::with_capacity(days.len()),
            time_zone: zone,
        };
        for date in days {
            let counts = match Span::of_days(date, date, &report.time_zone) {
                Some(span) => {
                    let filter = DeliveryFilter {
                        created: Some(span),
                        ..DeliveryFilter::default()
                    };
                    self.store().delivery_counts(ctx.practice, &filter).await?
                }
                None => Vec::new(),
            };
            report.days.push(ReportDay { date, counts });
        }
        Ok(report)
    }
}

/// The days of a period.
fn days(from: Option<Date>, until: Option<Date>, today: Date) -> Result<Vec<Date>, Invalid> {
    let usual = i64::try_from(MessageReport::USUAL_DAYS).unwrap_or(1) - 1;
    let until = until.unwrap_or_else(|| from.map_or(today, |from| from.max(today)));
    let from = from.unwrap_or_else(|| until.saturating_sub(Duration::days(usual)));
    if from > until {
        return Err(Invalid::field(
            "until",
            "order",
            "The period ends before it begins.",
        ));
    }
    let most = MessageReport::MOST_DAYS;
    let days: Vec<Date> = std::iter::successors(Some(from), |day| day.next_day())
        .take_while(|day| *day <= until)
        .take(most + 1)
        .collect();
    if days.len() > most {
        let message = format!("Choose at most {most} days.");
        return Err(Invalid::field("from", "too-long", message));
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(day: u16) -> Date {
        Date::from_ordinal_date(2026, day).unwrap()
    }

    #[test]
    fn a_period_has_its_first_and_its_last_day() {
        assert_eq!(
            days(Some(date(3)), Some(date(5)), date(9)).unwrap(),
            [date(3), date(4), date(5)]
        );
        assert_eq!(days(None, None, date(40)).unwrap().len(), 30);
        assert_eq!(days(None, None, date(40)).unwrap().last(), Some(&date(40)));
        assert_eq!(days(Some(date(8)), None, date(9)).unwrap(), [date(8), date(9)]);
        assert_eq!(days(Some(date(12)), None, date(9)).unwrap(), [date(12)]);
        assert!(days(Some(date(5)), Some(date(4)), date(9)).is_err());
        assert_eq!(days(Some(date(1)), Some(date(92)), date(9)).unwrap().len(), 92);
        assert!(days(Some(date(1)), Some(date(93)), date(9)).is_err());
    }

    #[test]
    fn clocks_that_are_put_back_make_a_long_day() {
        let day = Date::from_ordinal_date(2026, 95).unwrap();
        let span = Span::of_days(day, day, "Australia/Sydney").unwrap();
        assert_eq!(span.until - span.from, Duration::hours(25));
        assert!(span.holds(span.from) && !span.holds(span.until));
        let late: Timestamp = "2026-04-04T13:30:00Z".parse().unwrap();
        assert_eq!(day_of(late, "Australia/Sydney"), day, "half past midnight there");
        assert_eq!(day_of(late, "Nowhere/Such"), day.previous_day().unwrap());
    }
}
