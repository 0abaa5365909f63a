//! Reports in numbers. Each number leads to the list of what it counts, which the same filter makes.

use std::collections::BTreeMap;

use axum::response::Response;
use portal_core::notify::{DeliveryCount, DeliveryFilter, DeliveryState, MessageReport, ReportDay, Span};
use portal_core::policy::Capability;
use portal_core::workflow::Channel;
use portal_core::{Date, Duration, Error, NoRule, WorkflowId};
use time::macros::format_description;
use url::form_urlencoded;

use super::asked::{Asked, counted, number};
use super::desk::{Desk, Outcome, tried};
use super::words::delivery_badge;
use crate::error::Problem;
use crate::web::staff::reports::{self as view, Bar, Chart, DayRow, Number, SplitRow};
use crate::web::staff::{Chip, Place};
use crate::web::view::Errors;

/// The states in the order of the page: from what went well to what did not.
const STATES: [DeliveryState; 7] = [
    DeliveryState::Delivered,
    DeliveryState::Sent,
    DeliveryState::Queued,
    DeliveryState::Sending,
    DeliveryState::Unknown,
    DeliveryState::Held,
    DeliveryState::Failed,
];

/// How bars are coloured, from below.
const COLOURS: [(&str, &[DeliveryState]); 4] = [
    ("chart__sent", &[DeliveryState::Delivered, DeliveryState::Sent]),
    ("chart__waiting", &[DeliveryState::Queued, DeliveryState::Sending]),
    ("chart__doubtful", &[DeliveryState::Unknown, DeliveryState::Held]),
    ("chart__failed", &[DeliveryState::Failed]),
];

/// A date as forms and addresses write it.
pub(super) fn iso(date: Date) -> String {
    date.format(format_description!("[year]-[month]-[day]"))
        .unwrap_or_default()
}

/// The date of a form or address; `None` when it is none.
pub(super) fn date(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

pub(super) const fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "Text messages",
        Channel::Email => "Mails",
        Channel::Task => "Tasks",
    }
}

/// A number, with the list that the filters make.
fn linked(count: u64, (first, last): (Date, Date), filters: &[(&str, &str)]) -> Number {
    if count == 0 {
        return Number {
            text: "\u{2013}".to_owned(),
            href: String::new(),
        };
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("since", &iso(first))
        .append_pair("until", &iso(last));
    for (name, value) in filters {
        query.append_pair(name, value);
    }
    Number {
        text: number(count),
        href: format!("/staff/mails?{}", query.finish()),
    }
}

/// What so many segments cost; a dash for none, and nothing where no price is known.
fn cost(desk: &Desk, segments: u64) -> String {
    match desk.state.cost_of(segments) {
        None => String::new(),
        Some(_) if segments == 0 => "\u{2013}".to_owned(),
        Some(cost) => cost.to_string(),
    }
}

/// The first and the last day of a report.
fn ends(report: &MessageReport) -> Option<(Date, Date)> {
    Some((report.days.first()?.date, report.days.last()?.date))
}

fn on_day(day: &ReportDay, states: &[DeliveryState]) -> u64 {
    let own = day.counts.iter().filter(|count| states.contains(&count.state));
    own.map(|count| count.count).sum()
}

/// Hundredths as the chart writes them.
fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

fn chart(desk: &Desk, report: &MessageReport, (first, last): (Date, Date)) -> Chart {
    let totals = report.days.iter().map(|day| (on_day(day, &STATES), day.date));
    let (most, busiest) = totals.rev().max_by_key(|(total, _)| *total).unwrap_or((0, first));
    let scale = Chart::HEIGHT * 100;
    let mut bars = Vec::new();
    for (at, day) in (0..).zip(&report.days) {
        let mut below = 0;
        for (class, states) in COLOURS {
            let count = on_day(day, states);
            if count == 0 {
                continue;
            }
            // Each edge is rounded by itself, so that parts meet.
            let edge = |count: u64| count * scale / most.max(1);
            let (bottom, top) = (edge(below), edge(below + count));
            below += count;
            let words = states.iter().filter_map(|state| {
                let own = on_day(day, &[*state]);
                (own > 0).then(|| format!("{} {}", number(own), delivery_badge(*state).text.to_lowercase()))
            });
            bars.push(Bar {
                class,
                x: at * Chart::STEP + (Chart::STEP - Chart::BAR) / 2,
                y: hundredths(scale - top),
                height: hundredths(top - bottom),
                title: format!(
                    "{}: {}",
                    desk.when.date(day.date),
                    words.collect::<Vec<_>>().join(", ")
                ),
            });
        }
    }
    let title = format!(
        "Messages by day from {} to {}, as the table below has them",
        desk.when.date_within(first),
        desk.when.date_within(last)
    );
    let (first, last) = (desk.when.date(first), desk.when.date(last));
    Chart {
        title,
        width: u64::try_from(report.days.len()).unwrap_or(1) * Chart::STEP,
        bars,
        most: format!(
            "{} on the busiest day, {}",
            counted(most, "message", "messages"),
            desk.when.date_within(busiest)
        ),
        first,
        last,
    }
}

/// Numbers of workflows, the most first, by name where they are alike.
async fn by_workflow(
    desk: &Desk,
    report: &MessageReport,
    ends: (Date, Date),
) -> Result<Vec<SplitRow>, Problem> {
    // Messages and segments.
    let mut sums: BTreeMap<WorkflowId, (u64, u64)> = BTreeMap::new();
    let mut others = (0, 0);
    for count in report.days.iter().flat_map(|day| &day.counts) {
        let sum = match count.workflow {
            Some(workflow) => sums.entry(workflow).or_default(),
            None => &mut others,
        };
        *sum = (sum.0 + count.count, sum.1 + count.segments);
    }
    let mut rows = Vec::new();
    for (id, sum) in sums {
        let name = workflow_name(desk, id).await?;
        rows.push((sum, name, id));
    }
    rows.sort_by(|a, b| b.0.0.cmp(&a.0.0).then_with(|| a.1.cmp(&b.1)));
    let rows = rows.into_iter().map(|((count, segments), name, id)| SplitRow {
        name,
        count: linked(count, ends, &[("workflow", &id.to_string())]),
        cost: cost(desk, segments),
    });
    let mut rows: Vec<SplitRow> = rows.collect();
    if others.0 > 0 {
        rows.push(SplitRow {
            name: "None: the portal's own and those of staff".to_owned(),
            // No list shows what belongs to no workflow.
            count: Number {
                text: number(others.0),
                href: String::new(),
            },
            cost: cost(desk, others.1),
        });
    }
    Ok(rows)
}

fn day_rows(desk: &Desk, report: &MessageReport, states: &[DeliveryState]) -> Vec<DayRow> {
    let row = |day: &ReportDay| {
        let own = (day.date, day.date);
        let state = |state: &DeliveryState| {
            let count = linked(on_day(day, &[*state]), own, &[("state", state.as_str())]);
            (delivery_badge(*state).text, count)
        };
        let all = ("All".to_owned(), linked(on_day(day, &STATES), own, &[]));
        DayRow {
            day: desk.when.date(day.date),
            numbers: states.iter().map(state).chain([all]).collect(),
            is_quiet: on_day(day, &STATES) == 0,
            cost: cost(desk, day.segments(|_| true)),
        }
    };
    report.days.iter().rev().map(row).collect()
}

fn chips(asked: &Asked, today: Date) -> Vec<Chip> {
    let chip = |days: i64| {
        let since = iso(today.saturating_sub(Duration::days(days - 1)));
        let until = iso(today);
        Chip {
            href: format!("/staff/reports/messages?since={since}&until={until}"),
            label: format!("Last {days} days"),
            count: String::new(),
            current: (asked.text("since"), asked.text("until")) == (since.as_str(), until.as_str()),
        }
    };
    [7, 30, 90].map(chip).into()
}

/// The dates that were asked for; what is none is noted.
pub(super) fn period(asked: &Asked, errors: &mut Errors) -> (Option<Date>, Option<Date>) {
    let mut read = |name: &str| {
        let text = asked.text(name);
        let found = date(text);
        if found.is_none() && !text.is_empty() {
            errors.add(name, "Write a date like 2026-11-20.");
        }
        found
    };
    (read("since"), read("until"))
}

pub(super) async fn messages(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    desk.ctx().require(Capability::SeeAudit)?;
    let mut errors = Errors::default();
    let (since, until) = period(&asked, &mut errors);
    let mut page = view::MessageReport {
        shell: desk.shell(Some(Place::Reports)).await?,
        period: "By what became of them, channel, workflow and day.".to_owned(),
        chips: chips(&asked, desk.when.today()),
        since: asked.text("since").to_owned(),
        until: asked.text("until").to_owned(),
        errors: Errors::default(),
        total: Number::default(),
        is_empty: true,
        chart: Chart::default(),
        states: Vec::new(),
        cost: String::new(),
        channels: Vec::new(),
        workflows: Vec::new(),
        columns: Vec::new(),
        days: Vec::new(),
    };
    if errors.is_empty() {
        match tried(desk.portal().message_report(desk.ctx(), since, until).await)? {
            Outcome::Done(report) => {
                fill(&desk, &mut page, &report).await?;
                return Ok(desk.page(&page));
            }
            Outcome::Wrong(wrong) => {
                for error in wrong.0 {
                    let field = if error.field == "from" { "since" } else { "until" };
                    errors.add(field, error.text);
                }
            }
        }
    }
    page.errors = errors;
    Ok(desk.mend(&page))
}

async fn fill(desk: &Desk, page: &mut view::MessageReport, report: &MessageReport) -> Result<(), Problem> {
    let Some(ends) = ends(report) else {
        return Ok(());
    };
    let (first, last) = ends;
    let total = report.count(|_| true);
    let of_state = |state: DeliveryState| report.count(|count: &DeliveryCount| count.state == state);
    let states: Vec<DeliveryState> = STATES.into_iter().filter(|state| of_state(*state) > 0).collect();
    page.period = format!(
        "Written from {} to {}. Days are those of {}.",
        desk.when.date_within(first),
        desk.when.date_within(last),
        report.time_zone
    );
    (page.since, page.until) = (iso(first), iso(last));
    page.total = linked(total, ends, &[]);
    page.is_empty = total == 0;
    page.chart = chart(desk, report, ends);
    let state = |state: &DeliveryState| {
        let count = linked(of_state(*state), ends, &[("state", state.as_str())]);
        (delivery_badge(*state), count)
    };
    page.states = states.iter().map(state).collect();
    let segments = report.segments(|_| true);
    page.cost = match cost(desk, segments) {
        price if segments > 0 && !price.is_empty() => format!(
            "Estimated cost of text messages: {price} for {}.",
            counted(segments, "segment", "segments")
        ),
        _ => String::new(),
    };
    let channels = [Channel::Email, Channel::Sms, Channel::Task].into_iter();
    let channels = channels.filter_map(|channel| {
        let is_one = |count: &DeliveryCount| count.channel == channel;
        let count = report.count(is_one);
        (count > 0).then(|| SplitRow {
            name: channel_word(channel).to_owned(),
            count: linked(count, ends, &[("channel", channel.as_str())]),
            cost: cost(desk, report.segments(is_one)),
        })
    });
    page.channels = channels.collect();
    page.workflows = by_workflow(desk, report, ends).await?;
    let heads = states.iter().map(|state| delivery_badge(*state).text);
    page.columns = heads.chain(["All".to_owned()]).collect();
    page.days = day_rows(desk, report, &states);
    Ok(())
}

/// The messages that an address asks for (`state`, `channel`, `workflow`, `since`, `until`), and that in words, with what their
/// text messages cost where a price is known. What makes no sense counts as not asked.
pub(super) async fn narrowed(desk: &Desk, asked: &Asked) -> Result<(DeliveryFilter, Vec<String>), Problem> {
    let (since, until) = period(asked, &mut Errors::default());
    let days = match (since, until) {
        (Some(since), Some(until)) if since <= until => Some((since, until)),
        _ => None,
    };
    let zone = &desk.practice().time_zone;
    let filter = DeliveryFilter {
        state: STATES
            .into_iter()
            .find(|state| state.as_str() == asked.text("state")),
        channel: [Channel::Email, Channel::Sms, Channel::Task]
            .into_iter()
            .find(|channel| channel.as_str() == asked.text("channel")),
        workflow: asked.value("workflow"),
        created: days.and_then(|(since, until)| Span::of_days(since, until, zone)),
        ..DeliveryFilter::default()
    };
    let mut words: Vec<String> = Vec::new();
    words.extend(filter.state.map(|state| delivery_badge(state).text));
    words.extend(filter.channel.map(|channel| channel_word(channel).to_owned()));
    if let Some(id) = filter.workflow {
        words.push(workflow_name(desk, id).await?);
    }
    if let Some((since, until)) = days {
        let (first, last) = (desk.when.date(since), desk.when.date(until));
        words.push(if since == until {
            first
        } else {
            format!("{first} to {last}")
        });
    }
    if let Some(cost) = priced(desk, &filter).await? {
        words.push(cost);
    }
    Ok((filter, words))
}

/// What the text messages of a filter cost; `None` where no price is known, or nothing costs anything. Of all that was ever
/// written it is not reckoned, because that is no period of the report.
async fn priced(desk: &Desk, filter: &DeliveryFilter) -> Result<Option<String>, Problem> {
    if desk.state.cost_of(0).is_none() || filter.created.is_none() {
        return Ok(None);
    }
    let segments = desk.portal().segments_of(desk.ctx(), filter).await?;
    Ok(desk.state.cost_of(segments).filter(|_| segments > 0).map(|cost| {
        let segments = counted(segments, "segment", "segments");
        format!("{segments}, about {cost}")
    }))
}

/// A workflow's name, also of one that was removed.
async fn workflow_name(desk: &Desk, id: WorkflowId) -> Result<String, Problem> {
    let found = desk.portal().store().workflow(desk.ctx().practice, id).await;
    let found = found.map_err(Error::<NoRule>::from)?;
    Ok(found.map_or_else(|| "A workflow".to_owned(), |kept| kept.draft.name))
}
